"""Allowances for roles: the records, and the shares that a member is due. Pure.

A rule gives its amount once per period, when the member first uses Easel in it. `ADD` adds the amount; `FILL` tops the
balance up to it. If several of a member's roles have a rule, every `ADD` counts, but only the highest `FILL` of each
cadence. Filling comes first, so that added credits do not reduce it. `allowance_rows.py` draws the shares that are due.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from enum import StrEnum

from bot.calendar_periods import Every, name_at

CADENCES = tuple(Every)


class How(StrEnum):
    """The effect of an allowance. The values are stored."""

    FILL = "fill"
    ADD = "add"


@dataclass(frozen=True, slots=True)
class Allowance:
    """A rule: an amount for each member with a role, once in each period. `since_ms` is when the rule was made."""

    id: int
    guild: int
    role: int
    amount_mcr: int
    every: Every
    how: How
    reason: str
    since_ms: int

    def period_at(self, at_ms: int, zone: tzinfo) -> str:
        """Return the period whose share can be drawn now. It never precedes the rule."""
        return name_at(self.every, max(at_ms, self.since_ms), zone)


@dataclass(frozen=True, slots=True)
class Share:
    """A member's share of a rule in a period: `wanted_mcr` if the pool has that much, otherwise `given_mcr`."""

    rule: Allowance
    period: str
    wanted_mcr: int
    given_mcr: int

    @property
    def is_short(self) -> bool:
        """Whether the pool could not give all of it."""
        return self.given_mcr < self.wanted_mcr

    @property
    def is_over(self) -> bool:
        """Whether the period's share is used up. If the pool has nothing at all, it can still be drawn later."""
        return self.given_mcr > 0 or not self.wanted_mcr


@dataclass(frozen=True, slots=True)
class DueRules:
    """The rules of a member's roles, their time zone, and the ids of rules whose share is still undrawn."""

    rules: Sequence[Allowance]
    zone: tzinfo
    undrawn: Collection[int]


def shares(due: DueRules, available_mcr: int, pool_mcr: int, at_ms: int) -> tuple[Share, ...]:
    """Return the shares that are due, in the order in which they are drawn."""
    counted = {rule.id for rule in (*_highest_fills(due.rules), *(one for one in due.rules if one.how is How.ADD))}
    found: list[Share] = []
    for rule in sorted(due.rules, key=_turn):
        if rule.id not in due.undrawn:
            continue
        wanted = rule.amount_mcr if rule.how is How.ADD else max(0, rule.amount_mcr - available_mcr)
        wanted = wanted if rule.id in counted else 0
        given = min(wanted, pool_mcr)
        available_mcr, pool_mcr = available_mcr + given, pool_mcr - given
        found.append(Share(rule, rule.period_at(at_ms, due.zone), wanted, given))
    return tuple(found)


def _highest_fills(rules: Iterable[Allowance]) -> list[Allowance]:
    highest: dict[Every, Allowance] = {}
    for rule in rules:
        known = highest.get(rule.every)
        if rule.how is How.FILL and (known is None or (rule.amount_mcr, -rule.id) > (known.amount_mcr, -known.id)):
            highest[rule.every] = rule
    return list(highest.values())


def _turn(rule: Allowance) -> tuple[bool, int, int]:
    return rule.how is How.ADD, CADENCES.index(rule.every), rule.id
