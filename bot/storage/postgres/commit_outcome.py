"""Finds out whether a transaction was committed if the answer to its COMMIT was lost.

The server remembers the outcome of each transaction that wrote something:
https://www.postgresql.org/docs/current/functions-info.html#FUNCTIONS-INFO-SNAPSHOT
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from enum import Enum, auto
from typing import Self

from bot.storage.postgres.connection import PAUSE_S, ServerConnection, connect
from bot.storage.postgres.server_errors import is_invalid

ASK_S = 5.0
"""How long the server may take to answer the queries of one attempt."""


class CommitOutcome(Enum):
    """How a transaction ended."""

    COMMITTED = auto()
    ABORTED = auto()
    UNKNOWN = auto()


@dataclass(frozen=True, slots=True)
class WrittenTransaction:
    """A transaction that is about to be committed. `id` is None if it wrote nothing.

    After a crash, the server may give the id of a transaction whose log had not reached the disk to another
    transaction. The time of the last statistics reset reveals that: statistics are discarded after each crash, and
    another server has a different time.
    """

    id: str | None
    statistics_since: str | None

    @classmethod
    async def of(cls, connection: ServerConnection) -> Self:
        """Return the transaction that is open on a connection."""
        ((number, since),) = await connection.fetch(
            "SELECT pg_current_xact_id_if_assigned()::text, pg_stat_get_bgwriter_stat_reset_time()::text"
        )
        return cls(None if number is None else str(number), None if since is None else str(since))

    async def outcome(self, url: str, limit_s: float) -> CommitOutcome:
        """Ask the server on new connections, because old ones may be dead too, until it knows or time is up."""
        if self.id is None:
            return CommitOutcome.ABORTED
        loop = asyncio.get_running_loop()
        deadline_s = loop.time() + limit_s
        while True:
            with suppress(Exception):  # the server cannot be reached yet
                async with asyncio.timeout_at(deadline_s), _opened(url) as connection:
                    outcome = await self._ask(connection, self.id)
                if outcome is not None:
                    return outcome
            if loop.time() >= deadline_s:
                return CommitOutcome.UNKNOWN
            await asyncio.sleep(PAUSE_S)

    async def _ask(self, connection: ServerConnection, number: str) -> CommitOutcome | None:
        """Return how the transaction ended; None if it has not ended yet."""
        try:
            async with asyncio.timeout(ASK_S):
                # The session's connection is dead, but it may not have noticed that and may still wait for the COMMIT.
                await connection.fetch(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE backend_xid = $1::text::xid8::xid AND usename = current_user",
                    number,
                )
                ((status, since),) = await connection.fetch(
                    "SELECT pg_xact_status($1::text::xid8), pg_stat_get_bgwriter_stat_reset_time()::text", number
                )
        except Exception as error:
            if is_invalid(error):  # the server does not know this number yet: it crashed before anything was on disk
                return CommitOutcome.ABORTED
            raise
        if status == "aborted":
            return CommitOutcome.ABORTED
        if status == "committed":
            return CommitOutcome.COMMITTED if since == self.statistics_since else CommitOutcome.UNKNOWN
        return None if status == "in progress" else CommitOutcome.UNKNOWN


@asynccontextmanager
async def _opened(url: str) -> AsyncGenerator[ServerConnection]:
    connection = await connect(url)
    try:
        yield connection
    finally:
        connection.terminate()  # it has no transaction to end, and may be dead too
