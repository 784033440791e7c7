"""Calendar periods: days, ISO weeks and months. Each begins at midnight in a time zone.

If a clock change skips midnight, the day begins at the moment of the change; if midnight comes twice, it begins at the
first. So a day may have 23 or 25 hours, or none at all if a country skipped a date.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from enum import StrEnum
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

ONCE = "once"
"""The name of the only period of something that happens once."""

WEEK_DAYS = 7
MOST_DAYS_OF_A_MONTH = 31


class Every(StrEnum):
    """How often something happens. The values are stored."""

    DAY = "day"
    WEEK = "week"
    """Starts on Monday."""
    MONTH = "month"
    ONCE = "once"


Recurring = Literal[Every.DAY, Every.WEEK, Every.MONTH]


@dataclass(frozen=True, slots=True)
class PeriodNumbers:
    """The periods that contain one moment, as numbers that increase with time: 20261129, 202648 and 202611."""

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


def begin_ms(day: date, where: tzinfo) -> int:
    """Return when a day begins."""
    return round(datetime(day.year, day.month, day.day, tzinfo=where).timestamp() * 1_000)


def day_at(at_ms: int, where: tzinfo) -> date:
    """Return the day that contains a moment. It never goes back as time passes."""
    local = datetime.fromtimestamp(at_ms / 1_000, where).date()
    # Clocks that were set back from just after midnight show the previous day again.
    following = local + timedelta(days=1)
    return following if begin_ms(following, where) <= at_ms else local


def first_day(every: Recurring, day: date) -> date:
    """Return the first day of the period that contains a day."""
    match every:
        case Every.DAY:
            return day
        case Every.WEEK:
            return day - timedelta(days=day.weekday())
        case Every.MONTH:
            return day.replace(day=1)


def next_first_day(every: Recurring, day: date) -> date:
    """Return the first day of the period after the one that contains a day."""
    first = first_day(every, day)
    match every:
        case Every.DAY:
            return first + timedelta(days=1)
        case Every.WEEK:
            return first + timedelta(days=WEEK_DAYS)
        case Every.MONTH:
            return first_day(every, first + timedelta(days=MOST_DAYS_OF_A_MONTH))


def next_begin_ms(every: Recurring, at_ms: int, where: tzinfo) -> int:
    """Return when the period after the one that contains a moment begins."""
    return begin_ms(next_first_day(every, day_at(at_ms, where)), where)


def name_at(every: Every, at_ms: int, where: tzinfo) -> str:
    """Return the name of the period that contains a moment: `2026-11-29`, `2026-W48`, `2026-11`.

    Names of the same kind sort chronologically. They are stored, so they must not change.
    """
    day = day_at(at_ms, where)
    match every:
        case Every.DAY:
            return day.isoformat()
        case Every.WEEK:
            year, week, _ = day.isocalendar()
            return f"{year}-W{week:02}"
        case Every.MONTH:
            return f"{day.year}-{day.month:02}"
        case Every.ONCE:
            return ONCE


def numbers_at(at_ms: int, where: tzinfo) -> PeriodNumbers:
    """Return the numbers of the periods that contain a moment. They are stored, so they must not change."""
    day = day_at(at_ms, where)
    year, week, _ = day.isocalendar()
    return PeriodNumbers(day.year * 10_000 + day.month * 100 + day.day, year * 100 + week, day.year * 100 + day.month)
