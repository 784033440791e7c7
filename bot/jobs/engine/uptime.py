"""Records regularly that Easel is running, so that the next process knows how long Easel was down.

Downtime does not count against a job: see `bot.jobs.store.uptime_rows`.
"""

from collections.abc import Callable

from bot.errors import StorageError
from bot.jobs.engine.context import EngineContext
from bot.jobs.store import uptime_rows

EVERY_S = 30.0
"""If a process is killed, its jobs get up to this much extra time, but never too little."""


class Uptime:
    """The body of a loop that stores the time of its last round."""

    def __init__(self, context: EngineContext) -> None:
        self._database = context.database
        self._clock = context.clock

    async def run(self, beat: Callable[[], None]) -> None:
        """Keep storing the time until cancelled."""
        while True:
            beat()
            await self._clock.sleep(EVERY_S)
            await self._record()

    async def drain(self) -> None:
        """Store the time of an orderly stop. A database that fails only makes the measured downtime less accurate."""
        try:
            await self._record()
        except StorageError:
            return

    async def _record(self) -> None:
        now_ms = self._clock.now_ms()
        await self._database.run(lambda: uptime_rows.seen(now_ms))
