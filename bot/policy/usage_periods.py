"""Calendar periods in a guild's time zone, as numbers that grow with time: a day, an ISO week and a month."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

from bot.policy.policy_records import LimitKind

MONDAY = 1


@dataclass(frozen=True, slots=True)
class Periods:
    """The periods that contain one moment: 20261129, 202648 and 202611."""

    day: int
    week: int
    month: int


@lru_cache(maxsize=1_000)
def zone(name: str) -> tzinfo:
    """Return a time zone by its IANA name; UTC for a name that this machine does not know."""
    return ZoneInfo(name) if is_zone(name) else UTC


def is_zone(name: str) -> bool:
    """Return whether this machine knows a time zone of that name."""
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # not found, not a name at all, a folder of the database
        return False
    return True


def periods_at(at_ms: int, time_zone: str) -> Periods:
    """Return the periods that contain a moment."""
    local = _local(at_ms, time_zone)
    year, week, _ = local.isocalendar()
    return Periods(
        local.year * 10_000 + local.month * 100 + local.day, year * 100 + week, local.year * 100 + local.month
    )


def next_start_ms(period: LimitKind, at_ms: int, time_zone: str) -> int:
    """Return when the period after the one that contains this moment begins."""
    today = _local(at_ms, time_zone).replace(hour=0, minute=0, second=0, microsecond=0)
    if period is LimitKind.MONTH:
        begin = (today.replace(day=1) + timedelta(days=32)).replace(day=1)
    else:
        begin = today + timedelta(days=1 if period is LimitKind.DAY else 7 - today.isoweekday() + MONDAY)
    return int(begin.timestamp() * 1_000)


def _local(at_ms: int, time_zone: str) -> datetime:
    return datetime.fromtimestamp(at_ms / 1_000, zone(time_zone))
