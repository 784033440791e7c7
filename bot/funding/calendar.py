"""Calendar periods, as allowances and budgets name them: `2026-11-29`, `2026-W48`, `2026-11`.

They begin at midnight in the guild's time zone. The names of one kind sort in the order of time.
"""

from datetime import datetime, timedelta
from enum import StrEnum

from bot.policy import guild_rows, usage_periods
from bot.storage.operation import Operation

DEFAULT_ZONE = "UTC"
ONCE = "once"
"""The name of the only period of what happens once."""


class Every(StrEnum):
    """How often something happens. The values are stored."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    ONCE = "once"


def time_zone(guild: int) -> Operation[str]:
    """Return the name of the time zone in which a guild's periods begin."""
    return (yield from guild_rows.time_zone(guild))


def period(every: Every, at_ms: int, zone: str) -> str:
    """Return the name of the period that contains a moment."""
    local = _local(at_ms, zone)
    match every:
        case Every.DAY:
            return local.date().isoformat()
        case Every.WEEK:
            year, week, _ = local.isocalendar()
            return f"{year}-W{week:02}"
        case Every.MONTH:
            return f"{local.year}-{local.month:02}"
        case Every.ONCE:
            return ONCE


def next_start_ms(every: Every, at_ms: int, zone: str) -> int | None:
    """Return when the period after the one that contains a moment begins; None if there is no other."""
    today = _local(at_ms, zone).replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    match every:
        case Every.DAY:
            begin = today + timedelta(days=1)
        case Every.WEEK:
            begin = today + timedelta(days=8 - today.isoweekday())
        case Every.MONTH:
            begin = (today.replace(day=1) + timedelta(days=32)).replace(day=1)
        case Every.ONCE:
            return None
    return round(begin.timestamp() * 1_000)


def _local(at_ms: int, zone: str) -> datetime:
    return datetime.fromtimestamp(at_ms / 1_000, usage_periods.zone(zone))
