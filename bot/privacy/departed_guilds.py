"""Forgets servers that removed the bot, after a number of days (FORGET_GUILD_DAYS).

Their settings and all texts and files are erased. The ledger and the skeletons of jobs stay under a pseudonymous id, so
that the operator's totals stay correct; members keep their right to export and erase what is left of their data.
"""

import logging
from collections.abc import Awaitable, Callable, Collection
from typing import cast

from bot.clock import Clock
from bot.funding import forgotten_guilds
from bot.funding.forgotten_guilds import GuildDigests
from bot.guilds.guilds import Guilds
from bot.ledger import keys, queries
from bot.ledger.pseudonyms import PSEUDONYM_BIT, new_pseudonym
from bot.policy.policy import Policy
from bot.preferences.preferences import Preferences
from bot.privacy import erasing
from bot.privacy.erasures import DAY_MS, remove_files, texts_of
from bot.privacy.pending_scrub import ErasableDatabase, scrub_if_due
from bot.privacy.treatments import OF_GUILD
from bot.storage.artefacts import ArtefactStore
from bot.storage.operation import Operation, Statement, each

HasLeft = Callable[[int], Awaitable[bool]]
"""Asks Discord whether a guild has really removed the bot. Without an answer, the guild counts as not having left."""

log = logging.getLogger(__name__)


class DepartedGuilds:
    """The guilds that have removed the bot."""

    def __init__(
        self,
        database: ErasableDatabase,
        artefacts: ArtefactStore,
        policy: Policy,
        preferences: Preferences,
        guilds: Guilds,
        clock: Clock,
        digests: GuildDigests,
        days: int,
    ) -> None:
        self._database = database
        self._artefacts = artefacts
        self._policy = policy
        self._preferences = preferences
        self._guilds = guilds
        self._clock = clock
        self._digests = digests
        self._days = days

    async def left(self, guild: int) -> None:
        """Record that a guild has removed the bot."""
        at_ms = self._clock.now_ms()
        await self._database.run(lambda: _left(guild, at_ms))

    async def joined(self, guilds: Collection[int]) -> None:
        """Record that the bot is in these guilds: they are not forgotten."""
        await self._database.run(lambda: each(map(_joined, guilds)))

    async def unnoticed(self) -> frozenset[int]:
        """Return all guilds that are known and not recorded as departed."""
        return await self._database.read(_unnoticed)

    async def forget_due(self, has_left: HasLeft) -> int:
        """Forget the guilds whose time has come, and return their number. No guild is forgotten if the setting is 0."""
        if not self._days:
            return 0
        before_ms = self._clock.now_ms() - self._days * DAY_MS
        done = 0
        for guild in await self._database.read(lambda: _due(before_ms)):
            try:
                # Forgetting cannot be undone, so Discord is asked again: an event may have been missed.
                done += await has_left(guild) and await self._forget(guild)
            except Exception as error:  # noqa: BLE001 - one guild must not hold up the others
                log.warning("guild %s cannot be forgotten now: %r", guild, error)
        await scrub_if_due(self._database)
        return done

    async def _forget(self, guild: int) -> bool:
        if await self._database.read(lambda: erasing.waits(OF_GUILD, guild)):
            return False
        texts = await texts_of(self._database, OF_GUILD, guild)
        await remove_files(self._artefacts, texts)
        pseudonym, digest, at_ms = new_pseudonym(), self._digests.of(guild), self._clock.now_ms()

        def write() -> Operation[bool]:
            if not (yield Statement("SELECT 1 FROM guild_departure WHERE guild = $1", guild)):
                return False  # it has come back
            had_credits = yield from queries.is_used(keys.new_guild(guild))  # its key has the pseudonym afterwards
            done = yield from erasing.forget_guild(guild, pseudonym, texts, at_ms)
            if done and had_credits:
                yield from forgotten_guilds.remember(digest)
            return done

        forgotten = await self._database.run(write)
        if forgotten:
            self._preferences.forget_guild(guild)
            self._guilds.forget(guild)
            self._policy.forget()
            log.info("a server with %s jobs, which removed the bot, is forgotten", len(texts))
        return forgotten


def _left(guild: int, at_ms: int) -> Operation[None]:
    yield Statement(
        "INSERT INTO guild_departure (guild, left_ms) VALUES ($1, $2) ON CONFLICT (guild) DO NOTHING", guild, at_ms
    )


def _joined(guild: int) -> Operation[None]:
    yield Statement("DELETE FROM guild_departure WHERE guild = $1", guild)


def _unnoticed() -> Operation[frozenset[int]]:
    rows = yield Statement(
        "SELECT guild FROM (SELECT guild FROM guild_join UNION SELECT guild FROM account) AS known WHERE guild < $1"
        " AND NOT EXISTS (SELECT 1 FROM guild_departure AS d WHERE d.guild = known.guild)",
        PSEUDONYM_BIT,
    )
    return frozenset(cast("int", row[0]) for row in rows)


def _due(before_ms: int) -> Operation[list[int]]:
    rows = yield Statement("SELECT guild FROM guild_departure WHERE left_ms <= $1 ORDER BY left_ms", before_ms)
    return [cast("int", row[0]) for row in rows]
