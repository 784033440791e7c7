from asyncio import AbstractEventLoop
from typing import cast

from bot.ops.loop_lag import EVERY_S, LoopLag


class FakeLoop:
    """The time and the timers of a loop."""

    def __init__(self):
        self.now_s = 0.0
        self.timers = []

    def time(self):
        return self.now_s

    def call_at(self, due_s, callback, *arguments):
        self.timers.append((due_s, callback, arguments))

    def fire(self, *, late_s):
        due_s, callback, arguments = self.timers.pop()
        self.now_s = due_s + late_s
        callback(*arguments)


def test_each_timer_is_measured_against_the_moment_when_it_was_due():
    loop, lag = FakeLoop(), LoopLag()
    lag.start(cast("AbstractEventLoop", loop))
    for late_s in (0.0, 0.375, -0.001):
        loop.fire(late_s=late_s)
    assert lag.seconds.total == 0.375
    counts = dict(lag.seconds.cumulative())
    assert (counts[0.005], counts[0.25], counts[0.5], counts[float("inf")]) == (2, 2, 3, 3)
    assert [due_s for due_s, _, _ in loop.timers] == [loop.now_s + EVERY_S]
