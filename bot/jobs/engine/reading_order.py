"""Decides which items are read next when more are due than may be read."""

import asyncio
import heapq
import itertools
import math
from array import array
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

T = TypeVar("T")

TICK_S = 0.25
"""How long a ranking of the due items is used before they are ranked again."""

TICK_PER_ITEM_S = 400e-6
"""The same for each item: ranking one takes 2 µs, or 10 on a slow machine. So ranking takes at most a fortieth of the
time, unless more items can be read than was expected."""

SLICE = 100
"""How many items are ranked before other tasks get a turn: that takes a fraction of a millisecond."""

Pause = Callable[[], Awaitable[None]]
"""Lets more urgent tasks go first."""


async def next_turn() -> None:
    """Let the tasks that are ready go first."""
    await asyncio.sleep(0)


async def ranked(items: Sequence[T], rank: Callable[[T], float], pause: Pause = next_turn) -> "array[float]":
    """Return the ranks of these items. Other tasks run in between, in each `pause`."""
    ranks = array("d")  # a list would need an object for each of very many numbers
    for begin in range(0, len(items), SLICE):
        ranks.extend(map(rank, items[begin : begin + SLICE]))
        await pause()
    return ranks


class ReadingOrder(Generic[T]):
    """Items that become due at their own times. If too many are due, those with the largest `rank` come first."""

    def __init__(self, rank: Callable[[T], float], pause: Pause = next_turn) -> None:
        self._rank = rank
        self._pause = pause
        self._numbers = itertools.count()
        self._later: list[tuple[float, int, T]] = []
        self._due: list[T] = []
        # The best of the items that were due at the last ranking, the best one last.
        self._best: list[T] = []
        self._ranked_until_s = float("-inf")
        self.least_rank: float | None = None
        """The rank of the last item that will be read; None if all items that are due can be read."""

    def add(self, item: T, at_s: float) -> None:
        """Make an item due at this time."""
        heapq.heappush(self._later, (at_s, next(self._numbers), item))

    def add_due(self, item: T) -> None:
        """Make an item due now."""
        self._due.append(item)

    async def take(self, most: int, now_s: float, *, per_s: float) -> list[T]:
        """Remove and return the items to be read now, up to `most`; `per_s` is how many may be read per second."""
        while self._later and self._later[0][0] <= now_s:
            self._due.append(heapq.heappop(self._later)[2])
        if most <= 0:
            return []
        if len(self._due) + len(self._best) <= most:
            taken, self._due, self._best = [*reversed(self._best), *self._due], [], []
            self.least_rank = None
            return taken
        if not self._best or now_s >= self._ranked_until_s:
            period_s = max(TICK_S, TICK_PER_ITEM_S * len(self._due))
            await self._order(max(most, math.ceil(per_s * period_s)))
            self._ranked_until_s = now_s + period_s
        return [self._best.pop() for _ in range(min(most, len(self._best)))]

    def wait_s(self, now_s: float) -> float | None:
        """Return the seconds until an item can be read; None if there are no items."""
        if self._due or self._best:
            return TICK_S
        return max(0.0, self._later[0][0] - now_s) if self._later else None

    async def _order(self, most: int) -> None:
        due = len(self._due)
        items = self._due + self._best
        ranks = await ranked(items, self._rank, self._pause)
        best = heapq.nlargest(most, range(len(items)), key=ranks.__getitem__)
        chosen = set(best)
        self.least_rank = ranks[best[-1]]
        # Items that became due in the meantime were appended.
        self._due = [item for place, item in enumerate(items) if place not in chosen] + self._due[due:]
        self._best = [items[place] for place in reversed(best)]
