from bot.histogram import Histogram


def test_observation_counts_up_to_the_first_bound_that_is_not_below_it_and_to_all_larger_ones():
    histogram = Histogram([1, 5])
    for value in (0.5, 1, 1.1, 5, 6):
        histogram.observe(value)
    assert histogram.cumulative() == [(1, 2), (5, 4), (float("inf"), 5)]
    assert histogram.total == 13.6
