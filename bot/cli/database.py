"""`easel migrate`, `easel ledger verify` and `easel backup`."""

import asyncio
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

import click

from bot.app.services import database_path
from bot.jobs.money.reconciliation import verify as verify_jobs
from bot.ledger.balances import Violation
from bot.ledger.verify import verify as verify_ledger
from bot.settings import Settings
from bot.storage.backup import backup as copy_database
from bot.storage.sqlite.driver import SqliteDatabase, open_readonly


async def migrate(settings: Settings) -> int:
    """Migrate the database, which happens whenever it is opened for writing."""
    database = await SqliteDatabase.open(database_path(settings))
    await database.close()
    click.echo(f"{database_path(settings)} is up to date.")
    return 0


async def verify(settings: Settings) -> tuple[Violation, ...]:
    """Check every invariant of the ledger and the jobs on the live database, read-only."""
    path = database_path(settings)
    database = await open_readonly(path)
    try:
        return (*await verify_ledger(database), *await verify_jobs(database))
    finally:
        await database.close()


def as_row(problem: Violation) -> Mapping[str, object]:
    """Convert a violation to JSON-ready data."""
    return asdict(problem)


def as_line(problem: Violation) -> str:
    """Format a violation for a terminal."""
    return f"{problem.rule}: {problem.where}: expected {problem.expected}, found {problem.found}"


async def backup(settings: Settings, file: Path) -> int:
    """Copy the database to a file and verify the copy."""
    await asyncio.to_thread(copy_database, database_path(settings), file)
    click.echo(f"Copied {database_path(settings)} to {file} and verified the copy.")
    return 0
