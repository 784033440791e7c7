"""Suggests the names and values of advanced inputs while they are typed, one pair at a time."""

import re
from collections.abc import Iterator, Sequence

from discord import app_commands

from bot.catalogue.advanced import Pairs, find_input, legal, quoted, scan, supports, write
from bot.catalogue.model import Input, InputKind, InputValue, Model
from bot.chat.texts.texts import Speech
from bot.errors import InvalidOrder

MOST = 25
CHARACTERS = 100
"""Discord's limits for the number of choices, and for the name and the value of each."""

HINT_CHARACTERS = 60

Choice = app_commands.Choice[str]

_STARTED = re.compile(r"\s*([^\s=\uff1d]+)\s*[=\uff1d]\s*(?:\([^()]*\)\s*)?[\"'\u201c]?(.*)", re.DOTALL)
"""A name and the beginning of its value."""


def suggestions(models: Sequence[Model], typed: str, say: Speech) -> list[Choice]:
    """Suggest how to continue the text: names of inputs, or values once a name is complete.

    `models` are those that the order could use, best first. Every suggestion begins with the text that is already
    complete.
    """
    pairs, rest = scan(typed)
    if pairs and rest and _goes_on(models, pairs, rest):
        *done, (name, value) = pairs
        offered = _values(models, tuple(done), name, f"{value} {rest}", say)
    elif rest:
        started = _STARTED.match(rest)
        offered = _values(models, pairs, started[1], started[2], say) if started else _names(models, pairs, rest, say)
    elif pairs and not typed[-1:].isspace():
        *done, (name, value) = pairs
        offered = _values(models, tuple(done), name, value, say)
    else:
        offered = _names(models, pairs, "", say)
    return [Choice(name=name, value=value) for name, value in dict(offered).items() if len(value) <= CHARACTERS][:MOST]


def _names(models: Sequence[Model], pairs: Pairs, fragment: str, say: Speech) -> Iterator[tuple[str, str]]:
    """Yield the inputs that are not set yet, preceded by the text itself if it is complete."""
    if pairs and not fragment:
        yield write(pairs), write(pairs)
    typed = fragment.strip().lower().replace("-", "_")
    fitting = [spec for spec in _inputs(models, pairs) if typed in spec.name]
    for spec in sorted(fitting, key=lambda one: not one.name.startswith(typed)):
        yield _shown(f"{_before(pairs)}{spec.name}=", _hint(spec, say))


def _values(models: Sequence[Model], pairs: Pairs, name: str, fragment: str, say: Speech) -> Iterator[tuple[str, str]]:
    """Yield the values of the named input that begin with what was typed, or all sensible values if none do."""
    spec = _input(models, pairs, name)
    if spec is None:
        return
    values = [str(value) if not isinstance(value, bool) else str(value).lower() for value in _sensible(spec)]
    text = fragment.strip("\"'\u201c\u201d ")
    typed = text.lower()
    fitting = [value for value in values if value.lower().startswith(typed)]
    if typed and not fitting:
        fitting = [value for value in values if typed in value.lower()]
    if text and legal(spec, text) and not spec.choices and typed not in fitting:
        fitting.insert(0, text)
    hint = "" if spec.choices else _hint(spec, say)
    for value in fitting or values:
        yield _shown(f"{_before(pairs)}{spec.name}={quoted(value)}", hint)


def _goes_on(models: Sequence[Model], pairs: Pairs, rest: str) -> bool:
    """Return whether the rest continues the last value, which has several words but no quotation marks yet."""
    *done, (name, value) = pairs
    spec = _input(models, tuple(done), name)
    begun = f"{value} {rest}".lower()
    return spec is not None and any(str(choice).lower().startswith(begun) for choice in spec.offered)


def _inputs(models: Sequence[Model], pairs: Pairs) -> list[Input]:
    """Return the unset inputs of the models that support all pairs; if several inputs share a name, only the first."""
    fitting = [model for model in models if supports(model, pairs)]
    named = {find_input(model, name).name for model in fitting for name, _ in pairs}
    found = {spec.name: spec for model in reversed(fitting) for spec in model.advanced if spec.name not in named}
    order = dict.fromkeys(spec.name for model in fitting for spec in model.advanced)
    return [found[name] for name in order if name in found]


def _input(models: Sequence[Model], pairs: Pairs, name: str) -> Input | None:
    for model in models:
        if supports(model, pairs):
            try:
                return find_input(model, name)
            except InvalidOrder:
                continue
    return None


def _sensible(spec: Input) -> list[InputValue]:
    """Return an input's choices, or a number's default and limits."""
    if spec.choices:
        return list(spec.offered)
    if spec.kind is InputKind.BOOLEAN:
        return [True, False]
    if spec.kind is InputKind.STRING:
        return []
    return [value for value in (spec.default, *spec.limits) if value is not None]


def _hint(spec: Input, say: Speech) -> str:
    """Return a hint about what an input accepts: a range or its choices, and the default."""
    low, high = spec.limits
    if spec.choices:
        hint = ", ".join(str(value) for value in spec.offered)
    elif spec.kind is InputKind.BOOLEAN:
        hint = "true / false"
    else:
        hint = say("low-to-high", low=str(low), high=str(high)) if low is not None and high is not None else ""
    if len(hint) > HINT_CHARACTERS:
        hint = f"{hint[: HINT_CHARACTERS - 1]}…"
    default = None if spec.default is None or spec.default in spec.hidden else str(spec.default)
    if default is None or len(default) > HINT_CHARACTERS // 2:
        return hint
    return say("choice-default", hint=hint, default=default.lower() if isinstance(spec.default, bool) else default)


def _before(pairs: Pairs) -> str:
    return f"{write(pairs)} " if pairs else ""


def _shown(value: str, hint: str) -> tuple[str, str]:
    """Return the name and the value of a choice. The hint is in parentheses, which are skipped if typing continues."""
    plain = hint.translate(str.maketrans("()\uff08\uff09", "[][]"))
    named = f"{value} ({plain})" if plain else value
    return (named if len(named) <= CHARACTERS else value), value
