import pytest

from bot.chat.results.case_messages import fitting


@pytest.mark.parametrize(
    ("lengths", "shown"),
    [((), 0), ((3,), 1), ((30,), 1), ((4, 4), 2), ((4, 5), 1), ((2, 2, 2), 3), ((2, 2, 3), 2), ((30, 1), 1)],
)
def test_only_texts_that_fit_into_the_message_count_as_shown(lengths, shown):
    assert fitting(["x" * length for length in lengths], 10) == shown
