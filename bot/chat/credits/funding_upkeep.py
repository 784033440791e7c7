"""Ends waiting grants that nobody has approved or denied in time. It runs in the background."""

import asyncio
import contextlib
import logging

from bot.chat.discord.server_log import ServerLog
from bot.clock import Clock
from bot.errors import StorageError
from bot.funding.funding import Funding
from bot.storage.background import in_background

LOOK_AGAIN_S = 60.0

log = logging.getLogger(__name__)


class FundingUpkeep:
    """Ends waiting grants when their time has run out."""

    def __init__(self, funding: Funding, server_log: ServerLog, clock: Clock) -> None:
        self._funding = funding
        self._server_log = server_log
        self._clock = clock
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Start the background task, beginning with grants whose time ran out while the bot was not running."""
        self._task = asyncio.create_task(in_background(self._run()), name="funding upkeep")

    async def stop(self) -> None:
        """Stop the background task."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _run(self) -> None:
        while True:
            try:
                if await self._funding.expire_grants():
                    self._server_log.wake()  # to update their cards
            except StorageError as error:
                log.warning("waiting grants cannot be read or written: %s", error)
            except Exception:  # waiting credits must be released, so retry whatever happens
                log.exception("waiting grants could not be ended; it is tried again")
            await self._clock.sleep(LOOK_AGAIN_S)
