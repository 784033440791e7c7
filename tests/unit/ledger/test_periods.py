from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.ledger.periods import BadPeriod, NamedPeriod, Period, between, named, parse_date


def ms(*moment):
    return round(datetime(*moment, tzinfo=UTC).timestamp() * 1_000)


def days(period):
    return period.first.isoformat(), period.last.isoformat()


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (NamedPeriod.THIS_MONTH, ("2028-03-01", "2028-03-31")),
        (NamedPeriod.LAST_MONTH, ("2028-02-01", "2028-02-29")),
        (NamedPeriod.LAST_7_DAYS, ("2028-02-24", "2028-03-01")),
        (NamedPeriod.LAST_30_DAYS, ("2028-02-01", "2028-03-01")),
    ],
)
def test_named_periods_end_with_today_or_a_month(name, expected):
    assert days(named(name, ms(2028, 3, 1, 12))) == expected


def test_today_is_the_current_day_in_the_time_zone():
    late = ms(2026, 12, 31, 20)
    assert days(named(NamedPeriod.THIS_MONTH, late)) == ("2026-12-01", "2026-12-31")
    tokyo = named(NamedPeriod.THIS_MONTH, late, ZoneInfo("Asia/Tokyo"))
    assert days(tokyo) == ("2027-01-01", "2027-01-31")
    assert tokyo.from_ms == ms(2026, 12, 31, 15)


@given(st.integers(ms(2020, 1, 1), ms(2040, 1, 1)), st.sampled_from(NamedPeriod))
def test_named_periods_are_up_to_a_month_long(now_ms, name):
    period = named(name, now_ms)
    assert len(period.days) in {7, 28, 29, 30, 31}


def test_day_with_a_clock_change_is_not_24_hours_long():
    berlin = ZoneInfo("Europe/Berlin")
    for day, hours in ((date(2026, 3, 29), 23), (date(2026, 10, 25), 25)):
        period = Period(day, day, berlin)
        assert period.until_ms - period.from_ms == hours * 3_600_000


NOW = ms(2026, 11, 29, 12)


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        (date(2026, 11, 3), None, ("2026-11-03", "2026-11-29")),
        (None, date(2026, 10, 9), ("2026-10-01", "2026-10-09")),
        (date(2026, 11, 3), date(2026, 12, 31), ("2026-11-03", "2026-12-31")),
        (date(2025, 11, 29), date(2026, 11, 29), ("2025-11-29", "2026-11-29")),
    ],
)
def test_one_of_two_dates_may_be_left_out(first, last, expected):
    assert days(between(first, last, NOW)) == expected


@pytest.mark.parametrize(
    ("first", "last", "problem"),
    [
        (date(2026, 11, 30), None, "in-the-future"),
        (None, date(9999, 12, 31), "in-the-future"),
        (date(2026, 11, 3), date(2026, 11, 2), "from-after-to"),
        (date(2025, 11, 28), date(2026, 11, 29), "too-long"),
        (date(2026, 11, 1), date(9999, 12, 31), "too-long"),
    ],
)
def test_dates_that_do_not_form_a_period_are_refused(first, last, problem):
    with pytest.raises(BadPeriod) as refused:
        between(first, last, NOW)
    assert refused.value.problem == problem


@pytest.mark.parametrize("typed", ["2026-11-03", " 2026/11/3", "2026.11.03"])
def test_dates_are_read_in_iso_order(typed):
    assert parse_date(typed) == date(2026, 11, 3)


@pytest.mark.parametrize("typed", ["", "3.11.2026", "2026-13-01", "2026-02-30", "1999-01-01", "20261103", "yesterday"])
def test_other_dates_are_refused(typed):
    with pytest.raises(ValueError, match=r"date|early|month|day"):
        parse_date(typed)
