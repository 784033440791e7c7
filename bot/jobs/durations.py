"""How long a run usually takes: a range learned from earlier runs of the same model and size, or the catalogue's guess.

Start-up (waiting for a machine, loading the model) and the run itself are learned apart, because a cold start says
nothing about how fast the model works. The range shown is meant to hold at least 8 of 10 runs; it is taken by ranks
among the observations, so it needs no assumption about how durations are spread.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from bot.catalogue.order import Order
from bot.catalogue.plan import Per, Plan

MIN_RUNS = 8
"""Below so many observations nothing is claimed to be learned."""

MAX_RUNS = 400
"""So many of the newest observations of a model and size count."""

EARLY, LATE = 0.05, 0.90
"""The range shown: between them lie 85 % of the runs. "Slower than 9 of 10" is said after LATE."""

MIN_COLD_START_S = 5.0
"""A start-up is called cold when it lasts longer than this and than twice its median."""


@dataclass(frozen=True, slots=True)
class RunTimes:
    """One run that succeeded: how long it took to start, and then to run, in seconds."""

    start_s: float
    run_s: float


@dataclass(frozen=True, slots=True)
class Range:
    """Seconds: half of all take at most `median_s`; hardly any less than `low_s`, 9 of 10 at most `high_s`."""

    low_s: float
    median_s: float
    high_s: float


@dataclass(frozen=True, slots=True)
class Usual:
    """What is usual: the `total` from creation to end, the `start` and the `run` of it. `learned` from so many runs."""

    total: Range
    start: Range
    run: Range
    learned: int

    @property
    def cold_after_s(self) -> float:
        """A start that lasts longer than this is a cold one."""
        return max(MIN_COLD_START_S, 2 * self.start.median_s)


def size_class(order: Order, plan: Plan, number: int) -> str:
    """The runs of one model that may be expected to take alike: by length, resolution and pictures in one run."""
    seconds = plan.quote.units if plan.quote.per is Per.SECOND else order.seconds
    outputs = plan.requests[number - 1].outputs if number <= len(plan.requests) else 1
    return f"{seconds or '-'}/{order.resolution or '-'}/{outputs}"


def usual(took: Sequence[RunTimes], *, runs: int = 1) -> Usual | None:
    """What the observations say of a job that waits for so many `runs` at once; None where they are too few."""
    if len(took) < MIN_RUNS:
        return None
    return Usual(
        total=_range([one.start_s + one.run_s for one in took], runs),
        start=_range([one.start_s for one in took], runs),
        run=_range([one.run_s for one in took], runs),
        learned=len(took),
    )


def _range(values: Sequence[float], runs: int) -> Range:
    """The slowest of several runs ends them all, so each of them must be quick enough: the p-th root of the level."""
    ordered = sorted(values)
    return Range(*(_ranked(ordered, level ** (1 / runs)) for level in (EARLY, 0.5, LATE)))


def _ranked(ordered: Sequence[float], level: float) -> float:
    """The observation below which the next one lies with this probability: the k-th of n, k / (n + 1) = level."""
    place = level * (len(ordered) + 1)
    rank = math.floor(place) if level < 0.5 else math.ceil(place)  # noqa: PLR2004 - outward, away from the middle
    return ordered[min(max(rank, 1), len(ordered)) - 1]
