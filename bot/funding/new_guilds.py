"""Gives servers that add the bot their first credits (NEW_GUILD_CREDITS), in a way that nobody can farm.

A server that is too small or too young, or that joins when the day's credits for new servers are used up, waits for the
operator. The daily limit is a condition of the write that counts the credits.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC
from enum import StrEnum
from typing import cast

from bot.calendar_periods import Every, name_at
from bot.clock import Clock
from bot.errors import NotFound
from bot.funding import forgotten_guilds
from bot.funding.forgotten_guilds import GuildDigests
from bot.guilds.known_guilds import GuildFacts
from bot.ledger import keys, queries, transfers
from bot.storage.operation import Database, Operation, Statement, each

LISTED = 50


@dataclass(frozen=True, slots=True)
class FirstCredits:
    """A new server's first credits, their daily limit for all servers, and the conditions for getting them at once."""

    amount_mcr: int
    per_day_mcr: int
    least_members: int = 0
    least_age_ms: int = 0


class FirstState(StrEnum):
    """The outcome for a server's first credits, or the reason why they wait for the operator.

    The last three are stored.
    """

    NONE = "none"
    """The server has already had its credits, or new servers get none."""
    GIVEN = "given"
    CAP = "cap"
    SMALL = "small"
    YOUNG = "young"


@dataclass(frozen=True, slots=True)
class WaitingGuild:
    """A server whose first credits wait for the operator."""

    guild: int
    amount_mcr: int
    reason: FirstState
    at_ms: int


class NewGuilds:
    """Gives servers their first credits."""

    def __init__(self, database: Database, clock: Clock, terms: FirstCredits, digests: GuildDigests) -> None:
        self._database = database
        self._clock = clock
        self._terms = terms
        self._digests = digests

    async def joined(self, guilds: Sequence[GuildFacts]) -> list[FirstState]:
        """Give each server its first credits, or let it wait. This may be called any number of times."""
        if not self._terms.amount_mcr:
            return [FirstState.NONE] * len(guilds)
        at_ms, digests = self._clock.now_ms(), [self._digests.of(facts.guild) for facts in guilds]
        return await self._database.run(
            lambda: each(
                _admit(facts, self._terms, digest, at_ms) for facts, digest in zip(guilds, digests, strict=True)
            )
        )

    async def waiting(self) -> tuple[WaitingGuild, ...]:
        """Return the servers that are waiting for the operator, in the order in which they joined."""
        return await self._database.read(_waiting)

    async def approve(self, guild: int, *, by: int) -> int:
        """Give a waiting server its credits, and return the amount. Raises NotFound."""
        at_ms = self._clock.now_ms()
        return await self._database.run(lambda: _approve(guild, by, at_ms))


def _admit(facts: GuildFacts, terms: FirstCredits, digest: str, at_ms: int) -> Operation[FirstState]:
    if (yield from queries.is_used(keys.new_guild(facts.guild))) or (yield from forgotten_guilds.is_known(digest)):
        return FirstState.NONE
    claimed = yield Statement(
        "INSERT INTO new_guild (guild, amount, state, reason, at_ms) VALUES ($1, $2, 'given', '', $3)"
        " ON CONFLICT (guild) DO NOTHING RETURNING guild",
        *(facts.guild, terms.amount_mcr, at_ms),
    )
    if not claimed:
        return FirstState.NONE
    reason = yield from _obstacle(facts, terms, at_ms)
    if reason is None:
        yield from _mint(facts.guild, terms.amount_mcr, 0, at_ms)
        return FirstState.GIVEN
    yield Statement("UPDATE new_guild SET state = 'waiting', reason = $2 WHERE guild = $1", facts.guild, reason)
    return reason


def _obstacle(facts: GuildFacts, terms: FirstCredits, at_ms: int) -> Operation[FirstState | None]:
    """Return why a server has to wait; if it does not, count its credits and return None."""
    if facts.members < terms.least_members:
        return FirstState.SMALL
    if at_ms - facts.created_ms < terms.least_age_ms:
        return FirstState.YOUNG
    counted = yield Statement(
        "INSERT INTO new_guild_day (day, given) SELECT $1, CAST($2 AS BIGINT) WHERE $2 <= $3"
        " ON CONFLICT (day) DO UPDATE SET given = new_guild_day.given + $2 WHERE new_guild_day.given + $2 <= $3"
        " RETURNING given",
        *(name_at(Every.DAY, at_ms, UTC), terms.amount_mcr, terms.per_day_mcr),
    )
    return None if counted else FirstState.CAP


def _approve(guild: int, by: int, at_ms: int) -> Operation[int]:
    rows = yield Statement(
        "UPDATE new_guild SET state = 'given' WHERE guild = $1 AND state = 'waiting' RETURNING amount", guild
    )
    if not rows:
        raise NotFound(what="new-server", name=str(guild))
    amount = cast("int", rows[0][0])
    yield from _mint(guild, amount, by, at_ms)
    return amount


def _mint(guild: int, amount: int, by: int, at_ms: int) -> Operation[None]:
    yield from transfers.mint(guild, amount, key=keys.new_guild(guild), actor=by, reason="a new guild", at_ms=at_ms)


def _waiting() -> Operation[tuple[WaitingGuild, ...]]:
    rows = yield Statement(
        "SELECT guild, amount, reason, at_ms FROM new_guild WHERE state = 'waiting' ORDER BY at_ms, guild LIMIT $1",
        LISTED,
    )
    found = cast("list[tuple[int, int, str, int]]", rows)
    return tuple(WaitingGuild(guild, amount, FirstState(reason), at_ms) for guild, amount, reason, at_ms in found)
