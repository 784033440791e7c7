from hypothesis import given
from hypothesis import strategies as st

from bot.jobs.engine.pace import CLOSEST_S, ERROR_MOST_S, PROGRESS_S, after_error_s, next_read_s
from bot.jobs.limits import run_limit_s

lengths = st.floats(0.1, 2_000)


def reads(lasts_s, typical_s):
    """Return how often a run is polled until its end is seen, and how long after its end that is."""
    elapsed_s, count = 0.0, 0
    while elapsed_s < lasts_s:
        elapsed_s += next_read_s(elapsed_s, typical_s)
        count += 1
    return count, elapsed_s - lasts_s


@given(lengths, lengths)
def test_poll_interval_is_at_least_half_a_second_and_short_enough_for_progress(elapsed_s, typical_s):
    assert CLOSEST_S <= next_read_s(elapsed_s, typical_s) <= PROGRESS_S


def test_end_of_a_quick_run_is_seen_soon_with_few_reads():
    count, lag_s = reads(0.6, 0.6)
    assert count <= 2
    assert lag_s <= 0.5


def test_end_of_a_typical_run_is_seen_within_a_fraction_of_its_length():
    for typical_s in (2.0, 8.0, 40.0):
        count, lag_s = reads(typical_s, typical_s)
        assert lag_s <= 0.2 * typical_s
        assert count <= 4 + typical_s / PROGRESS_S


def test_errors_increase_the_poll_interval():
    assert [after_error_s(errors) for errors in (1, 2, 3, 4, 20)] == [1, 2, 4, 8, ERROR_MOST_S]


@given(lengths)
def test_run_limit_is_between_ten_and_thirty_five_minutes(typical_s):
    assert 600 <= run_limit_s(typical_s) <= 35 * 60
