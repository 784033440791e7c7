"""Estimates how long the end of a run may have gone unnoticed, from the durations of earlier runs.

The estimate is the expected lag: the integral, since the last read, of the probability that the run has ended. Among
many runs, it is best to read the one with the largest lag; this rule does not need a cost per read, which would have to
be tuned.
"""

import math
from array import array
from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from statistics import NormalDist

from bot.jobs import durations
from bot.jobs.durations import RunTimes, Usual

SPREAD = (0.94, 1.0, 1.06)
"""Each observation counts three times: as it is, a little shorter, and a little longer, because no two runs are
equal."""

FIRST_START_S = 4.0
"""From this age on, a run that has not started is compared only with runs that started at least as late."""

LATER = 1.15
"""The factor between the successive ages for which the runs that started at least as late are looked up."""

LATE_STARTS = 3
"""The minimum number of runs that started at least as late."""

SOONEST_TAIL_S = 2.0

EARLY_ENDS_S = 20_000.0
"""Any run may be stopped or fail at any time; this is the assumed mean time until that happens, in seconds."""

GUESS_SIGMA = 0.6
GUESSES = 15
"""Without observations, runs are expected to take about a third to three times the catalogue's typical duration."""


class LagTable:
    """The durations of earlier runs, in seconds, sorted and added up."""

    __slots__ = ("_sums", "_times")

    def __init__(self, seconds: Sequence[float]) -> None:
        times = sorted(one * factor for one in seconds for factor in SPREAD)
        # Arrays, because a model whose runs wait for a long time has dozens of tables.
        self._times = array("d", times)
        self._sums = array("d", accumulate(times, initial=0.0))

    def accrued_s(self, since_s: float, now_s: float) -> float:
        """Return the expected lag of a run that has lasted `now_s`, and that had not ended at `since_s`."""
        times, sums = self._times, self._sums
        first = bisect_right(times, since_s)
        last = bisect_right(times, now_s, first)
        left = len(times) - first + 0.5
        lag_s = ((last - first) * now_s - (sums[last] - sums[first])) / left
        over_s = now_s - max(since_s, times[-1])
        if over_s > 0:  # longer than any before: the longer it has taken, the longer it is expected to take
            lag_s += over_s * over_s / (left * max(SOONEST_TAIL_S, now_s))
        unread_s = now_s - since_s
        return lag_s + unread_s * unread_s / (2 * EARLY_ENDS_S)


class Learned:
    """The durations of earlier runs of one model and size."""

    def __init__(self, took: Sequence[RunTimes], *, guessed: bool = False) -> None:
        self._took = took
        self._guessed = guessed
        self._usual: dict[int, Usual | None] = {}
        self._total = LagTable([one.start_s + one.run_s for one in took])
        self._run = LagTable([one.run_s for one in took])
        self._started_late = _started_late(took)

    @property
    def observations(self) -> int:
        """The number of runs that were observed."""
        return 0 if self._guessed else len(self._took)

    def usual(self, runs: int) -> Usual | None:
        """Return how long jobs with this many runs usually take; None if too few runs are known."""
        if runs not in self._usual:
            self._usual[runs] = None if self._guessed else durations.usual(self._took, runs=runs)
        return self._usual[runs]

    def accrued_s(self, since_s: float, now_s: float, began_s: float | None, *, waits: bool) -> float:
        """Return the expected lag; `began_s` is the run's age when it started running, None if it has not.

        `waits` is whether the run had not started at the last read.
        """
        if began_s is not None:
            return self._run.accrued_s(max(0.0, since_s - began_s), max(0.0, now_s - began_s))
        table = self._total
        if waits:
            for after_s, late in self._started_late:
                if since_s < after_s:
                    break
                table = late
        return table.accrued_s(since_s, now_s)


def guess(typical_s: float) -> Learned:
    """Return what the catalogue's typical duration implies for a model without observations."""
    normal = [NormalDist().inv_cdf((place + 0.5) / GUESSES) for place in range(GUESSES)]
    return Learned([RunTimes(0.0, typical_s * math.exp(GUESS_SIGMA * one)) for one in normal], guessed=True)


def _started_late(took: Sequence[RunTimes]) -> tuple[tuple[float, LagTable], ...]:
    found: list[tuple[float, LagTable]] = []
    after_s = FIRST_START_S
    while len(late := [one.start_s + one.run_s for one in took if one.start_s > after_s]) >= LATE_STARTS:
        found.append((after_s, LagTable(late)))
        after_s *= LATER
    return tuple(found)
