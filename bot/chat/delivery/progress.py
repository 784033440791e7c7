"""Shows how jobs are getting on, without ever getting in the way.

The latest word wins and nothing queues. A change of state is shown at once, anything else at most every 5 seconds in
the first 30, every 15 seconds after, and every 30 from the third minute on. All jobs together stay under a budget.
Edits go by the interaction's token only: bot-token edits share one bucket per channel and are kept for final states.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from bot.clock import Clock
from bot.jobs.records import Snapshot, State

EDITS_PER_S = 20.0
"""All progress edits together. Interactions are exempt from Discord's 50 requests a second; our CPU is not."""

GAPS_S = ((30.0, 5.0), (120.0, 15.0), (float("inf"), 30.0))
"""Until which age of a job how much time lies between two edits of the same state."""

AT_ONCE_GAP_S = 1.0
"""Between two changes of state on one card: an interaction's bucket is some 5 edits in 2 seconds."""

LAST_EDIT_S = 2.0
"""How long the final edit waits for a progress edit that is already on the wire."""

log = logging.getLogger(__name__)

Show = Callable[[Snapshot], Awaitable[bool]]
"""Shows a snapshot on its card; False where it is no use to try again with this job."""


def interval_s(age_s: float) -> float:
    """How long after an edit the next one may come, for a job of this age."""
    return next(gap_s for until_s, gap_s in GAPS_S if age_s < until_s)


@dataclass(slots=True)
class _JobProgress:
    """What is to be shown of one job, and when something was shown last."""

    latest: Snapshot | None = None
    shown: object = None
    shown_s: float = float("-inf")
    ended: bool = False
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    task: asyncio.Task[None] | None = None


class Progress:
    """The progress of all jobs. A job has a task only while something of it waits to be shown."""

    def __init__(self, show: Show, clock: Clock, *, edits_per_s: float = EDITS_PER_S) -> None:
        self._show = show
        self._clock = clock
        self._gap_s = 1 / edits_per_s
        self._free_s = float("-inf")
        self._jobs: dict[str, _JobProgress] = {}

    def update(self, snapshot: Snapshot) -> None:
        """Show this when there is time for it; an older snapshot that still waits is forgotten."""
        job = snapshot.job
        entry = self._jobs.setdefault(job.id, _JobProgress())
        if entry.ended or job.state is State.DELIVERING:
            return
        entry.latest = snapshot
        entry.changed.set()
        if entry.task is None:
            entry.task = asyncio.create_task(self._run(job.id, entry), name=f"progress {job.id}")

    async def stop(self, job: str) -> None:
        """Show nothing more of this job; returns when no edit of it is on the wire."""
        entry = self._jobs.setdefault(job, _JobProgress())
        entry.ended, entry.latest = True, None
        entry.changed.set()
        if entry.task is not None:
            done, _ = await asyncio.wait({entry.task}, timeout=LAST_EDIT_S)
            if not done:
                entry.task.cancel()

    def forget(self, job: str) -> None:
        """Drop what is remembered of a job that has been shown to its end."""
        self._jobs.pop(job, None)

    async def close(self) -> None:
        """Stop all."""
        await asyncio.gather(*(self.stop(job) for job in tuple(self._jobs)))

    async def _run(self, job: str, entry: _JobProgress) -> None:
        try:
            while entry.latest is not None:
                if await self._wait_until_due(entry):
                    await self._edit(entry)
        except Exception:  # progress is a courtesy: its faults go to the log, never to a job
            log.exception("progress of job %s broke", job)
        finally:
            entry.task = None

    async def _wait_until_due(self, entry: _JobProgress) -> bool:
        """Wait until the line may be shown; False where news came first."""
        snapshot = entry.latest
        if snapshot is None:
            return False
        wait_s = self._wait_s(entry, snapshot)
        if wait_s <= 0:
            return True
        entry.changed.clear()
        await _wait_for_first(self._clock.sleep(wait_s), entry.changed.wait())
        return False

    def _wait_s(self, entry: _JobProgress, snapshot: Snapshot) -> float:
        age_s = (self._clock.now_ms() - snapshot.job.created_ms) / 1_000
        gap_s = AT_ONCE_GAP_S if _stage(snapshot) != entry.shown else interval_s(age_s)
        return max(entry.shown_s + gap_s, self._free_s) - self._clock.monotonic_s()

    async def _edit(self, entry: _JobProgress) -> None:
        snapshot, entry.latest = entry.latest, None
        if snapshot is None:
            return
        entry.shown, entry.shown_s = _stage(snapshot), self._clock.monotonic_s()
        self._free_s = max(self._free_s, entry.shown_s) + self._gap_s
        if not await self._show(snapshot):
            entry.ended, entry.latest = True, None


def _stage(snapshot: Snapshot) -> object:
    """What counts as a change of state on a card."""
    job = snapshot.job
    return job.state, job.cancel_asked_ms is not None, any(run.started_ms for run in snapshot.predictions)


async def _wait_for_first(*waits: Awaitable[object]) -> None:
    tasks = [asyncio.ensure_future(wait) for wait in waits]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
