"""The answers that members wait for, so that background work can run between them.

Answers and background work share one event loop. While the loop also parses runs and draws cards, each step of an
answer waits for whatever is running.
"""

import asyncio
from itertools import count

COUNTS_S = 0.1
"""How long an answer counts as pending: one that takes longer waits for something other than the event loop."""


class PendingAnswers:
    """The interactions whose answers have not been sent.

    Times are the event loop's own, not those of a clock that tests move.
    """

    def __init__(self) -> None:
        self._numbers = count()
        self._begun_s: dict[int, float] = {}  # in the order in which they began
        self._none = asyncio.Event()
        self._none.set()
        self._turn = asyncio.Lock()

    def begin(self) -> int:
        """Note that someone is waiting for an answer, and return its number."""
        number = next(self._numbers)
        self._begun_s[number] = asyncio.get_running_loop().time()
        self._none.clear()
        return number

    def sent(self, number: int) -> None:
        """Note that an answer is on its way, or that there will be none. A second call does nothing."""
        self._begun_s.pop(number, None)
        if not self._begun_s:
            self._none.set()

    async def gap(self, most_s: float) -> None:
        """Wait until no answer is pending, for at most this many seconds.

        If several callers wait, one continues in each turn of the event loop, in order of arrival.
        """
        if self._none.is_set() and not self._turn.locked():
            return
        until_s = asyncio.get_running_loop().time() + most_s
        while True:
            while (left_s := self._pending_s(until_s)) > 0:
                await self._wait(left_s)
            async with self._turn:
                await asyncio.sleep(0)
                if self._pending_s(until_s) <= 0:  # no answer has begun in this turn
                    return

    def _pending_s(self, until_s: float) -> float:
        """Return how many seconds to wait for pending answers, but not past this moment."""
        if not self._begun_s:
            return 0.0
        newest_s = next(reversed(self._begun_s.values()))
        return min(until_s, newest_s + COUNTS_S) - asyncio.get_running_loop().time()

    async def _wait(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._none.wait()
        except TimeoutError:
            return
