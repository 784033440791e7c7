"""Edits the cards of running jobs to show progress, without delaying anything else.

Only the latest snapshot of a job waits; there is no queue. A change of state is shown at once. Anything else is shown
at most every 5 seconds during the first 30 seconds, every 15 seconds until the end of the second minute, and every 30
seconds after that. All jobs share one budget of edits. Progress uses the interaction's token only: edits with the bot's
token share one rate limit per channel, which is reserved for results.
"""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from enum import StrEnum

from bot.clock import Clock
from bot.jobs.records import LIVE, Snapshot

EDITS_PER_S = 20.0
"""The budget of edits for all jobs. It saves CPU: Discord's limit of 50 requests/s does not apply to interactions."""

GAPS_S = ((30.0, 5.0), (120.0, 15.0), (float("inf"), 30.0))
"""Pairs of a job's age up to which an interval applies, and that interval between edits of the same state."""

AT_ONCE_GAP_S = 1.0
"""The interval between changes of state on one card. An interaction allows about 5 edits in 2 seconds."""

LAST_EDIT_S = 2.0
"""How long the final edit waits for a progress edit that is already being sent."""

LATE_EDIT_S = 10.0
"""How long an edit may still be carried out by Discord after its answer was given up."""

REMEMBERED = 10_000
"""How many jobs are remembered whose end was shown, so that a snapshot which was read before cannot undo that."""

log = logging.getLogger(__name__)

REFUSED_GAP_S = 10.0
"""The pause after a refused edit, doubled each time. Discord counts 401 and 403 towards a ban of the address."""

MOST_REFUSALS = 6
"""Refusals in a row after which a card is left alone until its job's end; the pauses between them last 5 minutes."""


class Edited(StrEnum):
    """The result of editing a card."""

    SHOWN = "shown"
    UNCLEAR = "unclear"
    """Discord failed or did not answer."""
    REFUSED = "refused"
    """Discord refused the edit, maybe for a moment only: a permission is missing, or the token is not known yet."""
    GONE = "gone"
    """Further edits are pointless."""


Show = Callable[[Snapshot], Awaitable[Edited]]
"""Shows a snapshot on its card."""


def interval_s(age_s: float) -> float:
    """Return the least time between two edits for a job of this age, both in seconds."""
    return next(gap_s for until_s, gap_s in GAPS_S if age_s < until_s)


@dataclass(slots=True)
class _JobProgress:
    """The next snapshot to show for one job, and when the last one was shown."""

    latest: Snapshot | None = None
    shown: object = None
    shown_s: float = float("-inf")
    refusals: int = 0
    paused_until_s: float = float("-inf")
    unclear_s: float = float("-inf")
    ended: bool = False
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    task: asyncio.Task[None] | None = None


class Progress:
    """Shows the progress of all jobs. A job has a task only while a snapshot waits to be shown."""

    def __init__(
        self, show: Show, clock: Clock, *, edits_per_s: float = EDITS_PER_S, remembered: int = REMEMBERED
    ) -> None:
        self._show = show
        self._clock = clock
        self._gap_s = 1 / edits_per_s
        self._free_s = float("-inf")
        self._jobs: dict[str, _JobProgress] = {}
        self._over: OrderedDict[str, None] = OrderedDict()
        self._remembered = remembered

    def update(self, snapshot: Snapshot) -> None:
        """Show this snapshot soon; it replaces an older one that still waits. Ended jobs are left to delivery."""
        job = snapshot.job
        if job.state not in LIVE or job.id in self._over:
            return
        entry = self._jobs.setdefault(job.id, _JobProgress())
        if entry.ended:
            return
        entry.latest = snapshot
        entry.changed.set()
        if entry.task is None:
            entry.task = asyncio.create_task(self._run(job.id, entry), name=f"progress {job.id}")

    async def stop(self, job: str) -> bool:
        """Stop showing this job's progress, and wait until no edit of it is being sent.

        Discord does not order concurrent edits, so one still under way could overwrite the result. Return False if
        Discord may carry one out yet: it took too long and was cut off, or was given up a moment ago.
        """
        entry = self._jobs.setdefault(job, _JobProgress())
        entry.ended, entry.latest = True, None
        entry.changed.set()
        if entry.task is not None:
            done, _ = await asyncio.wait({entry.task}, timeout=LAST_EDIT_S)
            if not done:  # the result must not wait for a slow connection
                entry.task.cancel()
                return False
        return self._clock.monotonic_s() - entry.unclear_s >= LATE_EDIT_S

    def forget(self, job: str) -> None:
        """Forget the progress of a job whose end has been shown, but not that it was: no progress may follow."""
        self._jobs.pop(job, None)
        self._over[job] = None
        while len(self._over) > self._remembered:
            self._over.popitem(last=False)

    async def close(self) -> None:
        """Stop showing progress for all jobs."""
        await asyncio.gather(*(self.stop(job) for job in tuple(self._jobs)))

    async def _run(self, job: str, entry: _JobProgress) -> None:
        try:
            while entry.latest is not None:
                if await self._wait_until_due(entry):
                    await self._edit(entry)
        except Exception:  # progress is optional: its errors must never affect the job
            log.exception("showing the progress of job %s failed", job)
        finally:
            entry.task = None

    async def _wait_until_due(self, entry: _JobProgress) -> bool:
        """Return True if the snapshot may be shown now; else wait until then or until a newer one, and return False."""
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
        return max(entry.shown_s + gap_s, entry.paused_until_s, self._free_s) - self._clock.monotonic_s()

    async def _edit(self, entry: _JobProgress) -> None:
        snapshot, entry.latest = entry.latest, None
        if snapshot is None:
            return
        entry.shown, entry.shown_s = _stage(snapshot), self._clock.monotonic_s()
        self._free_s = max(self._free_s, entry.shown_s) + self._gap_s
        match await self._show(snapshot):
            case Edited.SHOWN:
                entry.refusals = 0
            case Edited.UNCLEAR:  # the next snapshot is another try
                entry.unclear_s = self._clock.monotonic_s()
            case Edited.REFUSED if entry.refusals + 1 < MOST_REFUSALS:
                self._pause(entry, snapshot)
            case Edited.REFUSED | Edited.GONE:
                entry.ended, entry.latest = True, None

    def _pause(self, entry: _JobProgress, snapshot: Snapshot) -> None:
        """Show the newest snapshot again after a pause."""
        entry.paused_until_s = self._clock.monotonic_s() + REFUSED_GAP_S * 2**entry.refusals
        entry.refusals += 1
        if not entry.ended:
            entry.latest = entry.latest or snapshot


def _stage(snapshot: Snapshot) -> object:
    """Return the parts of a snapshot whose change is shown at once."""
    job = snapshot.job
    started = any(run.started_ms for run in snapshot.predictions)
    return job.state, job.cancel_asked_ms is not None, snapshot.by_dm, started


async def _wait_for_first(*waits: Awaitable[object]) -> None:
    tasks = [asyncio.ensure_future(wait) for wait in waits]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
