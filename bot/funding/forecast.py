"""Forecasts when a guild's pool will run out, from what left it on full days: grants, allowances, jobs it paid for.

The next T days are expected to cost T times the mean of the past days. The range is the usual prediction interval of a
sum, which covers both the differences between days and the uncertainty of a mean of few days: for n days with standard
deviation s, it is t * s * sqrt(T + T * T / n) to either side. `QUANTILE` is t for 6 degrees of freedom at 90 %, even if
there are more days. The daily amounts are skewed and not independent, so no more than 80 % is promised; a simulation
tests that.
"""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from statistics import fmean, stdev

from bot.calendar_periods import begin_ms, day_at
from bot.clock import Clock
from bot.ledger import queries
from bot.policy import guild_policy_rows
from bot.storage.operation import Database, Operation

LEAST_DAYS = 7
MOST_DAYS = 28
HORIZON_DAYS = 365
QUANTILE = 1.943


class Pace(StrEnum):
    """The kinds of forecast for a pool."""

    UNKNOWN = "unknown"
    """There are fewer than 7 full days of data."""
    EMPTY = "empty"
    IDLE = "idle"
    """Nothing left the pool in the last 7 full days."""
    YEAR = "year"
    """The pool will last for more than a year."""
    LASTS = "lasts"


@dataclass(frozen=True, slots=True)
class Forecast:
    """A forecast of when a pool will run out.

    `days` is the number of full days of data; `last` is None if it is more than a year away.
    """

    pace: Pace
    days: int = 0
    first: date | None = None
    expected: date | None = None
    last: date | None = None


def forecast(pool_mcr: int, spent_mcr: Sequence[int], today: date) -> Forecast:
    """Return when a pool will run out if the coming days are like the past ones, the last of which was yesterday."""
    number = len(spent_mcr)
    if pool_mcr <= 0:
        return Forecast(Pace.EMPTY, number)
    if number < LEAST_DAYS:
        return Forecast(Pace.UNKNOWN, number)
    if not sum(spent_mcr[-LEAST_DAYS:]):
        return Forecast(Pace.IDLE, number)
    mean, spread = fmean(spent_mcr), stdev(spent_mcr)

    def runs_out(sides: float) -> date | None:
        for days in range(HORIZON_DAYS + 1):
            if mean * days + sides * QUANTILE * spread * math.sqrt(days + days * days / number) >= pool_mcr:
                return today + timedelta(days=days)
        return None

    expected = runs_out(0)
    if expected is None:
        return Forecast(Pace.YEAR, number)
    return Forecast(Pace.LASTS, number, runs_out(1), expected, runs_out(-1))


class PoolForecasts:
    """The forecasts of all guilds."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def of(self, guild: int) -> Forecast:
        """Return when a guild's pool will run out."""
        now_ms = self._clock.now_ms()
        return await self._database.read(lambda: _of(guild, now_ms))


def _of(guild: int, now_ms: int) -> Operation[Forecast]:
    where = yield from guild_policy_rows.zone_of(guild)
    pool = yield from queries.balance(guild, 0)
    today = day_at(now_ms, where)
    since_ms = yield from queries.pool_since(guild)
    # The day of the first transfer is not a full one.
    full_days = 0 if since_ms is None else max(0, (today - day_at(since_ms, where)).days - 1)
    days = [today - timedelta(days=ago) for ago in range(min(full_days, MOST_DAYS), 0, -1)]
    spent: Counter[date] = Counter()
    if days:
        left = yield from queries.left_pool(guild, begin_ms(days[0], where), begin_ms(today, where))
        for at_ms, amount in left:
            spent[day_at(at_ms, where)] += amount
    return forecast(pool.available_mcr, [spent[day] for day in days], today)
