"""Says amounts, durations, sizes and errors as people read them."""

import math
from collections.abc import Mapping
from functools import cache
from string import Formatter

from bot.chat.escape import plain
from bot.chat.texts.loader import Speech
from bot.credit import show
from bot.errors import EaselError, Fact, Failure

DETAIL_CHARACTERS = 200
"""How much of a provider's own message is shown."""

NONE = "none"
"""What an absent or empty fact is called inside the texts, so that they can choose their words."""

MEGABYTE = 1_000_000
MINUTES_PER_HOUR = 60
TENTHS_BELOW_S = 10
MINUTES_FROM_S = 90


def duration(seconds: float) -> str:
    """Write a length of time: 0.8 s, 12 s, 3 min, 1 h 20 min."""
    if seconds < TENTHS_BELOW_S:
        return f"{seconds:.1f}".removesuffix(".0") + " s"
    if seconds < MINUTES_FROM_S:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    if minutes < MINUTES_PER_HOUR:
        return f"{minutes} min"
    hours, rest = divmod(minutes, MINUTES_PER_HOUR)
    return f"{hours} h {rest} min" if rest else f"{hours} h"


def span(low_s: float, high_s: float) -> str:
    """Write a range of time, rounded outward so that it still holds what it held: 8-12 s, 2-5 min, 50 s-3 min."""
    high, unit = (math.ceil(high_s / 60), "min") if high_s >= MINUTES_FROM_S else (math.ceil(high_s), "s")
    if unit == "min" and low_s < MINUTES_FROM_S:
        low = f"{math.floor(low_s)} s"
        return f"{low}\u2013{high} min"
    least = math.floor(low_s / 60) if unit == "min" else math.floor(low_s)
    return f"{least}\u2013{high} {unit}" if least < high else f"{high} {unit}"


def size(count: int) -> str:
    """Write a file's size: 12 kB, 6.4 MB."""
    return f"{count / MEGABYTE:.1f} MB" if count >= MEGABYTE else f"{max(1, round(count / 1_000))} kB"


def relative(at_ms: int) -> str:
    """Write a moment as a clock that Discord's clients keep running by themselves: "in 5 seconds"."""
    return f"<t:{at_ms // 1_000}:R>"


def spoken(facts: Mapping[str, Fact]) -> dict[str, Fact]:
    """Turn an error's facts into what its text may say: amounts written out, foreign texts made harmless."""
    return dict(_spoken(name, value) for name, value in facts.items())


def failure(error: Failure, say: Speech, *, released_mcr: int = 0) -> str:
    """Say an error: what happened, what it cost (nothing), and what to do."""
    key = error.key if say.has(error.key) else "run-failed"
    facts = {**spoken(_absent(key)), **spoken(error.facts), **_model(key, error.facts)}
    for name, text in (("rule", f"rule-{error.facts.get('rule')}"), ("problem", f"reason-{error.facts.get('reason')}")):
        if say.has(text):
            facts[name] = say(text, **facts)
    money = say("released", amount=show(released_mcr)) if released_mcr else say("nothing-charged")
    return " ".join((say(key, **facts), money, say(f"{key}.advice", **facts)))


def _model(key: str, facts: Mapping[str, Fact]) -> dict[str, Fact]:
    """A model by its label, as lists and cards call it; one that does not exist as it was typed."""
    name = str(facts.get("model", ""))
    if not name or name.startswith("/") or key == "unknown-model":
        return {}
    return spoken({"model": name.rpartition("/")[2]})


def _spoken(name: str, value: Fact) -> tuple[str, Fact]:
    if name == "held_mcr" and not value:
        return "held", NONE
    if name.endswith("_mcr"):
        return name.removesuffix("_mcr"), show(int(value))
    if name.endswith("_bytes"):
        return name.removesuffix("_bytes"), size(int(value))
    if name.endswith("_ms"):
        return name.removesuffix("_ms"), duration(float(value) / 1_000)
    if name.endswith("_s"):
        return name.removesuffix("_s"), duration(float(value))
    return name, (plain(value, DETAIL_CHARACTERS) or NONE) if isinstance(value, str) else value


@cache
def _absent(key: str) -> Mapping[str, Fact]:
    """Every fact that an error of this key can have, as absent: what an older database lacks must not break a text."""
    message = next((kind.message for kind in _below(EaselError) if kind().key == key), "")
    names = [name for _, name, _, _ in Formatter().parse(message) if name]
    return {name.rpartition("_")[0] if name.endswith(("_mcr", "_bytes", "_ms", "_s")) else name: NONE for name in names}


def _below(kind: type[EaselError]) -> list[type[EaselError]]:
    return [kind, *(deeper for child in kind.__subclasses__() for deeper in _below(child))]
