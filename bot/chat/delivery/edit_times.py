"""Decides when the card of an unfinished job is edited. Most changes are followed by another one within seconds.

A new state is shown once it has lasted a moment, so a quick job takes two calls: its card and its result. After that,
edits become rarer the longer the job runs, because a member who has waited for two minutes looks less often too. The
effect of a member's button is shown at once.
"""

from dataclasses import dataclass
from enum import IntEnum

from bot.jobs import durations
from bot.jobs.records import Job, Snapshot, State
from bot.jobs.waits import WaitReason

LASTS_S = 5.0
"""How long a job must have been running or fetching its result before its card says so: it may end before that."""

QUICK_S = 10.0
"""A job that usually takes no longer than this is not shown as running until its usual time has passed."""

WAITS_S = 2.0
"""How long a job must have waited before its card says so. The first card says so if the wait is known by then."""

WAITED_S = 5.0
"""Once a job has waited this long, its card may say that it is waiting. Then even a quick job is shown as running."""

ASKED_GAP_S = 1.0
"""The minimum time from an edit to one that a member has requested. An interaction allows about 5 edits in 2 s."""

STATE_GAP_S = 5.0
"""The minimum time from an edit to one that shows another state."""

PART = 8
LEAST_GAP_S, MOST_FIRST_GAP_S = 5.0, 20.0
"""The first interval between two edits in a state is the job's expected time divided by PART, within these limits."""

MOST_GAP_S = 60.0
"""The longest interval. Intervals between the first and the longest equal the age of the state at the last edit."""


class News(IntEnum):
    """The kinds of changes; a higher value is more urgent."""

    DETAIL = 0
    """A new step, phase or place in line, or the job being late."""
    STATE = 1
    """A new state, a run that has begun to work, or the beginning or end of a wait in line."""
    ASKED = 2
    """Something that a member has requested with a button."""


@dataclass(frozen=True, slots=True)
class CardStage:
    """The parts of a snapshot that decide how urgent it is to show the snapshot."""

    state: State
    started: bool = False
    waits: bool = False
    cancelling: bool = False
    by_dm: bool = False

    @classmethod
    def of(cls, snapshot: Snapshot) -> "CardStage":
        """Return the stage of a snapshot."""
        job, started = snapshot.job, any(run.started_ms for run in snapshot.predictions)
        return cls(job.state, started, _waits(snapshot), job.cancel_asked_ms is not None, snapshot.by_dm)

    @property
    def reached(self) -> tuple[State, bool, bool]:
        """How far the job has progressed."""
        return self.state, self.started, self.waits

    @property
    def asked(self) -> tuple[bool, bool]:
        """The member's requests that the stage shows."""
        return self.cancelling, self.by_dm


def news(stage: CardStage, shown: CardStage | None) -> News:
    """Return how urgent it is to show `stage` on a card that shows `shown`, which is None if it shows nothing yet."""
    if stage.asked != (shown.asked if shown else (False, False)):
        return News.ASKED
    if shown is None or stage.reached != shown.reached:
        return News.STATE
    return News.DETAIL


def due_s(snapshot: Snapshot, kind: News, *, began_s: float, edited_s: float) -> float:
    """Return when to show a snapshot whose state began at `began_s`, on a card that was last edited at `edited_s`."""
    if kind is News.ASKED:
        return edited_s + ASKED_GAP_S
    if kind is News.STATE:
        return max(began_s + _unshown_s(snapshot), edited_s + STATE_GAP_S)
    return edited_s + gap_s(max(0.0, edited_s - began_s), _expected(snapshot).median_s)


def gap_s(age_s: float, expected_s: float) -> float:
    """Return the minimum time between an edit, made when the state was `age_s` old, and the next one in that state."""
    first_s = min(max(expected_s / PART, LEAST_GAP_S), MOST_FIRST_GAP_S)
    return min(max(first_s, age_s), MOST_GAP_S)


def _unshown_s(snapshot: Snapshot) -> float:
    """Return how long a job must have been in its state before its card shows that state."""
    job = snapshot.job
    if job.state not in (State.RUNNING, State.COLLECTING) or _waits(snapshot):
        return WAITS_S
    high_s = _expected(snapshot).high_s
    may_end_unseen = job.state is State.RUNNING and high_s <= QUICK_S and not _has_waited(job)
    return max(LASTS_S, high_s) if may_end_unseen else LASTS_S


def _waits(snapshot: Snapshot) -> bool:
    """Return whether a job is waiting in line; a running job may still be waiting for the provider's rate limit."""
    return snapshot.wait is not None and snapshot.wait.reason is not WaitReason.TURN


def _has_waited(job: Job) -> bool:
    # A running job last changed when it began to run.
    return job.updated_ms - job.created_ms > WAITED_S * 1_000


def _expected(snapshot: Snapshot) -> durations.Range:
    return durations.expected(snapshot.usual, snapshot.job.plan.typical_s)
