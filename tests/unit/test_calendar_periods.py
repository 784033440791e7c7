"""Calendar periods in all kinds of time zones: clocks that skip or repeat midnight, dates that were skipped."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.calendar_periods import (
    ONCE,
    Every,
    PeriodNumbers,
    begin_ms,
    day_at,
    first_day,
    is_zone,
    name_at,
    next_begin_ms,
    next_first_day,
    numbers_at,
    zone,
)


def ms(text):
    return round(datetime.fromisoformat(text).timestamp() * 1_000)


SECOND, HOUR = 1_000, 3_600_000
RECURRING = (Every.DAY, Every.WEEK, Every.MONTH)
ZONES = (
    "UTC",
    "Europe/Berlin",
    "America/Sao_Paulo",  # until 2018, clocks skipped midnight
    "America/Havana",  # midnight comes twice
    "Asia/Beirut",  # 23:00 comes twice, and midnight is skipped
    "America/St_Johns",  # until 2010, clocks went back at 00:01, into the day before
    "Pacific/Apia",  # 2011-12-30 did not happen
    "Australia/Lord_Howe",  # changes by half an hour
    "Asia/Kathmandu",
    "Pacific/Kiritimati",
)
CHANGES = (
    ("Europe/Berlin", "2026-03-29T01:00+00:00"),
    ("Europe/Berlin", "2026-10-25T01:00+00:00"),
    ("America/Sao_Paulo", "2018-11-04T03:00+00:00"),
    ("America/Havana", "2026-11-01T05:00+00:00"),
    ("Asia/Beirut", "2026-03-28T22:00+00:00"),
    ("Asia/Beirut", "2026-10-24T21:00+00:00"),
    ("America/St_Johns", "2010-11-07T02:31+00:00"),
    ("Pacific/Apia", "2011-12-30T10:00+00:00"),
    ("Australia/Lord_Howe", "2026-04-04T15:00+00:00"),
    ("UTC", "2027-01-01T00:00+00:00"),
    ("Asia/Kathmandu", "2026-12-31T18:15+00:00"),
)
"""Moments at which clocks change or a year ends."""

near_changes = st.builds(
    lambda change, offset_ms: (ms(change[1]) + offset_ms, ZoneInfo(change[0])),
    st.sampled_from(CHANGES),
    st.one_of(st.integers(-26 * HOUR, 26 * HOUR), st.sampled_from((-1, 0, 1, -SECOND, SECOND, -HOUR, HOUR))),
)
anywhere = st.tuples(
    st.integers(ms("1995-01-01T00:00Z"), ms("2037-01-01T00:00Z")), st.sampled_from([ZoneInfo(name) for name in ZONES])
)
moments = st.one_of(near_changes, anywhere)


@given(moments)
def test_day_contains_the_moments_from_its_beginning_to_that_of_the_next_day(moment):
    at_ms, where = moment
    day = day_at(at_ms, where)
    assert begin_ms(day, where) <= at_ms < begin_ms(day + timedelta(days=1), where)


@given(moments)
def test_day_begins_with_the_first_moment_that_has_its_date(moment):
    at_ms, where = moment
    day = day_at(at_ms, where)
    begin = begin_ms(day, where)
    assert datetime.fromtimestamp(begin / 1_000, where).date() == day
    assert datetime.fromtimestamp(begin / 1_000 - 1, where).date() < day


@given(moments, st.integers(0, 400 * 24 * HOUR))
def test_periods_never_go_back_as_time_passes(moment, passed_ms):
    at_ms, where = moment
    earlier, later = numbers_at(at_ms, where), numbers_at(at_ms + passed_ms, where)
    assert earlier.day <= later.day
    assert earlier.week <= later.week
    assert earlier.month <= later.month
    for every in Every:
        assert name_at(every, at_ms, where) <= name_at(every, at_ms + passed_ms, where)


@given(moments, st.integers(0, 40 * 24 * HOUR))
def test_names_and_numbers_change_at_the_same_moments(moment, passed_ms):
    at_ms, where = moment
    earlier, later = numbers_at(at_ms, where), numbers_at(at_ms + passed_ms, where)
    for every, same in (
        (Every.DAY, earlier.day == later.day),
        (Every.WEEK, earlier.week == later.week),
        (Every.MONTH, earlier.month == later.month),
        (Every.ONCE, True),
    ):
        assert (name_at(every, at_ms, where) == name_at(every, at_ms + passed_ms, where)) is same


@given(moments, st.sampled_from(RECURRING))
def test_next_period_begins_where_this_one_ends(moment, every):
    at_ms, where = moment
    following = next_begin_ms(every, at_ms, where)
    assert at_ms < following
    assert name_at(every, following - 1, where) == name_at(every, at_ms, where)
    assert name_at(every, following, where) != name_at(every, at_ms, where)


@given(moments, st.sampled_from(RECURRING), st.integers(-3 * HOUR, 3 * HOUR))
def test_clock_that_steps_back_and_forth_finds_the_same_period_again(moment, every, step_ms):
    at_ms, where = moment
    before = name_at(every, at_ms, where)
    name_at(every, at_ms + step_ms, where)
    assert name_at(every, at_ms, where) == before


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.sampled_from(RECURRING))
@example(date(2026, 1, 1), Every.WEEK)
@example(date(2028, 2, 29), Every.MONTH)
@example(date(2026, 12, 31), Every.MONTH)
def test_every_day_is_in_one_period(day, every):
    first, following = first_day(every, day), next_first_day(every, day)
    assert first <= day < following
    assert first_day(every, first) == first == first_day(every, following - timedelta(days=1))
    assert first_day(every, following) == following
    assert (following - first).days in {Every.DAY: (1,), Every.WEEK: (7,), Every.MONTH: (28, 29, 30, 31)}[every]


@pytest.mark.parametrize(
    ("moment", "numbers", "names"),
    [
        ("2026-03-29T01:30+01:00", (20260329, 202613, 202603), ("2026-03-29", "2026-W13", "2026-03")),
        ("2027-01-01T12:00+01:00", (20270101, 202653, 202701), ("2027-01-01", "2026-W53", "2027-01")),
        ("2024-12-30T12:00+01:00", (20241230, 202501, 202412), ("2024-12-30", "2025-W01", "2024-12")),
    ],
)
def test_stored_names_and_numbers_have_a_fixed_form(moment, numbers, names):
    berlin = zone("Europe/Berlin")
    assert numbers_at(ms(moment), berlin) == PeriodNumbers(*numbers)
    assert tuple(name_at(every, ms(moment), berlin) for every in RECURRING) == names
    assert name_at(Every.ONCE, ms(moment), berlin) == ONCE


@pytest.mark.parametrize(
    ("every", "following"),
    [
        (Every.DAY, "2026-03-30T00:00+02:00"),
        (Every.WEEK, "2026-03-30T00:00+02:00"),
        (Every.MONTH, "2026-04-01T00:00+02:00"),
    ],
)
def test_periods_begin_at_midnight_of_the_zone_even_when_clocks_change(every, following):
    assert next_begin_ms(every, ms("2026-03-29T01:30+01:00"), zone("Europe/Berlin")) == ms(following)


def test_date_that_a_country_skipped_has_no_moment():
    apia = zone("Pacific/Apia")
    assert begin_ms(date(2011, 12, 30), apia) == begin_ms(date(2011, 12, 31), apia)
    assert day_at(begin_ms(date(2011, 12, 30), apia), apia) == date(2011, 12, 31)


def test_minute_that_clocks_show_as_the_day_before_belongs_to_the_new_day():
    st_johns = zone("America/St_Johns")
    changed = ms("2010-11-07T02:31+00:00")
    assert datetime.fromtimestamp(changed / 1_000, st_johns).date() == date(2010, 11, 6)
    assert day_at(changed, st_johns) == date(2010, 11, 7)


@pytest.mark.parametrize("name", ["Mars/Olympus", "", "Europe", "../../etc/passwd", "\0"])
def test_unknown_zones_are_utc(name):
    assert not is_zone(name)
    assert zone(name) is UTC
