"""Estimates how long a run takes, from earlier runs of the same model and size.

The times for start-up (waiting for a machine, loading the model) and for the run itself are learned separately, because
a cold start says nothing about how fast the model works. The range shown should contain at least 8 of 10 runs. It is
taken from the ranks of the observations, so it needs no assumption about their distribution.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

from bot.catalogue.order import Order
from bot.catalogue.plan import Per, Plan

MIN_RUNS = 8
"""With fewer observations, no estimate is given."""

MAX_RUNS = 400
"""How many of the newest observations are kept for each model and size."""

EARLY, LATE = 0.05, 0.90
"""The quantiles of the range shown, which contains 85 % of the runs. After LATE a card says "slower than 9 of 10"."""

FIRST_LOW, FIRST_HIGH, FIRST_MORE_S = 0.7, 2.0, 2.0
"""The range of a first estimate, as factors of the catalogue's typical duration, and the seconds added for the
start."""

FIRST_SLACK_S = 30.0
"""How much longer than a first estimate a run may take before it is called late: a cold model starts slowly."""

MIN_COLD_START_S = 5.0
"""A start-up counts as cold when it takes longer than this and longer than twice the median."""


@dataclass(frozen=True, slots=True)
class RunTimes:
    """The start-up time and the running time of a successful run, in seconds."""

    start_s: float
    run_s: float


@dataclass(frozen=True, slots=True)
class Range:
    """A range of durations in seconds, from the EARLY quantile to the LATE one."""

    low_s: float
    median_s: float
    high_s: float


@dataclass(frozen=True, slots=True)
class Usual:
    """The usual durations: `total` from creation to end, its parts `start` and `run`, and the number of runs."""

    total: Range
    start: Range
    run: Range
    learned: int

    @property
    def cold_after_s(self) -> float:
        """The start-up time, in seconds, from which a start counts as cold."""
        return max(MIN_COLD_START_S, 2 * self.start.median_s)


class Timing(IntEnum):
    """How long a run has taken compared with other runs. A card shows this, and is redrawn when it changes."""

    EARLY = 0
    DUE = 1
    """It has taken longer than half of all runs."""
    LATE = 2
    """It has taken longer than nearly all runs."""


def expected(usual: Usual | None, typical_s: float) -> Range:
    """Return how long a run should take: the measured range, or a first estimate from the catalogue."""
    if usual is not None:
        return usual.total
    return Range(FIRST_LOW * typical_s, typical_s, FIRST_HIGH * typical_s + FIRST_MORE_S)


def timing(elapsed_s: float, usual: Usual | None, typical_s: float) -> Timing:
    """Return how a run that has taken `elapsed_s` so far compares with what is expected."""
    range_ = expected(usual, typical_s)
    if elapsed_s > range_.high_s + (0.0 if usual else FIRST_SLACK_S):
        return Timing.LATE
    return Timing.DUE if elapsed_s > range_.median_s else Timing.EARLY


def size_class(order: Order, plan: Plan, number: int) -> str:
    """Return the size class of a run, by length, resolution and outputs; runs in one class should take equally long."""
    # Lengths are rounded up to whole seconds: measured ones differ by milliseconds, and each would form its own class.
    seconds = math.ceil(plan.quote.units) if plan.quote.per is Per.SECOND else order.seconds
    outputs = plan.requests[number - 1].outputs if number <= len(plan.requests) else 1
    return f"{seconds or '-'}/{order.resolution or '-'}/{outputs}"


def usual(took: Sequence[RunTimes], *, runs: int = 1) -> Usual | None:
    """Return the usual durations of a job with this many parallel `runs`; None if there are too few observations."""
    if len(took) < MIN_RUNS:
        return None
    return Usual(
        # Whole runs are ranked, because the ranks of the two parts cannot simply be added up.
        total=_range([one.start_s + one.run_s for one in took], runs),
        start=_range([one.start_s for one in took], runs),
        run=_range([one.run_s for one in took], runs),
        learned=len(took),
    )


def _range(values: Sequence[float], runs: int) -> Range:
    """Return the range for the slowest of several runs: each one must be quick enough, hence the root of the level."""
    ordered = sorted(values)
    return Range(*(_ranked(ordered, level ** (1 / runs)) for level in (EARLY, 0.5, LATE)))


def _ranked(ordered: Sequence[float], level: float) -> float:
    """Return the quantile of the next run at this level: the k-th of n values, where k / (n + 1) = level."""
    place = level * (len(ordered) + 1)
    rank = math.floor(place) if level < 0.5 else math.ceil(place)  # noqa: PLR2004 - outward, away from the middle
    return ordered[min(max(rank, 1), len(ordered)) - 1]
