"""`easel migrate`, `easel ledger verify`, `easel backup` and `easel restore`."""

import asyncio
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

import click

from bot.app.databases import (
    DUMP,
    RESTORE,
    is_empty,
    is_on_server,
    open_database,
    open_readable,
    refuse_on_server,
    shown_database,
)
from bot.app.paths import database_path
from bot.errors import StorageError
from bot.funding.funding_checks import verify as verify_funding
from bot.jobs.money.ledger_checks import verify as verify_jobs
from bot.ledger.ledger_records import Violation
from bot.ledger.verify import verify as verify_ledger
from bot.settings import Settings
from bot.storage.backup import backup as copy_database
from bot.storage.operation import Database
from bot.storage.restore import locked, migrated, replace, stage
from bot.storage.sqlite.driver import open_readonly
from bot.storage.sqlite.integrity import damage, require_own_content


async def migrate(settings: Settings) -> int:
    """Open the database for writing, which migrates it. A missing database is created."""
    missing = await _is_missing(settings)
    database = await open_database(settings)
    await database.close()
    name = shown_database(settings)
    click.echo(f"Created the tables in {name}." if missing else f"{name} is up to date.")
    return 0


async def _is_missing(settings: Settings) -> bool:
    if is_on_server(settings):
        return await is_empty(settings)
    return not await asyncio.to_thread(database_path(settings).exists)


async def verify(settings: Settings) -> tuple[Violation, ...]:
    """Check the file and every invariant of the ledger and the jobs on the live database, read-only."""
    if is_on_server(settings):
        return await _verify_on_server(settings)
    path = database_path(settings)
    await asyncio.to_thread(require_own_content, path)
    try:
        database = await open_readonly(path)
    except StorageError:
        # Damage may be the cause, and a check of the file's pages tells more about it.
        if path.exists() and (damaged := await asyncio.to_thread(_damaged, path)):
            return damaged
        raise
    try:
        if damaged := await asyncio.to_thread(_damaged, path):
            return damaged
        return await violations(database)
    finally:
        await database.close()


async def _verify_on_server(settings: Settings) -> tuple[Violation, ...]:
    database = await open_readable(settings)
    try:
        return await violations(database)
    finally:
        await database.close()


async def violations(database: Database) -> tuple[Violation, ...]:
    """Check every invariant of the ledger and the jobs."""
    return (*await verify_ledger(database), *await verify_jobs(database), *await verify_funding(database))


def _damaged(path: Path) -> tuple[Violation, ...]:
    return tuple(Violation("every page of the file is sound", str(path), "ok", found) for found in damage(path))


def as_row(problem: Violation) -> Mapping[str, object]:
    """Convert a violation to JSON-ready data."""
    return asdict(problem)


def as_line(problem: Violation) -> str:
    """Format a violation for a terminal."""
    return f"{problem.rule}: {problem.where}: expected {problem.expected}, found {problem.found}"


async def backup(settings: Settings, file: Path) -> int:
    """Copy the database to a file and verify the copy."""
    refuse_on_server(settings, "backup", DUMP)
    await asyncio.to_thread(copy_database, database_path(settings), file)
    click.echo(f"Copied {database_path(settings)} to {file} and verified the copy.")
    return 0


async def restore(settings: Settings, file: Path) -> int:
    """Replace the database with a verified backup, and keep the previous one."""
    refuse_on_server(settings, "restore", RESTORE)
    path = database_path(settings)
    with locked(path):
        staged = await asyncio.to_thread(stage, file, path)
        try:
            if wrong := await _verify_copy(staged):
                click.echo("\n".join(map(as_line, wrong)))
                click.echo(f"Nothing was replaced: the ledger in {file} is not in order.", err=True)
                return 1
            kept = await asyncio.to_thread(replace, path, staged)
        finally:
            staged.unlink(missing_ok=True)
    click.echo(f"Restored {file} to {path}; its ledger is in order.")
    if kept is not None:
        click.echo(f"The database that was there is now {kept}.")
    click.echo("Start the bot: it compares the open jobs with Discord and the provider before they go on.")
    return 0


async def _verify_copy(staged: Path) -> tuple[Violation, ...]:
    with migrated(staged) as current:
        database = await open_readonly(current, alone=True)
        try:
            return await violations(database)
        finally:
            await database.close()
