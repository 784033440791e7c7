"""Formats amounts, durations, sizes and errors for people."""

import math
from collections.abc import Callable, Mapping
from functools import cache
from string import Formatter

from bot.chat.texts.escaping import plain
from bot.chat.texts.texts import Speech
from bot.chat.texts.value_names import NAMED, name_of
from bot.errors import EaselError, Fact, Failure
from bot.ledger.pseudonyms import is_pseudonym
from bot.money import show
from bot.sizes import MEGABYTE

DETAIL_CHARACTERS = 200
"""How many characters of a provider's error message are shown."""

NAMES_CHARACTERS = 900
"""How many characters of a list of voices or styles are shown."""

NONE = "none"
"""The value that texts get for a missing or empty fact, so that they can select a variant."""

KINDS = {
    "target": "target", "scope": "scope", "owner": "owner", "rule": "rule", "what": "thing",
    "permission": "permission", "task": "task", "option": "option",
}  # fmt: skip
"""Facts that are text keys, with the prefix of those keys. A text may contain the texts of earlier facts."""

NAMES_IN_REASONS = {
    "task": "task", "needed-for": "task", "needed-or": "option", "needs": "option", "unless": "option",
    "exactly-one": "option", "together": "option", "not-taken": "option", "no-place": "option",
    "two-sources": "option", "own-option": "option", "file-kind": "kind",
}  # fmt: skip
"""Reasons whose values are names to translate, with the prefix of those names."""

ADVICE = {
    **dict.fromkeys(("pairs", "unreadable", "unknown-input", "own-option", "file-opaque", "file-mask-empty"), "change"),
    **dict.fromkeys(
        ("not-taken", "not-taken-at-all", "not-taken-here", "fixed", "closed", "closed-safety", "closed-size", "unless",
         "no-place", "no-files", "too-many"),
        "leave-out",
    ),
    **dict.fromkeys(("needed", "needed-or", "needed-for", "model-for-task"), "add"),
    **dict.fromkeys(("needs", "together"), "add-or-leave-out"),
    **dict.fromkeys(("exactly-one", "two-sources", "twice", "count-twice"), "just-one"),
    **dict.fromkeys(
        ("file-larger", "file-bytes", "file-pixels", "file-megapixels", "file-sides", "file-side-most", "file-frames",
         "file-heavy", "file-no-link"),
        "smaller-file",
    ),
    **dict.fromkeys(("file-kind", "file-ending"), "file-of-kind"),
    "task": "other-model", "blank": "write", "too-many-kept": "delete-preset", "file-side-least": "larger-file",
    "file-longer": "shorter-file", "file-link": "attach-again",
}  # fmt: skip
"""The advice for a reason, if the general advice of its error does not fit."""

OR_MODEL = "leave-out-or-model"
"""The advice in place of `leave-out` in a command with an option for the model."""

RANGES = frozenset({"takes-range", "file-length"})
"""Reasons whose value is a range such as `1 to 4`."""

COUNTS = frozenset({"file-bytes", "file-pixels"})
"""Reasons whose values are large numbers."""

MINUTES_PER_HOUR = SECONDS_PER_MINUTE = 60
TENTHS_BELOW_S = 10
MINUTES_FROM_S = 90


def duration(seconds: float, say: Speech) -> str:
    """Format a duration: 0.8 s, 12 s, 3 min, 1 h 20 min."""
    if seconds < TENTHS_BELOW_S:
        return say("seconds", n=f"{seconds:.1f}".removesuffix(".0"))
    if seconds < MINUTES_FROM_S:
        return say("seconds", n=f"{seconds:.0f}")
    minutes = round(seconds / 60)
    if minutes < MINUTES_PER_HOUR:
        return say("minutes", n=str(minutes))
    hours, rest = divmod(minutes, MINUTES_PER_HOUR)
    return say("hours-minutes", hours=str(hours), minutes=str(rest)) if rest else say("hours", n=str(hours))


def span(low_s: float, high_s: float, say: Speech) -> str:
    """Format a range of durations, rounded outwards, but never to 0: 8-12 s, 2-5 min, 50 s-3 min."""
    high, unit = (math.ceil(high_s / 60), "minutes") if high_s >= MINUTES_FROM_S else (math.ceil(high_s), "seconds")
    if unit == "minutes" and low_s < SECONDS_PER_MINUTE:
        low = say("seconds", n=str(max(1, math.floor(low_s))))
        return say("range", low=low, high=say(unit, n=str(high)))
    least = max(1, math.floor(low_s / 60) if unit == "minutes" else math.floor(low_s))
    return say(unit, n=say("range", low=str(least), high=str(high)) if least < high else str(max(1, high)))


def size(count: int) -> str:
    """Format a file size in bytes: 12 kB, 6.4 MB. The units are the same in every language."""
    return f"{count / MEGABYTE:.1f} MB" if count >= MEGABYTE else f"{max(1, round(count / 1_000))} kB"


def sentence(phrase: str) -> str:
    """Return the phrase with its first letter capitalized."""
    return phrase[:1].upper() + phrase[1:]


def relative(at_ms: int) -> str:
    """Format a time as a Discord timestamp, which clients keep up to date: "in 5 seconds"."""
    return f"<t:{at_ms // 1_000}:R>"


def mention(member: int, say: Speech) -> str:
    """Mention a member. An erased member cannot be mentioned: Discord would show a number or nobody."""
    return say("erased-member") if is_pseudonym(member) else f"<@{member}>"


def task(name: str, say: Speech) -> str:
    """Return the name of a task."""
    return _called("task", name, say)


def option(name: str, say: Speech) -> str:
    """Return the name of a command option as Discord shows it; a model's own input keeps its name."""
    return _called("option", name, say)


UNITS: Mapping[str, Callable[[float, Speech], str]] = {
    "_mcr": lambda value, _: show(int(value)),
    "_bytes": lambda value, _: size(int(value)),
    "_at": lambda value, _: relative(int(value) * 1_000),
    "_ms": lambda value, say: duration(value / 1_000, say),
    "_s": duration,
}
"""The suffixes of fact names that indicate their units, and how to show each unit."""


def parameters(facts: Mapping[str, Fact], say: Speech) -> dict[str, Fact]:
    """Convert facts to text parameters: amounts are formatted, untrusted texts escaped."""
    return dict(_parameter(name, value, say) for name, value in facts.items())


def translated_parameters(facts: Mapping[str, Fact], say: Speech) -> dict[str, Fact]:
    """Convert facts to text parameters, and replace facts that are keys with their texts."""
    plain_ones = parameters(facts, say)
    return plain_ones | _texts_of(plain_ones, facts, say)


def failure(error: Failure, say: Speech, *, released_mcr: int = 0, ordered: bool = True) -> str:
    """Format an error: what happened, what it cost (nothing), and what to do next.

    The cost is only mentioned for orders, because nobody expects `/style delete` to cost anything.
    """
    happened, advice = happened_and_advice(error, say)
    if not ordered:
        return say("refusal-said", happened=happened, advice=advice)
    money = say("released", amount=show(released_mcr)) if released_mcr else say("nothing-charged")
    return say("error-said", happened=happened, money=money, advice=advice)


def happened_and_advice(error: Failure, say: Speech) -> tuple[str, str]:
    """Return what happened and what to do next. A rule, a missing thing or a reason may have its own advice."""
    key = error.key if say.has(error.key) else "run-failed"
    facts = {**parameters(_absent(key), say), **parameters(error.facts, say), **_model(key, error.facts, say)}
    facts |= _texts_of(facts, error.facts, say)
    return say(key, **facts), say(next(filter(say.has, _advices(key, error.facts))), **facts)


def _advices(key: str, facts: Mapping[str, Fact]) -> tuple[str, ...]:
    """Return the keys of the advice for an error, the most specific first."""
    own = facts.get("advice") or ADVICE.get(str(facts.get("reason")))
    return f"rule-{facts.get('rule')}.advice", f"advice-{own}", f"advice-{facts.get('what')}", f"{key}.advice"


def _texts_of(facts: Mapping[str, Fact], error_facts: Mapping[str, Fact], say: Speech) -> dict[str, Fact]:
    """Return the texts of the facts that are keys or that come with a `reason`; facts without a text are left out."""
    keys = {name: f"{kind}-{error_facts.get(name, NONE)}" for name, kind in KINDS.items() if name in facts}
    keys |= {name: f"reason-{error_facts.get('reason')}" for name in ("problem", "detail") if name in facts}
    reason, option = str(error_facts.get("reason")), str(error_facts.get("option"))
    inner = {**facts, **{name: _inner(reason, value, say) for name, value in _values(facts)}}
    if option in NAMED and reason in {"takes", "takes-here"}:
        names = (name_of(option, one, say) for one in str(error_facts["takes"]).split(", "))
        inner["takes"] = plain(say("comma").join(names), NAMES_CHARACTERS)
    texts: dict[str, Fact] = {}
    for name, key in keys.items():
        if say.has(key):
            texts[name] = say(key, **{**inner, **texts})
    return texts


def _values(facts: Mapping[str, Fact]) -> list[tuple[str, str]]:
    return [(name, str(facts[name])) for name in ("takes", "has") if name in facts]


def _inner(reason: str, values: str, say: Speech) -> str:
    """Format the values of a reason: translated names, and lists and ranges in the style of the language."""
    low, to, high = values.partition(" to ")
    if to and reason in RANGES:
        return say("low-to-high", low=low, high=high)
    if reason in COUNTS and values.isdecimal():
        return f"{int(values):,}"
    kind = NAMES_IN_REASONS.get(reason)
    listed = values.split(", ")
    return say("comma").join(listed if kind is None else (_called(kind, one, say) for one in listed))


def _called(kind: str, name: str, say: Speech) -> str:
    key = f"{kind}-{name}"
    return say(key) if say.has(key) else name


def _model(key: str, facts: Mapping[str, Fact], say: Speech) -> dict[str, Fact]:
    """Return the label of the model, as in lists and cards; an unknown model keeps the typed text."""
    name = str(facts.get("model", ""))
    if not name or name.startswith("/") or key == "unknown-model":
        return {}
    return parameters({"model": name.rpartition("/")[2]}, say)


def _parameter(name: str, value: Fact, say: Speech) -> tuple[str, Fact]:
    if name in ("held_mcr", "until_at") and not value:
        return name.rpartition("_")[0], NONE
    for unit, formatted in UNITS.items():
        if name.endswith(unit):
            return name.removesuffix(unit), formatted(float(value), say)
    return name, (plain(value, DETAIL_CHARACTERS) or NONE) if isinstance(value, str) else value


@cache
def _absent(key: str) -> Mapping[str, Fact]:
    """Return all facts of this error, marked as missing, so that a failure from an older database can be formatted."""
    message = next((kind.message for kind in EaselError.family() if kind().key == key), "")
    names = [name for _, name, _, _ in Formatter().parse(message) if name]
    return {name.rpartition("_")[0] if name.endswith(tuple(UNITS)) else name: NONE for name in names}
