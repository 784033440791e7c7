"""A pytest plugin that makes sockets, pipes and threads answer late, in an order that changes from run to run.

A test that passes only on a fast enough machine fails with this plugin, without the need for two busy cores and an hour
of repetitions:

    python -m pytest -p tests.late_events tests/wire

The plugin does not affect unit tests, whose event loop waits until nothing is runnable.
"""

import asyncio
import random
import selectors
import time

LATE_SHARE = 0.25
"""The share of the events that arrive late."""

USUAL_S = 0.02
"""The mean delay of late events, in seconds; the distribution is exponential."""

SELDOM_SHARE = 0.02
"""The share of the late events that are delayed much longer, as on a machine that is busy with other work."""

SELDOM_S = 0.5
"""The mean delay of these rare events, in seconds. It must still be possible to answer within Discord's 3 s."""


def pytest_asyncio_loop_factories():
    return {"late": lambda: asyncio.SelectorEventLoop(LateSelector(random.Random()))}


class LateSelector(selectors.DefaultSelector):
    """A selector that holds events back.

    It remembers the file descriptors whose events are due later. Their events are still there when the selector is
    called again, because it reports what is ready now, not what has changed.
    """

    def __init__(self, chance: random.Random) -> None:
        super().__init__()
        self._chance = chance
        self._due: dict[int, float] = {}

    def unregister(self, fileobj):
        key = super().unregister(fileobj)
        self._due.pop(key.fd, None)
        return key

    def select(self, timeout=None):
        deadline = None if timeout is None else time.monotonic() + timeout
        while True:
            found = super().select(self._left(deadline))
            now = time.monotonic()
            ready = [event for event in found if self._is_due(event[0].fd, now)]
            if ready or not found or (deadline is not None and now >= deadline):
                return ready
            # Everything that is ready is held back: another file descriptor may become ready at once, so look again
            # soon.
            time.sleep(min(0.002, self._left(deadline) or 0.002))

    def _is_due(self, fd: int, now: float) -> bool:
        due = self._due.get(fd)
        if due is None:
            due = now + self._lateness()
            self._due[fd] = due
        if due > now:
            return False
        del self._due[fd]
        return True

    def _lateness(self) -> float:
        if self._chance.random() >= LATE_SHARE:
            return 0
        return self._chance.expovariate(1 / (SELDOM_S if self._chance.random() < SELDOM_SHARE else USUAL_S))

    @staticmethod
    def _left(deadline: float | None) -> float | None:
        return None if deadline is None else max(0, deadline - time.monotonic())
