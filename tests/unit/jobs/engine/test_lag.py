import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.jobs.durations import RunTimes
from bot.jobs.engine.lag import EARLY_ENDS_S, LagTable, Learned, guess

seconds = st.floats(0.1, 1_000)


def early(since_s, now_s):
    """Return the part of the expected lag that does not depend on observations."""
    return (now_s - since_s) ** 2 / (2 * EARLY_ENDS_S)


def test_no_lag_is_expected_before_any_run_has_ended():
    assert LagTable([100.0] * 20).accrued_s(10, 90) == pytest.approx(early(10, 90))


def test_lag_is_the_time_since_the_end_if_all_runs_last_equally_long():
    table = LagTable([100.0] * 400)
    assert table.accrued_s(50, 106) == pytest.approx(6 + early(50, 106), rel=0.05)


@given(st.lists(seconds, min_size=1, max_size=60), seconds, seconds, seconds)
def test_expected_lag_grows_with_time_and_never_exceeds_it(took, since_s, more_s, still_more_s):
    table = LagTable(took)
    lag_s = table.accrued_s(since_s, since_s + more_s)
    assert 0 <= lag_s <= table.accrued_s(since_s, since_s + more_s + still_more_s) + 1e-6
    assert lag_s - early(since_s, since_s + more_s) <= 2 * more_s


def test_expected_lag_is_that_of_simulated_runs():
    chance = random.Random(1)
    took = [chance.lognormvariate(4, 0.3) for _ in range(4_000)]
    table = LagTable(took[:400])
    since_s, now_s = 50.0, 70.0
    late = [max(0.0, now_s - one) for one in took if one > since_s]
    assert table.accrued_s(since_s, now_s) == pytest.approx(sum(late) / len(late) + early(since_s, now_s), rel=0.15)


def test_run_that_has_outlasted_all_others_is_ever_less_likely_to_end_soon():
    table = LagTable([1.0] * 20)
    assert table.accrued_s(10, 12) > table.accrued_s(1_000, 1_002) > 0


def test_start_of_a_run_is_better_evidence_than_its_age():
    learned = Learned([RunTimes(start_s, 10.0) for start_s in range(100)])
    begun = learned.accrued_s(40, 60, 40.0, waits=False)
    assert begun > learned.accrued_s(40, 60, None, waits=False)
    assert learned.accrued_s(50, 52, 20.0, waits=False) > learned.accrued_s(28, 30, 28.0, waits=False)


def test_run_that_has_not_started_is_compared_with_those_that_started_late():
    often, seldom = [RunTimes(0.5, 20.0)] * 95, [RunTimes(100.0, 20.0)] * 5
    learned = Learned([*often, *seldom])
    assert learned.accrued_s(15, 25, None, waits=True) < learned.accrued_s(15, 25, None, waits=False) / 10


def test_guess_is_not_an_observation():
    learned = guess(30.0)
    assert (learned.observations, learned.usual(1)) == (0, None)
    assert learned.accrued_s(0, 5, None, waits=False) < learned.accrued_s(28, 33, None, waits=False)
