"""Tests of forecasts of pools: which data support which forecast, and how often the range is right."""

import random
from datetime import UTC, date, datetime, timedelta

import pytest

from bot.funding.forecast import Forecast, Pace, PoolForecasts, forecast
from bot.ledger import transfers
from tests.manual_clock import ManualClock
from tests.new_database import open_new
from tests.present import present

TODAY = date(2026, 11, 29)
GUILD, MEMBER, DAY_MS = 1_001, 2_002, 86_400_000


@pytest.mark.parametrize(
    ("pool", "spent", "pace"),
    [
        (100, [10] * 6, Pace.UNKNOWN),
        (0, [10] * 7, Pace.EMPTY),
        (100, [10] * 5 + [0] * 7, Pace.IDLE),
        (10_000, [10] * 7, Pace.YEAR),
        (3_650, [10] * 7, Pace.LASTS),
    ],
)
def test_forecast_gives_no_date_that_the_data_do_not_support(pool, spent, pace):
    found = forecast(pool, spent, TODAY)
    assert (found.pace, found.days) == (pace, len(spent))
    assert (found.expected is not None) is (pace is Pace.LASTS)


def test_even_spending_has_an_exact_date():
    day = TODAY + timedelta(days=10)
    assert forecast(100, [10] * 7, TODAY) == Forecast(Pace.LASTS, 7, day, day, day)


def test_end_of_a_range_beyond_a_year_is_left_open():
    found = forecast(1_000, [0, 0, 0, 0, 0, 0, 70], TODAY)
    assert present(found.first) > TODAY
    assert found.last is None


def orders_on(chance, per_day):
    """Return the amount spent on one day: about this many orders, whose prices differ like those of models."""
    slots = 4 * per_day
    return sum(chance.choice((3, 3, 3, 40, 75)) for _ in range(slots) if chance.random() < per_day / slots)


@pytest.mark.parametrize("days", [7, 14, 28])
@pytest.mark.parametrize("per_day", [2, 10])
def test_pool_runs_out_within_the_range_in_at_least_four_of_five_cases(days, per_day):
    chance = random.Random(days * per_day)
    stated = right = 0
    for _ in range(300):
        pool = chance.randint(5, 90) * 25 * per_day
        found = forecast(pool, [orders_on(chance, per_day) for _ in range(days)], TODAY)
        if found.pace is not Pace.LASTS:
            continue
        stated += 1
        ran_out = TODAY
        while pool > 0:
            pool -= orders_on(chance, per_day)
            ran_out += timedelta(days=1)
        right += present(found.first) <= ran_out and (found.last is None or ran_out <= found.last)
    assert stated > 200
    assert right >= 0.8 * stated


async def test_forecast_counts_spending_on_full_days(tmp_path):
    database = await open_new(tmp_path / "easel.db")
    start = round(datetime(2026, 11, 1, 12, tzinfo=UTC).timestamp() * 1_000)

    def at(number):
        return PoolForecasts(database, ManualClock(start + number * DAY_MS)).of(GUILD)

    about = {"actor": 7, "reason": "test"}
    await database.run(lambda: transfers.mint(GUILD, 1_000, key="mint", at_ms=start, **about))
    assert await at(0) == Forecast(Pace.UNKNOWN, 0)
    for number in range(8):
        at_ms = start + number * DAY_MS
        await database.run(
            lambda at_ms=at_ms: transfers.allot(GUILD, MEMBER, 50, key=f"i:{at_ms}", at_ms=at_ms, **about)
        )
        await database.run(
            lambda at_ms=at_ms: transfers.hold(
                GUILD, MEMBER, 50, key=f"h{at_ms}", job=f"j{at_ms}", at_ms=at_ms, actor=7
            )
        )
    assert await at(7) == Forecast(Pace.UNKNOWN, 6)
    day = date(2026, 11, 21)
    assert await at(8) == Forecast(Pace.LASTS, 7, day, day, day)
    await database.close()
