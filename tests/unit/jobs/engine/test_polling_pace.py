from hypothesis import given
from hypothesis import strategies as st

from bot.jobs.durations import RunTimes
from bot.jobs.engine.lag import Learned, guess
from bot.jobs.engine.polling_pace import CLOSEST_S, ERROR_MOST_S, PROGRESS_S, after_error_s, next_read_s
from bot.jobs.limits import run_limit_s

lengths = st.floats(0.1, 2_000)


def reads(lasts_s, learned):
    """Return how often a run is polled until its end is seen, and how long after its end it is seen."""
    read_s, count = 0.0, 0
    while read_s < lasts_s:

        def lag_s(elapsed_s, read_s=read_s):
            return learned.accrued_s(read_s, elapsed_s, None, waits=False)

        read_s += next_read_s(lag_s, read_s)
        count += 1
    return count, read_s - lasts_s


@given(lengths, lengths)
def test_poll_interval_is_bounded_and_short_enough_for_progress(read_s, typical_s):
    learned = guess(typical_s)
    pause_s = next_read_s(lambda elapsed_s: learned.accrued_s(read_s, elapsed_s, None, waits=False), read_s)
    assert CLOSEST_S <= pause_s <= PROGRESS_S


def test_end_of_a_quick_run_is_seen_soon_with_few_reads():
    count, lag_s = reads(0.6, guess(0.6))
    assert count <= 2
    assert lag_s <= 0.5


def test_end_of_a_typical_run_is_seen_within_a_fraction_of_its_length():
    for typical_s in (2.0, 8.0, 40.0):
        count, lag_s = reads(typical_s, guess(typical_s))
        assert lag_s <= 0.25 * typical_s
        assert count <= 6 + typical_s / PROGRESS_S * 5


def test_run_of_known_length_is_read_only_for_progress_until_its_end_is_near():
    learned = Learned([RunTimes(1.0, 59.0 + number / 10) for number in range(20)])
    count, lag_s = reads(60.5, learned)
    assert count <= 60 / PROGRESS_S + 10
    assert lag_s <= 1.0


def test_errors_increase_the_poll_interval():
    assert [after_error_s(errors) for errors in (1, 2, 3, 4, 20)] == [1, 2, 4, 8, ERROR_MOST_S]


@given(lengths)
def test_run_limit_is_between_ten_and_thirty_five_minutes(typical_s):
    assert 600 <= run_limit_s(typical_s) <= 35 * 60
