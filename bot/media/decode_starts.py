"""Counts on disk how often decoding a file was started but never ended, so that a file that kills the bot is given up.

Workers contain most crashes. These counts are for the rest: a machine that runs out of memory or hangs.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import cast

from bot.catalogue.refusals import unusable
from bot.storage.operation import Database, Operation, Statement

STARTS_MOST = 2
"""The number of starts without an end after which a file is refused."""


class DecodeStarts:
    """The `StartCounter` of the bot; it owns the table `decode_start`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._active: Counter[str] = Counter()

    @asynccontextmanager
    async def counted(self, subject: str, name: str) -> AsyncGenerator[None]:
        """Record that decoding starts, and delete the record when it ends in any way except by the end of the process.

        `subject` names the file and its job. Tasks that decode the same file at the same time count as one start.
        Raises UnusableFile if it was started too often.
        """
        if not await self._enter(subject):
            raise unusable(name, "file-unreadable")
        try:
            yield
        finally:
            if self._leave(subject):
                await asyncio.shield(self._database.run(lambda: _end(subject)))

    async def _enter(self, subject: str) -> bool:
        """Count a start unless this subject is being decoded already; False if there were too many."""
        self._active[subject] += 1
        if self._active[subject] > 1:
            return True
        entered = False
        try:
            entered = await self._database.run(lambda: _begin(subject)) <= STARTS_MOST
        finally:
            if not entered:
                self._leave(subject)
        return entered

    def _leave(self, subject: str) -> bool:
        """Remove one task that decodes this subject; True if it was the last."""
        self._active[subject] -= 1
        last = self._active[subject] == 0
        if last:
            del self._active[subject]
        return last


def _begin(subject: str) -> Operation[int]:
    """Count one more start, and return the number of starts that never ended."""
    rows = yield Statement(
        "INSERT INTO decode_start (subject, starts) VALUES ($1, 1) "
        "ON CONFLICT (subject) DO UPDATE SET starts = decode_start.starts + 1 RETURNING starts",
        subject,
    )
    return cast("int", rows[0][0])


def _end(subject: str) -> Operation[None]:
    yield Statement("DELETE FROM decode_start WHERE subject = $1", subject)
