"""The table `guild_join`: when the bot joined each guild, and whether a greeting for that join was sent.

Discord sends GUILD_CREATE for a join, at each start and after each outage. Only the join time in the event shows that
the bot has joined, whether or not it was running then.
"""

from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from typing import TypeVar, cast

from bot.storage.operation import Database, Operation, Statement, each

T = TypeVar("T")

BATCH = 50
"""How many guilds are recorded in one transaction: few enough that the five milliseconds it takes go unnoticed."""


class Greeting(StrEnum):
    """Whether a join still has to be greeted."""

    DUE = "due"
    TRYING = "trying"
    OVER = "over"


class GuildJoins:
    """Records joins, and decides which of them are new."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def seen(self, joined_ms: Mapping[int, int], *, joined_now: bool) -> None:
        """Record when the bot joined each of these guilds, in Discord's time. A new join has to be greeted.

        A guild that is not recorded is new if Discord reports the join (`joined_now`), or if all guilds that were
        present are recorded (see `all_seen`).
        """
        await self._database.run(lambda: each(_seen(guild, at_ms, joined_now) for guild, at_ms in joined_ms.items()))

    async def all_seen(self) -> None:
        """Note that all present guilds are recorded, which means that any other guild is new."""
        await self._database.run(_all_seen)

    async def due(self) -> dict[int, Greeting]:
        """Return the guilds with a join to greet, and those whose greeting may have been sent."""
        return await self._database.read(_due)

    async def take(self, guild: int) -> bool:
        """Record that a greeting is about to be sent. Return False if it is not due, or another call is sending it."""
        return await self._database.run(lambda: _move(guild, Greeting.DUE, Greeting.TRYING))

    async def over(self, guild: int) -> None:
        """Record that a greeting was sent, or that it cannot be sent."""
        await self._database.run(lambda: _move(guild, Greeting.TRYING, Greeting.OVER))


class RecordedShards:
    """The shards whose guilds are recorded, for a bot with only one process."""

    def __init__(self) -> None:
        self._recorded: set[tuple[int, int]] = set()

    async def recorded(self, shard: int, count: int) -> bool:
        """Note that the guilds of one of `count` shards are recorded. Return whether the guilds of all shards are."""
        self._recorded.add((shard, count))
        return all((number, count) in self._recorded for number in range(count))


def _seen(guild: int, joined_ms: int, joined_now: bool) -> Operation[None]:
    known = yield Statement("SELECT 1 FROM guild_joins_known WHERE id = 1")
    greeting = Greeting.DUE if joined_now or known else Greeting.OVER
    yield Statement(
        "INSERT INTO guild_join (guild, joined_ms, greeting) VALUES ($1, $2, $3) ON CONFLICT (guild) DO UPDATE "
        "SET joined_ms = $2, greeting = 'due' WHERE guild_join.joined_ms <> $2",
        guild,
        joined_ms,
        greeting,
    )


def _all_seen() -> Operation[None]:
    yield Statement("INSERT INTO guild_joins_known (id) VALUES (1) ON CONFLICT (id) DO NOTHING")


def _due() -> Operation[dict[int, Greeting]]:
    rows = yield Statement("SELECT guild, greeting FROM guild_join WHERE greeting <> 'over' ORDER BY guild")
    return {guild: Greeting(state) for guild, state in cast("list[tuple[int, str]]", rows)}


def _move(guild: int, before: Greeting, after: Greeting) -> Operation[bool]:
    rows = yield Statement(
        "UPDATE guild_join SET greeting = $3 WHERE guild = $1 AND greeting = $2 RETURNING guild", guild, before, after
    )
    return bool(rows)


def in_batches(guilds: Sequence[T]) -> Iterator[Sequence[T]]:
    """Split guilds into batches that are recorded together."""
    return (guilds[begin : begin + BATCH] for begin in range(0, len(guilds), BATCH))
