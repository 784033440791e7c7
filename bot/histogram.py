"""Counts observations by size, for metrics: cheap to add to and to read, no matter how much was observed before."""

from bisect import bisect_left
from collections.abc import Sequence
from itertools import accumulate


class Histogram:
    """Observations by size. An observation counts in the first class whose upper bound is not below it."""

    __slots__ = ("_bounds", "_counts", "total")

    def __init__(self, bounds: Sequence[float]) -> None:
        """Count up to each of these bounds, in ascending order, and above the last one."""
        self._bounds = tuple(bounds)
        self._counts = [0] * (len(self._bounds) + 1)
        self.total = 0.0
        """The sum of all observations."""

    def observe(self, value: float) -> None:
        """Add an observation."""
        self._counts[bisect_left(self._bounds, value)] += 1
        self.total += value

    def cumulative(self) -> list[tuple[float, int]]:
        """Return, for each bound and for infinity, the number of observations up to it."""
        return list(zip((*self._bounds, float("inf")), accumulate(self._counts), strict=True))
