"""The advanced option of an order: a model's own inputs that no other option fills.

Members write it as `name=value name2="two words"`. The text is read without knowing the model; names and values are
then checked against a model, so that the same order can be tried with several models.
"""

import re
from dataclasses import replace
from math import isfinite

from bot.catalogue.model import Input, InputKind, InputValue, Model
from bot.catalogue.refusals import RefusalReason, invalid, listed
from bot.catalogue.values import problem
from bot.errors import InvalidOrder

Pairs = tuple[tuple[str, str], ...]
"""Names and values as a member typed them."""

OPTION = "advanced"

# Chinese keyboards type full-width punctuation, phones type curly quotation marks: \uff08 \uff09 \uff1d \u201c \u201d.
# A suggestion may be followed by a hint in brackets, which stays in the text if the member keeps typing.
_BETWEEN = re.compile(r"(?:[\s,;]|\([^()]*\)|\uff08[^\uff08\uff09]*\uff09)*+")
_NAME = re.compile(r"[^\s,;=\uff1d()\"'\u201c\u201d]+")
_EQUALS = re.compile(r"\s*[=\uff1d]\s*(?:\([^()]*\)\s*)?")
_VALUE = re.compile(r"\"([^\"]*)\"|'([^']*)'|\u201c([^\u201d]*)\u201d|([^\s,;=()\"'\u201c\u201d]+)")
_PLAIN = re.compile(r"[^\s,;=()\uff08\uff09\"'\u201c\u201d]+")

_TRUTH = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
_INTEGER = re.compile(r"[+-]?[0-9]{1,18}")
_NUMBER = re.compile(r"[+-]?[0-9]{1,18}(?:\.[0-9]{0,18})?")

_CLOSED = {"safety": "closed-safety", "size": "closed-size"}
"""Reasons for refusing an input that are more specific than "it cannot be changed"."""


def scan(text: str) -> tuple[Pairs, str]:
    """Split text into its leading complete pairs and the rest, which is empty if all of it can be read."""
    pairs: list[tuple[str, str]] = []
    at = _skipped(text, 0)
    while at < len(text):
        name = _NAME.match(text, at)
        equals = _EQUALS.match(text, name.end()) if name else None
        value = _VALUE.match(text, equals.end()) if equals else None
        if name is None or value is None:
            break
        pairs.append((name[0], next(group for group in value.groups() if group is not None)))
        at = _skipped(text, value.end())
    return tuple(pairs), text[at:]


def parse(text: str | None, command: str) -> Pairs | None:
    """Read the text of the option; None if it has no pairs. Raises InvalidOrder, which names the command."""
    pairs, rest = scan(text or "")
    if rest:
        raise invalid(command, OPTION, "pairs", has=rest)
    return pairs or None


def write(pairs: Pairs | None) -> str:
    """Return the text that `parse` reads as these pairs."""
    return " ".join(f"{name}={quoted(value)}" for name, value in pairs or ())


def quoted(value: str) -> str:
    """Return a value with quotation marks if it needs them."""
    if _PLAIN.fullmatch(value):
        return value
    return f"'{value}'" if '"' in value else f'"{value}"'


def inputs_from(model: Model, pairs: Pairs) -> dict[str, InputValue]:
    """Return the model's inputs that the pairs fill. Raises InvalidOrder, which names the input."""
    filled: dict[str, InputValue] = {}
    for name, text in pairs:
        spec = find_input(model, name)
        if spec.name in filled:
            raise invalid(model.id, spec.name, "twice")
        filled[spec.name] = _value(model, spec, text)
    return filled


def supports(model: Model, pairs: Pairs) -> bool:
    """Return whether the model has an advanced input for every name."""
    try:
        return all(find_input(model, name) for name, _ in pairs)
    except InvalidOrder:
        return False


def find_input(model: Model, name: str) -> Input:
    """Return the advanced input with this name, or the only one whose name contains all words of `name` (`steps`).

    Raises InvalidOrder with the reason why there is none.
    """
    typed = name.lower().replace("-", "_")
    spec = model.input(typed) or model.filled_by(typed)
    if spec is not None:
        if spec.advanced:
            return spec
        raise _refused(model, spec)
    words = set(typed.split("_"))
    similar = [one for one in model.advanced if words <= set(one.name.split("_"))]
    if len(similar) == 1:
        return similar[0]
    if not model.advanced:
        raise invalid(model.id, OPTION, "not-taken-at-all")
    raise invalid(model.id, name, "unknown-input", listed(tuple(one.name for one in model.advanced)))


def legal(spec: Input, text: str) -> bool:
    """Return whether the input accepts this text as its value."""
    value = _read(spec, text)
    return value is not None and problem(_bounded(spec), value) is None


def _skipped(text: str, at: int) -> int:
    found = _BETWEEN.match(text, at)
    return found.end() if found else at


def _refused(model: Model, spec: Input) -> InvalidOrder:
    if spec.option or spec.roles:
        return invalid(model.id, spec.name, "own-option", spec.called)
    return invalid(model.id, spec.name, _CLOSED.get(spec.closed or "", "closed"))


def _value(model: Model, spec: Input, text: str) -> InputValue:
    value = _read(spec, text)
    wrong = _unreadable(spec) if value is None else problem(_bounded(spec), value)
    if value is None or wrong is not None:
        raise invalid(model.id, spec.name, wrong or _unreadable(spec))
    return value


def _unreadable(spec: Input) -> RefusalReason:
    if spec.choices:
        return RefusalReason("takes", listed(spec.offered))
    return RefusalReason(f"takes-{spec.kind}")


def _read(spec: Input, text: str) -> InputValue | None:
    """Return the text as a value of the input's type, None if it is not one."""
    if spec.choices:
        return _choice(spec, text)
    match spec.kind:
        case InputKind.INTEGER:
            return int(text) if _INTEGER.fullmatch(text) else None
        case InputKind.NUMBER:
            return _number(text)
        case InputKind.BOOLEAN:
            return _TRUTH.get(text.lower())
        case _:
            return text


def _number(text: str) -> int | float | None:
    if _INTEGER.fullmatch(text):
        return int(text)
    value = float(text) if _NUMBER.fullmatch(text) else None
    return value if value is not None and isfinite(value) else None


def _choice(spec: Input, text: str) -> InputValue | None:
    """Return the choice with this text, ignoring case, or the only one that begins with it."""
    typed = text.strip().lower()
    by_text = {str(value).lower(): value for value in spec.choices if value not in spec.hidden}
    by_text |= {word.lower(): value for word, value in spec.words.items()}
    if typed in by_text:
        return by_text[typed]
    similar = {value for word, value in by_text.items() if typed and word.startswith(typed)}
    return similar.pop() if len(similar) == 1 else None


def _bounded(spec: Input) -> Input:
    low, high = spec.limits
    return replace(spec, minimum=low, maximum=high)
