"""Erases the members whose erasure is due in a separate process, which kills itself at a chosen point."""

import asyncio
import os
import signal
from pathlib import Path

import structlog

from bot.clock import SystemClock
from bot.policy.policy import Policy
from bot.preferences.preferences import Preferences
from bot.privacy.erasures import Erasures
from bot.storage.artefact_folder import ArtefactFolder
from bot.storage.sqlite.driver import SqliteDatabase
from tests.unit.jobs.world import CATALOGUE

AMID = 60
"""The number of the statement at which the process is killed: the ledger has been rewritten by then."""


def die():
    os.kill(os.getpid(), signal.SIGKILL)


class DyingDatabase:
    """A database that kills the process at the transaction that erases."""

    def __init__(self, real, where):
        self.real = real
        self.where = where
        self.runs = 0
        self.read = real.read

    async def run(self, operation):
        self.runs += 1
        erases = self.runs > 1  # the first run records that the erasure begins
        if erases and self.where == "before-transaction":
            die()
        done = await self.real.run(lambda: self.amid(operation()) if erases else operation())
        if erases:
            die()
        return done

    def amid(self, operation):
        """Run an operation, and die during it if that is requested."""
        count, rows = 0, None
        try:
            while True:
                statement = operation.send(rows)
                count += 1
                if count == AMID and self.where == "in-transaction":
                    die()
                rows = yield statement
        except StopIteration as end:
            return end.value


async def main(folder: Path, where: str) -> None:
    real = await SqliteDatabase.open(folder / "easel.db")
    database, clock = DyingDatabase(real, where), SystemClock()
    store = ArtefactFolder(folder / "artefacts", reserve_bytes=0)
    erasures = Erasures(
        database,  # pyright: ignore[reportArgumentType] - it never lives long enough to scrub
        store,
        Policy(real, CATALOGUE, clock),
        Preferences(real, clock),
        clock,
    )
    await erasures.carry_out()


def erase(folder: Path, where: str) -> None:
    """Erase until the process is killed: `where` is before-transaction, in-transaction or after-transaction."""
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory())
    asyncio.run(main(folder, where))
