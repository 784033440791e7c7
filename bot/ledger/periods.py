"""The periods that statements cover: whole days in a time zone."""

import bisect
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, timedelta, tzinfo
from enum import StrEnum
from functools import cached_property

from bot.calendar_periods import Every, begin_ms, day_at, first_day, next_first_day

MOST_DAYS = 366
"""The longest period: a year, including a leap year."""

EARLIEST = date(2015, 1, 1)
"""The year in which Discord launched; earlier dates must be typos."""

_DATE = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")


class NamedPeriod(StrEnum):
    """A period relative to today."""

    THIS_MONTH = "this-month"
    LAST_MONTH = "last-month"
    LAST_7_DAYS = "last-7-days"
    LAST_30_DAYS = "last-30-days"


class BadPeriod(ValueError):
    """Raised when two dates do not form a period. `problem` is from-after-to, too-long or in-the-future."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem


@dataclass(frozen=True)
class Period:
    """The days from `first` to `last`, both included, in a time zone."""

    first: date
    last: date
    zone: tzinfo = UTC

    @property
    def from_ms(self) -> int:
        """The time at which the first day begins."""
        return self._begins_ms[0]

    @property
    def until_ms(self) -> int:
        """The time at which the last day ends."""
        return self._begins_ms[-1]

    @property
    def days(self) -> Sequence[date]:
        """All days of the period."""
        return [self.first + timedelta(days=number) for number in range((self.last - self.first).days + 1)]

    def day_of(self, at_ms: int) -> date:
        """Return the day on which a time in the period falls."""
        return self.first + timedelta(days=bisect.bisect_right(self._begins_ms, at_ms) - 1)

    @cached_property
    def _begins_ms(self) -> Sequence[int]:
        """The beginnings of the days, and of the day after the last one. Days with a clock change are not 24 h long."""
        after = self.last + timedelta(days=1)
        return [begin_ms(day, self.zone) for day in (*self.days, after)]


def parse_date(typed: str) -> date:
    """Read a date such as 2026-11-03; slashes or dots may separate its parts. Raises ValueError."""
    found = _DATE.fullmatch(typed.strip())
    if found is None:
        raise ValueError(f"{typed!r} is not a date")
    day = date(*map(int, found.groups()))
    if day < EARLIEST:
        raise ValueError(f"{typed!r} is too early")
    return day


def named(name: NamedPeriod, now_ms: int, zone: tzinfo = UTC) -> Period:
    """Return a period that is defined relative to today."""
    today = day_at(now_ms, zone)
    first_of_month = first_day(Every.MONTH, today)
    match name:
        case NamedPeriod.THIS_MONTH:
            return Period(first_of_month, next_first_day(Every.MONTH, today) - timedelta(days=1), zone)
        case NamedPeriod.LAST_MONTH:
            last = first_of_month - timedelta(days=1)
            return Period(first_day(Every.MONTH, last), last, zone)
        case NamedPeriod.LAST_7_DAYS:
            return Period(today - timedelta(days=6), today, zone)
        case NamedPeriod.LAST_30_DAYS:
            return Period(today - timedelta(days=29), today, zone)


def between(first: date | None, last: date | None, now_ms: int, zone: tzinfo = UTC) -> Period:
    """Return the period between two dates, either of which may be left out.

    It begins with the month of its last day unless a first date is given, and ends today unless a last one is given.

    Raises BadPeriod.
    """
    today = day_at(now_ms, zone)
    last = last or max(today, first or today)
    first = first or first_day(Every.MONTH, last)
    if first > today:
        raise BadPeriod("in-the-future")
    if first > last:
        raise BadPeriod("from-after-to")
    if (last - first).days >= MOST_DAYS:
        raise BadPeriod("too-long")
    return Period(first, last, zone)
