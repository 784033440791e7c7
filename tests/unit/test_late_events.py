import os
import random
import selectors

import pytest

from tests.late_events import LateSelector


class AlwaysLate(random.Random):
    def random(self):
        return 0.0

    def expovariate(self, lambd=1.0):
        return 0.01


@pytest.fixture
def pipe():
    reading, writing = os.pipe()
    yield reading, writing
    os.close(reading)
    os.close(writing)


def test_event_comes_late_even_if_the_selector_is_not_queried_in_between(pipe):
    reading, writing = pipe
    selector = LateSelector(AlwaysLate())
    selector.register(reading, selectors.EVENT_READ)
    os.write(writing, b"x")
    assert selector.select(0) == []
    assert [key.fd for key, _ in selector.select(None)] == [reading]
    selector.close()


def test_file_that_uses_the_number_of_a_closed_one_is_late_again(pipe):
    reading, writing = pipe
    selector = LateSelector(AlwaysLate())
    os.write(writing, b"x")
    for _ in range(2):
        selector.register(reading, selectors.EVENT_READ)
        assert selector.select(0) == []
        selector.unregister(reading)
    selector.close()
