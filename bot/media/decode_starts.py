"""Counts on disk how often decoding a file was started and did not end, so that a file that kills the bot is given up.

Workers contain most crashes. This is for what they cannot contain: a machine that runs out of memory or hangs.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import cast

from bot.catalogue.refusals import unusable
from bot.storage.operation import Database, Operation, Statement

STARTS_MOST = 2
"""After so many starts without an end, a file is refused."""


class DecodeStarts:
    """The `StartCounter` of the bot; it owns the table `decode_start`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @asynccontextmanager
    async def counted(self, subject: str, name: str) -> AsyncGenerator[None]:
        """Write that decoding starts, and delete that at its end, however it ends but by the end of the process.

        `subject` says what is decoded, for which job. Raises UnusableFile if it was started too often.
        """
        if await self._database.run(lambda: _begin(subject)) > STARTS_MOST:
            raise unusable(name, "file-unreadable")
        try:
            yield
        finally:
            await asyncio.shield(self._database.run(lambda: _end(subject)))


def _begin(subject: str) -> Operation[int]:
    """Count one more start, and return how many there were without an end."""
    rows = yield Statement(
        "INSERT INTO decode_start (subject, starts) VALUES ($1, 1) "
        "ON CONFLICT (subject) DO UPDATE SET starts = decode_start.starts + 1 RETURNING starts",
        subject,
    )
    return cast("int", rows[0][0])


def _end(subject: str) -> Operation[None]:
    yield Statement("DELETE FROM decode_start WHERE subject = $1", subject)
