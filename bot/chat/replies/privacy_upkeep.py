"""Erases members and forgets servers in the background, once the promised day has come."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable

from bot.clock import Clock
from bot.errors import StorageError
from bot.privacy.departed_guilds import DepartedGuilds, HasLeft
from bot.privacy.erasures import Erasures
from bot.storage.background import in_background

LOOK_AGAIN_S = 60.0

log = logging.getLogger(__name__)


class PrivacyUpkeep:
    """Erases members and forgets servers on the promised day."""

    def __init__(self, erasures: Erasures, guilds: DepartedGuilds, clock: Clock) -> None:
        self._erasures = erasures
        self._guilds = guilds
        self._clock = clock
        self._task: asyncio.Task[None] | None = None

    def start(self, has_left: HasLeft) -> None:
        """Start the background task, beginning with everything that became due while the bot was not running."""
        self._task = asyncio.create_task(in_background(self._run(has_left)), name="privacy upkeep")

    async def stop(self) -> None:
        """Stop the background task."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _run(self, has_left: HasLeft) -> None:
        while True:
            await _attempt(self._erasures.carry_out())
            await _attempt(self._guilds.forget_due(has_left))
            await self._clock.sleep(LOOK_AGAIN_S)


async def _attempt(work: Awaitable[int]) -> None:
    try:
        await work
    except StorageError as error:
        log.warning("what is to be erased cannot be read or written: %s", error)
    except Exception:  # erasure was promised, so retry whatever happens
        log.exception("what is to be erased could not be erased; it is tried again")
