"""Checks limits against usage, to predict whether an order is possible and to name the limit that stopped one.

The kinds of limits and their periods are in `policy_records.py`. `usage_limit_rows.py` enforces limits when an order
is accepted.
"""

from collections.abc import Iterable
from datetime import tzinfo

from bot.calendar_periods import next_begin_ms
from bot.errors import Fact, LimitReached
from bot.policy.applicable_limits import Quota
from bot.policy.policy_records import PERIODS, Limit, LimitKind, Usage, Used

MILLISECONDS = 1_000


def exceeded(quotas: Iterable[Quota], usage: Usage, price_mcr: int, at_ms: int) -> tuple[Limit, Used] | None:
    """Return the first limit that an order of this price would exceed, and its usage; None if there is none."""
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


def refusal(limit: Limit, used: Used, price_mcr: int, at_ms: int, where: tzinfo) -> LimitReached:
    """Return the error that names a limit that an order would exceed, and when the order would be possible."""
    facts = limit_facts(limit) | {"needed_mcr": price_mcr, "running": used.running, "left_mcr": 0, "again_at": 0}
    if limit.kind is LimitKind.COOLDOWN:
        facts["again_at"] = (used.last_ms // MILLISECONDS) + limit.amount + 1
    elif limit.kind in PERIODS:
        facts["left_mcr"] = max(0, limit.amount - used.of(limit.kind))
        facts["again_at"] = next_begin_ms(PERIODS[limit.kind], at_ms, where) // MILLISECONDS
    return LimitReached(**facts)


def limit_facts(limit: Limit) -> dict[str, Fact]:
    """Return the facts that describe a limit to people."""
    jobs, seconds = (limit.amount if limit.kind is kind else 0 for kind in (LimitKind.CONCURRENT, LimitKind.COOLDOWN))
    return {
        "number": limit.number,
        "limit": limit.kind.value,
        "owner": f"{'shared' if limit.shared else 'each'}-{limit.scope}",
        "subject": limit.subject,
        "jobs": jobs,
        "apart_s": seconds,
        "most_mcr": 0 if jobs or seconds else limit.amount,
    }
