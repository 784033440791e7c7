"""Says amounts, durations, sizes and errors as people read them."""

import math
from collections.abc import Mapping
from functools import cache
from string import Formatter

from bot.chat.texts.escaping import plain
from bot.chat.texts.loader import Speech
from bot.errors import EaselError, Fact, Failure
from bot.money import show
from bot.sizes import MEGABYTE

DETAIL_CHARACTERS = 200
"""How much of a provider's own message is shown."""

NONE = "none"
"""What an absent or empty fact is called inside the texts, so that they can choose their words."""

KINDS = {"rule": "rule", "what": "thing", "permission": "permission", "task": "task", "option": "option"}
"""Facts that are keys, and the family of texts that they are keys of."""

TAKEN = {
    "task": "task", "needed-for": "task", "needed-or": "option", "needs": "option", "unless": "option",
    "exactly-one": "option", "together": "option", "not-taken": "option", "no-place": "option",
    "two-sources": "option",
}  # fmt: skip
"""Reasons in which names stand, and of what."""

RANGES = frozenset({"takes-range", "file-length"})
"""Reasons in which `1 to 4` stands."""

MINUTES_PER_HOUR = 60
TENTHS_BELOW_S = 10
MINUTES_FROM_S = 90


def duration(seconds: float, say: Speech) -> str:
    """Say a length of time: 0.8 s, 12 s, 3 min, 1 h 20 min."""
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
    """Say a range of time, rounded outward so that it still holds what it held: 8-12 s, 2-5 min, 50 s-3 min."""
    high, unit = (math.ceil(high_s / 60), "minutes") if high_s >= MINUTES_FROM_S else (math.ceil(high_s), "seconds")
    if unit == "minutes" and low_s < MINUTES_FROM_S:
        low = say("seconds", n=str(math.floor(low_s)))
        return say("range", low=low, high=say(unit, n=str(high)))
    least = math.floor(low_s / 60) if unit == "minutes" else math.floor(low_s)
    return say(unit, n=say("range", low=str(least), high=str(high)) if least < high else str(high))


def size(count: int) -> str:
    """Write a file's size: 12 kB, 6.4 MB. The units are signs, the same in every language."""
    return f"{count / MEGABYTE:.1f} MB" if count >= MEGABYTE else f"{max(1, round(count / 1_000))} kB"


def sentence(phrase: str) -> str:
    """Let a phrase begin a line of its own."""
    return phrase[:1].upper() + phrase[1:]


def relative(at_ms: int) -> str:
    """Write a moment as a clock that Discord's clients keep running by themselves: "in 5 seconds"."""
    return f"<t:{at_ms // 1_000}:R>"


def task(name: str, say: Speech) -> str:
    """What a task is called."""
    return _called("task", name, say)


def option(name: str, say: Speech) -> str:
    """What an option of a command is called in Discord; a model's own input has no other name."""
    return _called("option", name, say)


def spoken(facts: Mapping[str, Fact], say: Speech) -> dict[str, Fact]:
    """Turn an error's facts into what its text may say: amounts written out, foreign texts made harmless."""
    return dict(_spoken(name, value, say) for name, value in facts.items())


def worded(facts: Mapping[str, Fact], say: Speech) -> dict[str, Fact]:
    """Turn facts into what a text may say, with the texts of those that are keys."""
    said = spoken(facts, say)
    return said | _texts_of(said, facts, say)


def failure(error: Failure, say: Speech, *, released_mcr: int = 0) -> str:
    """Say an error: what happened, what it cost (nothing), and what to do."""
    happened, advice = told(error, say)
    money = say("released", amount=show(released_mcr)) if released_mcr else say("nothing-charged")
    return say("error-said", happened=happened, money=money, advice=advice)


def told(error: Failure, say: Speech) -> tuple[str, str]:
    """Say an error without the money: what happened, and what to do. A rule may have an advice of its own."""
    key = error.key if say.has(error.key) else "run-failed"
    facts = {**spoken(_absent(key), say), **spoken(error.facts, say), **_model(key, error.facts, say)}
    facts |= _texts_of(facts, error.facts, say)
    advice = f"rule-{error.facts.get('rule')}.advice"
    return say(key, **facts), say(advice if say.has(advice) else f"{key}.advice", **facts)


def _texts_of(facts: Mapping[str, Fact], told: Mapping[str, Fact], say: Speech) -> dict[str, Fact]:
    """Those facts that are the key of a text, or have one beside them, in words; what has no text stays as it is."""
    keys = {name: f"{kind}-{told.get(name, NONE)}" for name, kind in KINDS.items() if name in facts}
    keys |= {name: f"reason-{told.get('reason')}" for name in ("problem", "detail") if name in facts}
    inner = {**facts, **{name: _inner(str(told.get("reason")), value, say) for name, value in _values(facts)}}
    return {name: say(key, **inner) for name, key in keys.items() if say.has(key)}


def _values(facts: Mapping[str, Fact]) -> list[tuple[str, str]]:
    return [(name, str(facts[name])) for name in ("takes", "has") if name in facts]


def _inner(reason: str, values: str, say: Speech) -> str:
    """The values that stand in a reason: names in words, a list and a range as the language writes them."""
    low, to, high = values.partition(" to ")
    if to and reason in RANGES:
        return say("low-to-high", low=low, high=high)
    kind = TAKEN.get(reason)
    listed = values.split(", ")
    return say("comma").join(listed if kind is None else (_called(kind, one, say) for one in listed))


def _called(kind: str, name: str, say: Speech) -> str:
    key = f"{kind}-{name}"
    return say(key) if say.has(key) else name


def _model(key: str, facts: Mapping[str, Fact], say: Speech) -> dict[str, Fact]:
    """A model by its label, as lists and cards call it; one that does not exist as it was typed."""
    name = str(facts.get("model", ""))
    if not name or name.startswith("/") or key == "unknown-model":
        return {}
    return spoken({"model": name.rpartition("/")[2]}, say)


def _spoken(name: str, value: Fact, say: Speech) -> tuple[str, Fact]:
    if name == "held_mcr" and not value:
        return "held", NONE
    if name.endswith("_mcr"):
        return name.removesuffix("_mcr"), show(int(value))
    if name.endswith("_bytes"):
        return name.removesuffix("_bytes"), size(int(value))
    if name.endswith("_ms"):
        return name.removesuffix("_ms"), duration(float(value) / 1_000, say)
    if name.endswith("_s"):
        return name.removesuffix("_s"), duration(float(value), say)
    return name, (plain(value, DETAIL_CHARACTERS) or NONE) if isinstance(value, str) else value


@cache
def _absent(key: str) -> Mapping[str, Fact]:
    """Every fact that an error of this key can have, as absent: what an older database lacks must not break a text."""
    message = next((kind.message for kind in _below(EaselError) if kind().key == key), "")
    names = [name for _, name, _, _ in Formatter().parse(message) if name]
    return {name.rpartition("_")[0] if name.endswith(("_mcr", "_bytes", "_ms", "_s")) else name: NONE for name in names}


def _below(kind: type[EaselError]) -> list[type[EaselError]]:
    return [kind, *(deeper for child in kind.__subclasses__() for deeper in _below(child))]
