"""Edits the cards of running jobs to show progress, without delaying anything else.

Only the latest snapshot of a job waits; there is no queue, and `edit_times` decides when it is shown. All jobs share
one edit budget. Progress uses the interaction's token only: edits with the bot's token share one rate limit per
channel, which is reserved for results.
"""

import asyncio
import heapq
import itertools
import logging
from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum

from bot.chat.cards.card import Card
from bot.chat.delivery import edit_times
from bot.chat.delivery.edit_times import CardStage, News, news
from bot.clock import Clock, end, wakeup_or_time
from bot.jobs.job_log import logged_job
from bot.jobs.records import LIVE, Job, Snapshot
from bot.log_context import without_ids
from bot.pending_answers import PendingAnswers
from bot.storage.background import in_background

EDITS_PER_S = 20.0
"""The edit budget for all jobs. It saves CPU: Discord's limit of 50 requests/s does not apply to interactions."""

CLOSE_S = 1.0
"""How long to wait for edits in progress when the process ends."""

LATE_EDIT_S = 10.0
"""How long Discord may still take to carry out an edit after Easel has stopped waiting for the answer."""

EDIT_WAITS_S = 0.05
"""The maximum time that an edit waits for pending answers before it begins.

It equals the usual time between two edits, so a constant stream of answers halves the number of edits.
"""

REMEMBERED = 10_000
"""How many jobs to remember after their end was shown, so that an older snapshot cannot undo it."""

log = logging.getLogger(__name__)

AGAIN_S = 10.0
"""The pause after an edit that was not made. It doubles with each further refusal: 401 and 403 count towards a ban."""

MOST_REFUSALS = 6
"""Consecutive refusals after which a card is left alone until its job's end; their pauses add up to 5 minutes."""


class Edited(StrEnum):
    """The result of editing a card."""

    SHOWN = "shown"
    LIMITED = "limited"
    """The edit would have had to wait for a rate limit, or was refused because of one."""
    UNCLEAR = "unclear"
    """Discord failed or did not answer."""
    REFUSED = "refused"
    """Discord refused the edit, maybe only for a moment: a permission is missing, or the token is still unknown."""
    GONE = "gone"
    """Further edits are pointless."""


Draw = Callable[[Snapshot], Card]
"""Draws the card for a snapshot."""

Send = Callable[[Job, Card], Awaitable[Edited]]
"""Edits a job's card, without waiting for anything but Discord's answer."""


@dataclass(slots=True)
class _JobProgress:
    """The next snapshot to show for one job, and when the last one was shown.

    `began_ms` and `began_s` say when its state began, by the wall clock and by the monotonic clock. `looks` is the look
    of the card that was sent last. `turn` is the number of the job's turn while a snapshot is waiting, otherwise None;
    `kind` and `due_s` belong to that turn. `task` sends an edit.
    """

    latest: Snapshot | None = None
    began_ms: int = 0
    began_s: float = 0.0
    shown: CardStage | None = None
    looks: int | None = None
    shown_s: float = float("-inf")
    refusals: int = 0
    paused_until_s: float = float("-inf")
    unclear_s: float = float("-inf")
    ended: bool = False
    turn: int | None = None
    kind: News = News.DETAIL
    due_s: float = 0.0
    task: asyncio.Task[None] | None = None


class Progress:
    """Shows the progress of all jobs. One task waits for all of them; a job has its own task while an edit is sent.

    A snapshot waits first until its card may be edited again, then for its turn: changes of state come before other
    edits, and in each of the two lines the job that has waited longest comes first.
    """

    def __init__(
        self,
        draw: Draw,
        send: Send,
        clock: Clock,
        pending_answers: PendingAnswers,
        *,
        edits_per_s: float = EDITS_PER_S,
        remembered: int = REMEMBERED,
    ) -> None:
        self._draw = draw
        self._send = send
        self._clock = clock
        self._pending_answers = pending_answers
        self._line = _Line(1 / edits_per_s)
        self._jobs: dict[str, _JobProgress] = {}
        self._over: OrderedDict[str, None] = OrderedDict()
        self._remembered = remembered
        self._waker: asyncio.Task[None] | None = None
        self._sooner = asyncio.Event()

    def update(self, snapshot: Snapshot) -> None:
        """Show this snapshot soon; it replaces an older one that is still waiting. Ended jobs are left to delivery."""
        job = snapshot.job
        if job.state not in LIVE or job.id in self._over:
            return
        entry = self._jobs.setdefault(job.id, _JobProgress())
        if entry.ended:
            return
        entry.latest = snapshot
        if entry.began_ms != job.updated_ms:
            entry.began_ms = job.updated_ms
            entry.began_s = self._clock.monotonic_s() - (self._clock.now_ms() - job.updated_ms) / 1_000
        self._plan(entry)

    def stop(self, job: str) -> None:
        """Stop showing this job's progress. The end of a job does not wait for an edit: see `may_follow`."""
        entry = self._jobs.setdefault(job, _JobProgress())
        entry.ended, entry.latest, entry.turn = True, None, None

    def may_follow(self, job: str) -> bool:
        """Return whether Discord may carry out one of a job's progress edits after the message that is being sent now.

        Discord does not order concurrent edits, and one that timed out a moment ago may still be under way.
        """
        entry = self._jobs.get(job)
        return entry is not None and (entry.task is not None or self._late_s(entry) > 0)

    async def over(self, job: str) -> None:
        """Wait until no further edit can show the progress of a stopped job."""
        entry = self._jobs.get(job)
        if entry is None:
            return
        if entry.task is not None:
            await asyncio.wait({entry.task})  # its call has a time limit
        if (late_s := self._late_s(entry)) > 0:
            await self._clock.sleep(late_s)

    def forget(self, job: str) -> None:
        """Forget the progress of a job whose end has been shown, but remember its end: no progress may follow."""
        self._jobs.pop(job, None)
        self._over[job] = None
        while len(self._over) > self._remembered:
            self._over.popitem(last=False)

    async def close(self) -> None:
        """Stop showing progress for all jobs."""
        for job in self._jobs:
            self.stop(job)
        sending = [entry.task for entry in self._jobs.values() if entry.task is not None]
        if sending:
            await asyncio.wait(sending, timeout=CLOSE_S)
        await end([*sending, *filter(None, [self._waker])])

    def _late_s(self, entry: _JobProgress) -> float:
        return entry.unclear_s + LATE_EDIT_S - self._clock.monotonic_s()

    def _plan(self, entry: _JobProgress) -> None:
        """Give a job a turn if it has a waiting snapshot, or an earlier turn if its own is too late for the change."""
        snapshot = entry.latest
        if snapshot is None or entry.task is not None:  # the next edit is planned when this one ends
            return
        kind, due_s = news(CardStage.of(snapshot), entry.shown), self._due_s(entry, snapshot)
        if entry.turn is not None and entry.kind >= kind and entry.due_s <= due_s:
            return
        self._line.join(entry, due_s, kind)
        if self._waker is None or self._waker.done():
            # The task serves all jobs, so its log lines must not carry the ids of the job for which it starts.
            own = without_ids()
            self._waker = asyncio.create_task(in_background(self._take_turns()), name="progress", context=own)
        elif self._line.first:
            self._sooner.set()

    def _due_s(self, entry: _JobProgress, snapshot: Snapshot) -> float:
        """Return when a job's card may be edited again."""
        kind = news(CardStage.of(snapshot), entry.shown)
        due_s = edit_times.due_s(snapshot, kind, began_s=entry.began_s, edited_s=entry.shown_s)
        return max(due_s, entry.paused_until_s)

    async def _take_turns(self) -> None:
        while True:
            await self._pending_answers.gap(EDIT_WAITS_S)
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
                with logged_job(snapshot.job):
                    await self._show(entry, snapshot)
        except Exception:  # progress is optional: its errors must never affect the job
            entry.looks = None  # nobody knows what the card shows now
            log.exception("showing the progress of job %s failed", snapshot.job.id if snapshot else "?")
        finally:
            entry.task = None
        self._plan(entry)

    async def _show(self, entry: _JobProgress, snapshot: Snapshot) -> None:
        before, entry.shown = entry.shown, CardStage.of(snapshot)
        card = self._draw(snapshot)
        if card.looks == entry.looks:
            return
        entry.looks, entry.shown_s = card.looks, self._clock.monotonic_s()
        edited = await self._send(snapshot.job, card)
        match edited:
            case Edited.SHOWN:
                entry.refusals = 0
                return
            case Edited.UNCLEAR:
                entry.unclear_s = self._clock.monotonic_s()
            case Edited.REFUSED if entry.refusals + 1 < MOST_REFUSALS:
                entry.refusals += 1
            case Edited.LIMITED:
                pass
            case Edited.REFUSED | Edited.GONE:
                entry.ended = True
        self._repeat(entry, snapshot, before)

    def _repeat(self, entry: _JobProgress, snapshot: Snapshot, before: CardStage | None) -> None:
        """Show the newest snapshot after a pause, because `snapshot` was not shown; show none if `entry` has ended."""
        entry.paused_until_s = self._clock.monotonic_s() + AGAIN_S * 2 ** max(0, entry.refusals - 1)
        entry.shown, entry.looks = before, None
        entry.latest = None if entry.ended else entry.latest or snapshot


class _Line:
    """The jobs whose edits are waiting, first until they are due and then for a turn, one every `gap_s` seconds."""

    def __init__(self, gap_s: float) -> None:
        self._gap_s = gap_s
        self._free_s = float("-inf")
        self._numbers = itertools.count()
        # A turn is only valid while its number is that of its job: the job may have got a better turn, or have ended.
        self._early: list[tuple[float, int, _JobProgress]] = []
        self._changes: deque[tuple[int, _JobProgress]] = deque()
        self._others: deque[tuple[int, _JobProgress]] = deque()
        self.first = False

    def join(self, entry: _JobProgress, due_s: float, kind: News) -> None:
        """Give a job a turn; afterwards, `first` says whether it is due before all others."""
        entry.turn, entry.kind, entry.due_s = next(self._numbers), kind, due_s
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
        """Return the seconds until the next turn; None if nothing is waiting."""
        at_s = [self._free_s] if self._changes or self._others else [due_s for due_s, _, _ in self._early[:1]]
        return max(at_s[0] - now_s, 0.0) if at_s else None

    def _admit(self, now_s: float, due_s: Callable[[_JobProgress, Snapshot], float]) -> None:
        """Let the edits that are due wait for their turn, and drop those that are no longer valid."""
        while self._early and self._early[0][0] <= now_s:
            _, turn, entry = heapq.heappop(self._early)
            if entry.turn != turn or entry.latest is None:
                continue
            at_s = due_s(entry, entry.latest)  # its state may have changed since this turn was given
            if at_s > now_s:
                entry.due_s = at_s
                heapq.heappush(self._early, (at_s, turn, entry))
            else:
                (self._others if entry.kind is News.DETAIL else self._changes).append((turn, entry))
        for line in (self._changes, self._others):
            while line and line[0][1].turn != line[0][0]:
                line.popleft()
