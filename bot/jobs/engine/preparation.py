"""Brings all stored times up to date at startup, before any loop takes a step.

If there are several processes, only one does this, and only if no other process is taking steps: if one is, Easel was
never down.
"""

from collections.abc import Callable

from bot.jobs.engine.context import EngineContext
from bot.jobs.store import holder_rows, job_rows, uptime_rows
from bot.storage.operation import Operation

LASTS_S = 30.0
"""How long connecting to Discord may take before stored times have to be brought up to date again."""

AT_ONCE = 2_000
"""How many jobs one transaction changes."""


class Preparation:
    """Prepares the database for the loops."""

    def __init__(self, context: EngineContext) -> None:
        self._database = context.database
        self._clock = context.clock
        self._process = context.process
        # Orders may be accepted between now and the start of the loops; their cards are still being sent and must not
        # be checked yet. Other processes accept orders all the time, and their cards are checked once the usual time
        # has passed.
        since_ms = context.clock.now_ms()
        self._cards_since_ms = since_ms - context.limits.card_check_s * 1_000 if self._process.token else since_ms
        self._prepared_s = float("-inf")

    async def prepare(self) -> None:
        """Bring stored times up to date, unless another process is taking steps."""
        if await self._process.is_first():
            await self._update()
        await self._process.ready()
        self._prepared_s = self._clock.monotonic_s()

    async def prepare_again(self) -> None:
        """Prepare once more if the last time was long ago: a Discord outage must not count against jobs either."""
        if self._clock.monotonic_s() - self._prepared_s > LASTS_S:
            await self.prepare()

    async def _update(self) -> None:
        # In parts, because SQLite keeps in memory what a transaction changes. No loop has started; only members can
        # make requests at this point, if Discord was already connected.
        await self._repeated(lambda: uptime_rows.move_some(AT_ONCE))  # jobs left on the list by an interrupted startup
        now_ms = self._clock.now_ms()
        await self._database.run(lambda: self._resume(now_ms))
        await self._repeated(lambda: uptime_rows.move_some(AT_ONCE))
        await self._repeated(lambda: job_rows.make_some_due(self._cards_since_ms, AT_ONCE))

    def _resume(self, now_ms: int) -> Operation[None]:
        if not self._process.token:  # others may have held jobs before, and this process takes steps of free jobs only
            yield from holder_rows.free_all()
        yield from uptime_rows.resume(now_ms)

    async def _repeated(self, operation: Callable[[], Operation[bool]]) -> None:
        while await self._database.run(operation):
            pass
