"""Claims jobs that no process holds, so that exactly one process takes their steps, and wakes its loops for them.

A job named in a notice is claimed by the worker that the job's id selects, so that not all workers try to claim it.
Every few seconds, and when a process ends, the other workers look for jobs that this worker missed, and for jobs of
processes that have ended.
"""

import zlib
from collections.abc import Callable, Sequence

from bot.clock import wakeup_or_time
from bot.jobs.engine.card_updates import CardUpdates
from bot.jobs.engine.context import EngineContext
from bot.jobs.engine.poll import Poller
from bot.jobs.engine.wakeups import CARD, SLOT_WANTED, WakeUp
from bot.jobs.records import State
from bot.jobs.store import holder_rows
from bot.jobs.store.holder_rows import Claimed
from bot.processes.notices import JOBS

EVERY_S = 3.0
"""How often the loop looks for jobs without a holder."""

LET_GO_S = 15.0
"""How often the loop releases jobs about which nothing is left to do. This is not urgent, and it reads all jobs of this
process."""

AT_ONCE = 50
"""How many jobs are claimed in one transaction, so that processes that start together get similar shares."""


class JobClaims:
    """The body of the loop that claims jobs."""

    def __init__(self, context: EngineContext, poller: Poller, card_updates: CardUpdates) -> None:
        self._process = context.process
        self._clock = context.clock
        self._limits = context.limits
        self._wakeups = context.wakeups
        self._notices = context.notices
        self._poller = poller
        self._card_updates = card_updates
        self._held: set[str] = set()
        self._named: dict[str, None] = {}
        self._cards: dict[str, None] = {}
        self._looks = True
        self._let_go_s = float("-inf")
        self._wakeup = WakeUp()

    def listen(self) -> None:
        """Start listening to other processes' notices about jobs."""
        self._notices.listen(JOBS, self._hear)
        self._process.on_change(self._look)

    async def run(self, beat: Callable[[], None]) -> None:
        """Keep claiming free jobs until cancelled."""
        look_s = float("-inf")
        while True:
            beat()
            if self._looks or self._clock.monotonic_s() >= look_s:
                await self.look()
                look_s = self._clock.monotonic_s() + EVERY_S
            await self._claim_named()
            await self._show_cards()
            await wakeup_or_time(self._wakeup, self._clock, look_s - self._clock.monotonic_s())

    async def drain(self) -> None:
        """Do nothing: this process's jobs are released when it ends."""

    async def look(self) -> None:
        """Claim all jobs without a holder, and occasionally release jobs for which nothing is left to do."""
        self._looks = False
        holder, found = self._process.token, AT_ONCE
        while found == AT_ONCE:
            now_ms = self._clock.now_ms()
            claimed = await self._process.run(lambda now_ms=now_ms: holder_rows.claim(holder, AT_ONCE, now_ms))
            self._begin(claimed, are_due=False)
            found = len(claimed)
        if self._clock.monotonic_s() >= self._let_go_s:
            self._let_go_s = self._clock.monotonic_s() + LET_GO_S
            self._held -= await self._process.run(lambda: holder_rows.release_finished(holder))

    async def _claim_named(self) -> None:
        jobs, self._named = list(self._named), {}
        if jobs:
            claimed = await self._process.run(lambda: holder_rows.claim_named(self._process.token, jobs))
            self._begin(claimed, are_due=True)

    async def _show_cards(self) -> None:
        jobs, self._cards = list(self._cards), {}
        for job in jobs:
            await self._card_updates.show(job)

    def _begin(self, claimed: Sequence[Claimed], *, are_due: bool) -> None:
        """Wake the loops for jobs that were claimed. Jobs named in a notice are due; others may have to wait."""
        self._held |= {one.job for one in claimed}
        if claimed:
            self._wakeups.deadlines.look_within(self._limits.waiting_s)
        for one in claimed:
            if one.state is State.WAITING:
                self._wakeups.after(State.WAITING, one.job if are_due else None)
        if any(one.state is not State.WAITING for one in claimed):
            self._poller.track_all()
            self._wakeups.all()

    def _hear(self, text: str) -> None:
        """Handle a notice from another process about a due job."""
        name, _, job = text.partition(" ")
        wakeup = self._wakeups.named(name)
        if name == SLOT_WANTED:
            self._wakeups.slots.refused_elsewhere()
        elif not name:
            self._look()
            self._poller.track_all()
            self._wakeups.all()
        elif not job and wakeup is not None:
            self._look()
            wakeup.set()
        elif job in self._held:
            self._due(name, wakeup, job)
        elif job and self._is_chosen(job):
            self._named[job] = None
            self._wakeup.set()

    def _due(self, name: str, wakeup: WakeUp | None, job: str) -> None:
        if name == CARD:
            self._cards[job] = None
            self._wakeup.set()
        elif wakeup is not None:
            wakeup.begin(job)

    def _look(self) -> None:
        self._looks = True
        self._wakeup.set()

    def _is_chosen(self, job: str) -> bool:
        """Return whether this worker is to claim a job with this id. All workers agree if they know who is alive."""
        workers = sorted(self._process.workers)
        return not workers or workers[zlib.crc32(job.encode()) % len(workers)] == self._process.token
