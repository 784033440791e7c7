"""Performs one funding operation in a separate process, which is killed right before or right after the commit."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable
from enum import StrEnum
from pathlib import Path
from typing import Any

import structlog

from bot.storage.operation import Operation
from bot.storage.sqlite.driver import SqliteDatabase


class Moment(StrEnum):
    """The moments at which the process is killed: nothing is committed at the first two."""

    BEGUN = "begun"
    """The transaction has run its first statement."""
    WRITTEN = "written"
    """The transaction has run all its statements."""
    COMMITTED = "committed"
    """The transaction is committed, and nothing has been done since."""


Act = Callable[[Any], Awaitable[None]]


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class MortalDatabase:
    """A database that kills its process in its first transaction."""

    def __init__(self, database: SqliteDatabase, moment: Moment) -> None:
        self._database = database
        self._moment = moment
        self.read = database.read

    async def run(self, operation: Callable[[], Operation[Any]]) -> Any:
        result = await self._database.run(lambda: self._mortal(operation()))
        die()
        return result

    def _mortal(self, made: Operation[Any]) -> Operation[Any]:
        rows = yield next(made)
        while True:
            if self._moment is Moment.BEGUN:
                die()
            try:
                statement = made.send(rows)
            except StopIteration as end:
                if self._moment is Moment.WRITTEN:
                    die()
                return end.value
            rows = yield statement


def live(act: Act, path: Path, moment: Moment) -> None:
    """Open the database and perform the operation, until the process is killed."""
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory())

    async def work() -> None:
        await act(MortalDatabase(await SqliteDatabase.open(path), moment))

    asyncio.run(work())
