"""Ends the jobs of guilds that have removed the bot: nobody there can see their cards or results now.

`bot/app/client_hooks.py` says what else happens then.
"""

import logging

from bot.errors import BotRemoved
from bot.jobs.engine.context import EngineContext
from bot.jobs.money import transitions
from bot.jobs.store import job_rows
from bot.jobs.store.job_locks import of_job
from bot.processes.notices import JOINED, LEFT

log = logging.getLogger(__name__)


class GuildRemovals:
    """Remembers the guilds that have removed the bot, and ends their jobs.

    They are remembered because an order may be accepted while the bot is being removed from its guild. Memory is
    enough: at the next start, Discord lists the guilds that the bot is in.
    """

    def __init__(self, context: EngineContext) -> None:
        self._database = context.database
        self._clock = context.clock
        self._wakeups = context.wakeups
        self._left_guilds = context.left_guilds
        self._job_log = context.job_log
        self._notices = context.notices

    async def left(self, guild: int) -> None:
        """End the jobs of a guild: waiting ones at once, running ones as soon as the provider has stopped them."""
        self._left_guilds.add(guild)
        self._notices.tell(LEFT, str(guild))
        jobs = await self._database.read(lambda: job_rows.open_in_guild(guild))
        if jobs:
            log.info("guild %s has removed the bot: %s jobs are ended", guild, len(jobs))
        for job in jobs:
            async with self._job_log.of(job):
                await self.end(job)

    def joined(self, guild: int) -> None:
        """Create runs for a guild again."""
        self._left_guilds.discard(guild)
        self._notices.tell(JOINED, str(guild))

    async def end(self, job: str) -> None:
        """Cancel one job."""
        now_ms = self._clock.now_ms()
        await self._database.run(of_job(job, lambda: transitions.cancel(job, now_ms, failure=BotRemoved().failure)))
        self._wakeups.deliver.set()
        self._wakeups.cancel.set()
        self._wakeups.collect.set()  # all its runs may have ended already
