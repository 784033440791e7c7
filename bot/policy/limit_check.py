"""Checks limits against what was used: for a prediction before an order, and to name the limit that stopped one."""

from collections.abc import Iterable

from bot.errors import Fact, LimitReached
from bot.policy.matching import Quota
from bot.policy.policy_records import Limit, LimitKind, Usage, Used
from bot.policy.usage_periods import next_start_ms

MILLISECONDS = 1_000


def exceeded(quotas: Iterable[Quota], usage: Usage, price_mcr: int, at_ms: int) -> tuple[Limit, Used] | None:
    """Return the first limit that an order of this price would exceed, and what is used of it; None if none."""
    for quota in quotas:
        used = usage.of(quota.counter)
        for kind in LimitKind:
            limit = quota.limits.get(kind)
            if limit is not None and _exceeds(limit, used, price_mcr, at_ms):
                return limit, used
    return None


def _exceeds(limit: Limit, used: Used, price_mcr: int, at_ms: int) -> bool:
    match limit.kind:
        case LimitKind.CONCURRENT:
            return used.running + 1 > limit.amount
        case LimitKind.JOB:
            return price_mcr > limit.amount
        case LimitKind.COOLDOWN:
            return used.last_ms > 0 and used.last_ms + limit.amount * MILLISECONDS > at_ms
        case _:
            return used.of(limit.kind) + price_mcr > limit.amount


def refusal(limit: Limit, used: Used, price_mcr: int, at_ms: int, time_zone: str) -> LimitReached:
    """Return the error that names a limit that an order would exceed, and when the order would be possible."""
    facts: dict[str, Fact] = {
        "number": limit.number,
        "limit": limit.kind.value,
        "owner": f"{'shared' if limit.shared else 'each'}-{limit.scope}",
        "subject": limit.subject,
        "needed_mcr": price_mcr,
        "running": used.running,
        "jobs": 0, "most_mcr": 0, "left_mcr": 0, "apart_s": 0, "again_at": 0,
    }  # fmt: skip
    match limit.kind:
        case LimitKind.CONCURRENT:
            facts |= {"jobs": limit.amount}
        case LimitKind.JOB:
            facts |= {"most_mcr": limit.amount}
        case LimitKind.COOLDOWN:
            facts |= {"apart_s": limit.amount, "again_at": (used.last_ms // MILLISECONDS) + limit.amount + 1}
        case _:
            again_ms = next_start_ms(limit.kind, at_ms, time_zone)
            left_mcr = max(0, limit.amount - used.of(limit.kind))
            facts |= {"most_mcr": limit.amount, "left_mcr": left_mcr, "again_at": again_ms // MILLISECONDS}
    return LimitReached(**facts)
