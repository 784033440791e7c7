"""Ends waiting grants for which nobody decided in time, and says so on their cards. It runs in the background."""

import asyncio
import contextlib
import logging

import discord

from bot.chat.discord.server_log import ServerLog
from bot.chat.replies.grant_approvals import decided_card
from bot.chat.texts.languages import Languages
from bot.clock import Clock
from bot.errors import StorageError
from bot.funding.funding import Funding
from bot.funding.grant_rows import WaitingGrant
from bot.guilds import log_entries
from bot.guilds.log_entries import LogKind
from bot.storage.operation import Database

LOOK_AGAIN_S = 60.0

log = logging.getLogger(__name__)


class FundingUpkeep:
    """Does what is due by time alone."""

    def __init__(
        self, database: Database, funding: Funding, server_log: ServerLog, languages: Languages, clock: Clock
    ) -> None:
        self._database = database
        self._funding = funding
        self._server_log = server_log
        self._languages = languages
        self._clock = clock
        self._task: asyncio.Task[None] | None = None

    def start(self, client: discord.Client) -> None:
        """Begin, with what became due while the bot was not running."""
        self._task = asyncio.create_task(self._run(client), name="funding upkeep")

    async def stop(self) -> None:
        """Stop."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _run(self, client: discord.Client) -> None:
        while True:
            try:
                for ended in await self._funding.expire_grants():
                    await self._redraw(client, ended)
            except StorageError as error:
                log.warning("waiting grants cannot be read or written: %s", error)
            await self._clock.sleep(LOOK_AGAIN_S)

    async def _redraw(self, client: discord.Client, ended: WaitingGrant) -> None:
        guild = ended.grant.guild
        entry = await self._database.read(lambda: log_entries.about(guild, LogKind.GRANT_WAITS, str(ended.grant.id)))
        found = client.get_guild(guild)
        if entry is not None and found is not None:
            say = self._languages.of_guild(guild, str(found.preferred_locale))
            await self._server_log.redraw(entry, decided_card(ended, say))
