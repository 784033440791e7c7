"""The shards that a gateway process holds, in agreement with the other processes."""

import asyncio
from collections.abc import Collection, Mapping

from bot.clock import Clock, wakeup_or_time
from bot.processes import shard_rows
from bot.processes.notices import SHARDS, Notices
from bot.processes.shard_plan import ShardsOfProcess, of_process, planned
from bot.processes.this_process import Process
from bot.storage.operation import Database

LOOK_AGAIN_S = 1.0
"""How often a process checks its shards without a notice. An interaction has to be answered within 3 s."""


class ShardClaims:
    """Takes shards for one process, and passes them on."""

    def __init__(self, database: Database, process: Process, notices: Notices, clock: Clock) -> None:
        self._database = database
        self._token = process.token
        self._notices = notices
        self._clock = clock
        self._told = asyncio.Event()
        notices.listen(SHARDS, lambda _: self._told.set())
        process.on_change(self._told.set)

    async def begin(self) -> None:
        """Take shards from now on. Raises StorageError."""
        await self._database.run(lambda: shard_rows.takes_shards(self._token, takes=True))

    async def claim(self, connected: Collection[int], offered: int) -> ShardsOfProcess:
        """Take the shards that this process may have, and return what it is to do. Raises StorageError.

        `connected` are the shards whose guilds it knows. `offered` is the number of shards that Discord recommends,
        which counts only while no process holds a shard.
        """
        before, gateways = await self._database.read(shard_rows.look)
        after = shard_rows.with_connected(
            planned(before, gateways, self._token, offered=offered), self._token, connected
        )
        changes = tuple(before) != after
        if not changes and (self._token in gateways.connected) == bool(connected):  # the usual case
            return of_process(after, gateways, self._token)
        found = await self._database.run(lambda: shard_rows.claim(self._token, connected, offered))
        if changes:
            self._notices.tell(SHARDS)
        return found

    async def pass_on(self, taken: Mapping[int, Collection[int]]) -> None:
        """Pass shards on to their heirs, each with the ids of the latest interactions. Raises StorageError."""
        await self._database.run(lambda: shard_rows.pass_on(self._token, taken))
        self._notices.tell(SHARDS)

    async def leave(self) -> None:
        """Let others take over all shards of this process, which acts on them until then. Raises StorageError."""
        await self._database.run(lambda: shard_rows.takes_shards(self._token, takes=False))
        self._notices.tell(SHARDS)

    async def go_away(self, *, away: bool) -> None:
        """Let others take over because this process alone is cut off, or take shards again. Raises StorageError.

        The process acts on the shards that it holds until then.
        """
        await self._database.run(lambda: shard_rows.goes_away(self._token, away=away))
        self._notices.tell(SHARDS)

    async def outgrow(self) -> None:
        """Tell all processes that Discord requires more shards. Raises StorageError."""
        await self._database.run(shard_rows.outgrow)
        self._notices.tell(SHARDS)

    async def give_up(self) -> None:
        """Give up all shards: this process has closed all its connections. Raises StorageError."""
        if await self._database.run(lambda: shard_rows.give_up(self._token)):
            self._notices.tell(SHARDS)

    async def recorded(self, number: int, count: int) -> bool:
        """Record that a shard's guilds are recorded. Return whether those of all shards are. Raises StorageError."""
        return await self._database.run(lambda: shard_rows.recorded(number, count))

    def look_soon(self) -> None:
        """Check the shards at once, because something has changed in this process."""
        self._told.set()

    async def until_told(self) -> None:
        """Wait until something may have changed."""
        await wakeup_or_time(self._told, self._clock, LOOK_AGAIN_S)
