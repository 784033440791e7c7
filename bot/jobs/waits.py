"""Decides what each waiting job is waiting for, its place in line for exactly that, and when its turn should come.

A job starts when its member and its guild both have a free slot. Jobs whose member has none are overtaken by others, so
they are in line behind their member's own jobs only. Turns are estimated by simulating the line twice: once as if every
job ahead were quick, and once as if every one were slow.
"""

import heapq
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from bot.jobs.durations import Range

LONGEST_LINE = 100
"""With more jobs in line, no turn is estimated: the error would be as large as the estimate."""

NOTICED_S = 2.0
"""Roughly the longest time until the end of a run is noticed and its slot is free."""

STEPS_S = ((30.0, 5), (90.0, 15), (math.inf, 60))
"""Turns are rounded outwards, so that a card is not edited every second. Each pair is the longest time to which a step
applies, and that step."""


class WaitReason(StrEnum):
    """The reason why a job is waiting."""

    TURN = "turn"
    """Nothing: it is about to start."""
    MEMBER = "member"
    """One of its member's other jobs has to end first."""
    GUILD = "guild"
    """One of its guild's jobs has to end first."""
    SERVICE = "service"
    """The provider accepts no more creates for the moment, or a file's host does not answer."""
    APPROVAL = "approval"
    """A moderator has to approve it first."""


@dataclass(frozen=True, slots=True)
class Wait:
    """The wait of a job: its reason, its place in line and its expected turn.

    `position` counts from 1 among the jobs that are waiting for the same thing; 0 if they do not start one after
    another. At most `most` such jobs run at a time. The turn should come between `low_s` and `high_s` seconds from now,
    in rounded steps; both are None if that cannot be estimated.
    """

    reason: WaitReason
    position: int = 0
    most: int = 0
    low_s: int | None = None
    high_s: int | None = None


@dataclass(frozen=True, slots=True)
class WaitingJob:
    """A waiting job of a guild. `lasts` is how long it should take; `paused_s` is how long it must wait first."""

    job: str
    member: int
    paused_s: float = 0.0
    lasts: Range | None = None


@dataclass(frozen=True, slots=True)
class Busy:
    """A running job of a guild. `lasts` is how long it should take in all, and `ran_s` how long it has been running."""

    job: str
    member: int
    ran_s: float = 0.0
    lasts: Range | None = None


@dataclass(frozen=True, slots=True)
class SlotLimits:
    """How many jobs of a guild, and of one of its members, may run at a time."""

    per_guild: int
    per_member: int


def waits(running: Sequence[Busy], line: Sequence[WaitingJob], limits: SlotLimits) -> dict[str, Wait]:
    """Return what each job in a guild's line is waiting for. `line` is in the order in which jobs start."""
    known = [one for one in line if one.paused_s <= 0]
    found = _reasons(running, known, limits)
    for one in line:
        if one.paused_s > 0:
            found[one.job] = Wait(WaitReason.SERVICE, 0, 0, *_rounded(one.paused_s, one.paused_s))
    if len(known) <= LONGEST_LINE and all(one.lasts is not None for one in (*running, *known)):
        for job, (low_s, high_s) in _turns(running, known, limits).items():
            if found[job].reason is not WaitReason.TURN and math.isfinite(high_s):
                low, high = _rounded(low_s, high_s)
                found[job] = replace(found[job], low_s=low, high_s=high)
    return found


def _reasons(running: Sequence[Busy], line: Sequence[WaitingJob], limits: SlotLimits) -> dict[str, Wait]:
    members, ahead = Counter(one.member for one in running), Counter[int]()
    found: dict[str, Wait] = {}
    free = max(0, limits.per_guild - len(running))
    for one in line:
        own = ahead[one.member]
        ahead[one.member] += 1
        if members[one.member] + own >= limits.per_member:
            found[one.job] = Wait(WaitReason.MEMBER, own + 1, limits.per_member)
        elif free > 0:
            found[one.job] = Wait(WaitReason.TURN)
            free -= 1
        else:
            # Jobs that wait for their member's other jobs are not counted: this one starts before them, unless one of
            # those other jobs ends, and then the slot that becomes free is not one that this job could have had.
            found[one.job] = Wait(WaitReason.GUILD, 1 - free, limits.per_guild)
            free -= 1
    return found


def _turns(running: Sequence[Busy], line: Sequence[WaitingJob], limits: SlotLimits) -> dict[str, tuple[float, float]]:
    quick = _starts([(_left_s(one)[0], one.member) for one in running], [(one, _least_s(one)) for one in line], limits)
    slow = _starts([(_left_s(one)[1], one.member) for one in running], [(one, _most_s(one)) for one in line], limits)
    # Sorted, because slower jobs ahead can let a job of another member start earlier.
    return {job: (min(quick[job], slow[job]), max(quick[job], slow[job])) for job in quick}


def _least_s(one: WaitingJob | Busy) -> float:
    return one.lasts.low_s if one.lasts else 0.0


def _most_s(one: WaitingJob | Busy) -> float:
    return (one.lasts.high_s if one.lasts else 0.0) + NOTICED_S


def _left_s(one: Busy) -> tuple[float, float]:
    """Return the minimum and maximum time that a running job will still take; the maximum is infinite if it is late."""
    left_s = _most_s(one) - one.ran_s
    return max(0.0, _least_s(one) - one.ran_s), left_s if left_s > 0 else math.inf


def _starts(
    ends: list[tuple[float, int]], line: Sequence[tuple[WaitingJob, float]], limits: SlotLimits
) -> dict[str, float]:
    """Return when each job of the line starts if the running ones end at these times, in seconds.

    The others last as long as `line` says. A job that can never start is left out.
    """
    heapq.heapify(ends)
    members = Counter(member for _, member in ends)
    pending, starts, now_s = list(line), dict[str, float](), 0.0
    while pending:
        later: list[tuple[WaitingJob, float]] = []
        for one, lasts_s in pending:
            if len(ends) < limits.per_guild and members[one.member] < limits.per_member:
                starts[one.job] = now_s
                heapq.heappush(ends, (now_s + lasts_s, one.member))
                members[one.member] += 1
            else:
                later.append((one, lasts_s))
        pending = later
        if pending and not ends:
            break  # no job may run at all
        if pending:
            now_s, member = heapq.heappop(ends)
            members[member] -= 1
    return starts


def _rounded(low_s: float, high_s: float) -> tuple[int, int]:
    high = max(1, math.ceil(high_s / _step_s(high_s))) * _step_s(high_s)
    # Each bound is rounded with its own step: 20 s to 3 min says more than 0 to 3 min.
    return math.floor(low_s / _step_s(low_s)) * _step_s(low_s), high


def _step_s(seconds: float) -> int:
    return next(step for until_s, step in STEPS_S if seconds <= until_s)
