"""Edits the cards of running jobs to show progress, without delaying anything else.

Only the latest snapshot of a job waits; there is no queue. A change of state is shown at once. Anything else is shown
at most every 5 seconds during the first 30 seconds, every 15 seconds until the end of the second minute, and every 30
seconds after that. All jobs share one budget of edits. Progress uses the interaction's token only: edits with the bot's
token share one rate limit per channel, which is reserved for results.
"""

import asyncio
import heapq
import itertools
import logging
from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum

from bot.clock import Clock, end, wakeup_or_time
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
    """The next snapshot to show for one job, and when the last one was shown.

    `turn` is the number of its turn while a snapshot waits, else None. `task` sends an edit.
    """

    latest: Snapshot | None = None
    shown: object = None
    shown_s: float = float("-inf")
    refusals: int = 0
    paused_until_s: float = float("-inf")
    unclear_s: float = float("-inf")
    ended: bool = False
    turn: int | None = None
    is_change: bool = False
    task: asyncio.Task[None] | None = None


class Progress:
    """Shows the progress of all jobs. Only one task waits for all of them; a job has a task while its edit is sent.

    A snapshot waits first until its card may be edited again, then for its turn: changes of state come before other
    edits, and in each of the two lines the job that has waited longest comes first.
    """

    def __init__(
        self, show: Show, clock: Clock, *, edits_per_s: float = EDITS_PER_S, remembered: int = REMEMBERED
    ) -> None:
        self._show = show
        self._clock = clock
        self._line = _Line(1 / edits_per_s)
        self._jobs: dict[str, _JobProgress] = {}
        self._over: OrderedDict[str, None] = OrderedDict()
        self._remembered = remembered
        self._waker: asyncio.Task[None] | None = None
        self._sooner = asyncio.Event()

    def update(self, snapshot: Snapshot) -> None:
        """Show this snapshot soon; it replaces an older one that still waits. Ended jobs are left to delivery."""
        job = snapshot.job
        if job.state not in LIVE or job.id in self._over:
            return
        entry = self._jobs.setdefault(job.id, _JobProgress())
        if entry.ended:
            return
        entry.latest = snapshot
        self._plan(entry)

    async def stop(self, job: str) -> bool:
        """Stop showing this job's progress, and wait until no edit of it is being sent.

        An edit that only waits for its turn is dropped, so it delays nothing. Discord does not order concurrent edits,
        so one still under way could overwrite the result. Return False if Discord may carry one out yet: it took too
        long and was cut off, or was given up a moment ago.
        """
        entry = self._jobs.setdefault(job, _JobProgress())
        entry.ended, entry.latest, entry.turn = True, None, None
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
        if self._waker is not None:
            await end([self._waker])

    def _plan(self, entry: _JobProgress) -> None:
        """Give a job a turn if a snapshot of it waits, and a better one if its state has changed since it got one."""
        snapshot = entry.latest
        if snapshot is None or entry.task is not None:  # the end of the edit that is being sent plans the next
            return
        is_change = _stage(snapshot) != entry.shown
        if entry.turn is not None and entry.is_change >= is_change:
            return
        self._line.join(entry, self._due_s(entry, snapshot), is_change=is_change)
        if self._waker is None or self._waker.done():
            self._waker = asyncio.create_task(self._take_turns(), name="progress")
        elif self._line.first:
            self._sooner.set()

    def _due_s(self, entry: _JobProgress, snapshot: Snapshot) -> float:
        """Return when a job's card may be edited again."""
        age_s = (self._clock.now_ms() - snapshot.job.created_ms) / 1_000
        gap_s = AT_ONCE_GAP_S if _stage(snapshot) != entry.shown else interval_s(age_s)
        return max(entry.shown_s + gap_s, entry.paused_until_s)

    async def _take_turns(self) -> None:
        while True:
            now_s = self._clock.monotonic_s()
            while (entry := self._line.next(now_s, self._due_s)) is not None:
                entry.task = asyncio.create_task(self._edit(entry), name="progress of a job")
            wait_s = self._line.wait_s(now_s)
            if wait_s is None:
                return
            await wakeup_or_time(self._sooner, self._clock, wait_s)

    async def _edit(self, entry: _JobProgress) -> None:
        snapshot, entry.latest = entry.latest, None
        try:
            if snapshot is not None:
                entry.shown, entry.shown_s = _stage(snapshot), self._clock.monotonic_s()
                self._note(entry, snapshot, await self._show(snapshot))
        except Exception:  # progress is optional: its errors must never affect the job
            log.exception("showing the progress of job %s failed", snapshot.job.id if snapshot else "?")
        finally:
            entry.task = None
        self._plan(entry)

    def _note(self, entry: _JobProgress, snapshot: Snapshot, edited: Edited) -> None:
        match edited:
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


class _Line:
    """The jobs whose edits wait: until they are due, and then for their turn, one every `gap_s` seconds."""

    def __init__(self, gap_s: float) -> None:
        self._gap_s = gap_s
        self._free_s = float("-inf")
        self._numbers = itertools.count()
        # A turn is only valid while its number is that of its job: the job may have got a better one, or have ended.
        self._early: list[tuple[float, int, _JobProgress]] = []
        self._changes: deque[tuple[int, _JobProgress]] = deque()
        self._others: deque[tuple[int, _JobProgress]] = deque()
        self.first = False

    def join(self, entry: _JobProgress, due_s: float, *, is_change: bool) -> None:
        """Give a job a turn; `first` then says whether it is due before all others."""
        entry.turn, entry.is_change = next(self._numbers), is_change
        heapq.heappush(self._early, (due_s, entry.turn, entry))
        self.first = self._early[0][1] == entry.turn

    def next(self, now_s: float, due_s: Callable[[_JobProgress, Snapshot], float]) -> _JobProgress | None:
        """Return the job whose turn it is, if any."""
        self._admit(now_s, due_s)
        line = self._changes or self._others
        if not line or now_s < self._free_s:
            return None
        _, entry = line.popleft()
        entry.turn = None
        self._free_s = max(self._free_s, now_s) + self._gap_s
        return entry

    def wait_s(self, now_s: float) -> float | None:
        """Return the seconds until the next turn; None if nothing waits."""
        at_s = [self._free_s] if self._changes or self._others else [due_s for due_s, _, _ in self._early[:1]]
        return max(at_s[0] - now_s, 0.0) if at_s else None

    def _admit(self, now_s: float, due_s: Callable[[_JobProgress, Snapshot], float]) -> None:
        """Let the edits that are due wait for their turn, and drop those that are not valid any more."""
        while self._early and self._early[0][0] <= now_s:
            _, turn, entry = heapq.heappop(self._early)
            if entry.turn != turn or entry.latest is None:
                continue
            at_s = due_s(entry, entry.latest)  # older jobs are shown less often than when this turn was given
            if at_s > now_s:
                heapq.heappush(self._early, (at_s, turn, entry))
            else:
                (self._changes if entry.is_change else self._others).append((turn, entry))
        for line in (self._changes, self._others):
            while line and line[0][1].turn != line[0][0]:
                line.popleft()


def _stage(snapshot: Snapshot) -> object:
    """Return the parts of a snapshot whose change is shown at once."""
    job = snapshot.job
    started = any(run.started_ms for run in snapshot.predictions)
    return job.state, job.cancel_asked_ms is not None, snapshot.by_dm, started
