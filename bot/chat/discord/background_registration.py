"""Registers the commands in the background, so that a refusal never keeps the bot from serving the existing ones.

It waits for the end of an outage. After too many new commands in one day (30034), the next try is made when Discord
allows it. Definitions that Discord refuses stay refused until another version starts, so they are not sent again.
"""

import asyncio
import contextlib
import logging
import random
from collections.abc import Awaitable, Callable

import discord

from bot.chat.discord.outages import NO_ANSWER, TOO_MANY_CREATES, is_outage, reason, retry_after_s
from bot.clock import Clock
from bot.errors import StorageError

FIRST_PAUSE_S = 5.0
LONGEST_PAUSE_S = 600.0
QUOTA_PAUSE_S = 3_600.0
"""The pause after error 30034 if Discord does not say how long to wait."""

log = logging.getLogger(__name__)


class BackgroundRegistration:
    """Calls `register` until it works or can never work."""

    def __init__(self, register: Callable[[], Awaitable[None]], clock: Clock) -> None:
        self._register = register
        self._clock = clock
        self._tried = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._problem: str | None = "Discord has not answered yet"

    @property
    def problem(self) -> str | None:
        """Why Discord does not have this version's commands; None if it has them."""
        return self._problem

    def start(self) -> None:
        """Start the registration, or restart it."""
        if self._task is not None:
            self._task.cancel()
        self._tried.clear()
        self._task = asyncio.create_task(self._run(), name="command registration")

    async def tried(self, within_s: float) -> None:
        """Wait until the first try has ended, but for no longer than `within_s` seconds."""
        try:
            # Only the wait has this limit. The call continues: discord.py may be waiting for a rate limit.
            async with asyncio.timeout(within_s):
                await self._tried.wait()
        except TimeoutError:
            log.warning("Discord has not answered to the registration of the commands; the earlier ones stay in use")

    async def stop(self) -> None:
        """Give up a try in progress."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _run(self) -> None:
        tries = 0
        while not await self._try(tries):
            tries += 1

    async def _try(self, tries: int) -> bool:
        """Try once, and wait until the next try is due. Return whether this was the last try."""
        pause_s = None
        try:
            await self._register()
            self._problem = None
        except (*NO_ANSWER, discord.DiscordException, StorageError) as error:
            pause_s, self._problem = _pause_s(error, tries), reason(error)
            log.warning(
                "the commands could not be registered (%s); the earlier ones stay in use, %s",
                self._problem,
                "until another version starts" if pause_s is None else f"next try in {pause_s:.0f} s",
            )
        except Exception as error:  # even after a bug here, the bot can serve the commands that exist
            self._problem = reason(error)
            log.exception("the commands could not be registered; the earlier ones stay in use")
        self._tried.set()
        if pause_s is None:
            return True
        await self._clock.sleep(pause_s)
        return False


def _pause_s(error: Exception, tries: int) -> float | None:
    """Return the seconds until the next try; None if another try would end in the same way."""
    asked_s = retry_after_s(error)
    if isinstance(error, discord.HTTPException) and error.code == TOO_MANY_CREATES:
        return asked_s or QUOTA_PAUSE_S
    if not (is_outage(error) or isinstance(error, (*NO_ANSWER, StorageError))):
        return None
    return max(asked_s, min(FIRST_PAUSE_S * 2 ** min(tries, 30), LONGEST_PAUSE_S) * random.uniform(1.0, 1.25))
