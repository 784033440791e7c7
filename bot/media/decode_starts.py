"""Counts on disk how often decoding a file was started but never ended, so that a file that kills the bot is refused.

Workers contain most crashes. These counts are for the rest: a machine that runs out of memory or hangs.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import cast

from bot.catalogue.refusals import unusable
from bot.storage.locking import unlocked
from bot.storage.operation import Database, Operation, Statement

STARTS_MOST = 2
"""The number of unfinished starts after which a file is refused."""


class DecodeStarts:
    """The `StartCounter` of the bot; it owns the table `decode_start`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._active: Counter[str] = Counter()

    @asynccontextmanager
    async def counted(self, subject: str, name: str) -> AsyncGenerator[None]:
        """Record that decoding starts, and delete the record when it ends, unless the process itself ends.

        `subject` identifies the file and its job. Tasks that decode the same file at the same time count as one start.
        Raises UnusableFile if decoding was started too often.
        """
        async with self.sequence() as sequence, sequence.counted(subject, name):
            yield

    @asynccontextmanager
    async def sequence(self) -> AsyncGenerator["DecodeSequence"]:
        """Count consecutive operations: the end of one is written together with the start of the next."""
        sequence = DecodeSequence(self)
        try:
            yield sequence
        finally:
            if sequence.has_ended:
                ending = sequence.ending()
                sequence.written()
                await asyncio.shield(self._database.run(unlocked(ending)))

    async def enter(self, subject: str, before: Callable[[], Operation[None]]) -> bool:
        """Count a start unless this subject is being decoded already; False if there were too many.

        `before` runs in the same transaction.
        """
        self._active[subject] += 1
        known, entered = self._active[subject] > 1, False
        if known and before is _nothing:
            return True

        def begin() -> "Operation[int]":
            yield from before()
            return 0 if known else (yield from _begin(subject))

        try:
            entered = await self._database.run(unlocked(begin)) <= STARTS_MOST
        finally:
            if not entered:
                self.leave(subject)
        return entered

    def is_decoded_elsewhere(self, subject: str) -> bool:
        """Return whether several tasks are decoding this subject."""
        return self._active[subject] > 1

    def leave(self, subject: str) -> None:
        """Remove one of the tasks that are decoding this subject."""
        self._active[subject] -= 1
        if self._active[subject] <= 0:
            del self._active[subject]


class DecodeSequence:
    """One task's consecutive operations on a file."""

    def __init__(self, starts: DecodeStarts) -> None:
        self._starts = starts
        self._ended: str | None = None

    @asynccontextmanager
    async def counted(self, subject: str, name: str) -> AsyncGenerator[None]:
        """Count one operation as `DecodeStarts.counted` does, but record its end with the next write."""
        if self._ended != subject:
            ending = self.ending()
            self.written()
            if not await self._starts.enter(subject, ending):
                raise unusable(name, "file-unreadable")
        self._ended = None
        try:
            yield
        finally:
            self._ended = subject

    @property
    def has_ended(self) -> bool:
        """Whether an operation has ended and its end has not been written yet."""
        return self._ended is not None

    def ending(self) -> Callable[[], Operation[None]]:
        """Return the operation that records that end, to be part of a transaction; call `written` after it."""
        ended = self._ended
        if ended is None or self._starts.is_decoded_elsewhere(ended):
            return _nothing
        return lambda: _end(ended)

    def written(self) -> None:
        """Note that the end of the last operation is on disk."""
        if self._ended is not None:
            self._starts.leave(self._ended)
            self._ended = None


def _nothing() -> Operation[None]:
    yield from ()


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
