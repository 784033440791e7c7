"""Updates the cards of jobs while they run.

No card shows a change within a second unless its member requested it. So changes are collected for a second and read
together, and jobs whose end is being shown by then are not read at all.
"""

import asyncio
import logging
from collections.abc import Callable
from itertools import islice

from bot.clock import wakeup_or_time
from bot.errors import EaselError
from bot.jobs.engine.context import EngineContext
from bot.jobs.engine.loops import SILENT_S
from bot.jobs.ports import Messenger
from bot.jobs.records import LIVE, Snapshot

COLLECTED_S = 1.0
"""How long changes are collected. The messenger shows none of them earlier (`bot/chat/delivery/edit_times.py`)."""

AT_ONCE = 50
"""How many jobs are read together."""

log = logging.getLogger(__name__)


class CardUpdates:
    """Passes changes on to the messenger. No job waits for its progress to be shown, or fails if it cannot be shown.

    It is the body of a loop.
    """

    def __init__(self, context: EngineContext, messenger: Messenger) -> None:
        self._snapshots = context.snapshots
        self._clock = context.clock
        self._messenger = messenger
        self._due_s: dict[str, float] = {}
        """When each job's changes are to be passed on, earliest first."""
        self._wakeup = asyncio.Event()

    def changed(self, job: str) -> None:
        """Show the state of this job soon, unless it has ended: the end is shown by delivery alone."""
        self._due_s.setdefault(job, self._clock.monotonic_s() + COLLECTED_S)
        self._wakeup.set()

    def ends(self, job: str) -> None:
        """Stop showing this job's progress, because its end is being shown."""
        self._due_s.pop(job, None)

    async def show(self, job: str) -> None:
        """Show the current state of this job now, because its member requested the change."""
        try:
            self._pass_on(await self._snapshots.get(job))
        except EaselError as error:
            log.warning("no progress shown for job %s: %s", job, error)

    async def run(self, beat: Callable[[], None]) -> None:
        """Keep passing on changes until cancelled."""
        while True:
            beat()
            await wakeup_or_time(self._wakeup, self._clock, SILENT_S / 2)  # there is nothing to pass on
            while self._due_s:
                beat()
                await self._clock.sleep(next(iter(self._due_s.values())) - self._clock.monotonic_s())
                await self._show_due()

    async def drain(self) -> None:
        """Do nothing: every change is shown again after the next start."""

    async def _show_due(self) -> None:
        now_s = self._clock.monotonic_s()
        jobs = [job for job, due_s in islice(self._due_s.items(), AT_ONCE) if due_s <= now_s]
        for job in jobs:
            del self._due_s[job]
        if not jobs:
            return
        try:
            for snapshot in await self._snapshots.of_ids(jobs):
                self._pass_on(snapshot)
        except EaselError as error:
            log.warning("no progress shown for %s jobs: %s", len(jobs), error)

    def _pass_on(self, snapshot: Snapshot) -> None:
        if snapshot.job.state in LIVE:
            self._messenger.progress(snapshot)
