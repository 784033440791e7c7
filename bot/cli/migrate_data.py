"""`easel migrate-data`: moves a stopped bot from its SQLite file to an empty PostgreSQL database."""

import asyncio
from pathlib import Path

import click

from bot.app.databases import is_on_server, open_readable, shown_database
from bot.app.paths import database_path
from bot.cli.database import as_line, violations
from bot.errors import StorageError
from bot.settings import Settings
from bot.storage.restore import locked
from bot.storage.sqlite.schema import require_current
from bot.storage.sqlite.soundness import check


async def migrate_data(settings: Settings, source: str, target: str) -> int:
    """Move all data from one address to the other, and check the ledger on both sides. Return the exit code."""
    before = settings.model_copy(update={"database_url": source})
    after = settings.model_copy(update={"database_url": target})
    if is_on_server(before) or not is_on_server(after):
        raise StorageError(
            problem="only a move from a SQLite file to PostgreSQL is possible",
            fix="Give sqlite:///PATH first, and then postgresql://USER@HOST/NAME",
        )
    path = database_path(before)
    if not await asyncio.to_thread(path.exists):
        raise StorageError(problem=f"there is no database at {path}", fix="Check the first address")
    with locked(path):
        return await _move(path, before, after)


async def _move(path: Path, before: Settings, after: Settings) -> int:
    from bot.storage.postgres.owner import Owner  # noqa: PLC0415 - only this command needs asyncpg
    from bot.storage.postgres.transfer import move  # noqa: PLC0415 - as above

    await asyncio.to_thread(require_current, path)
    await asyncio.to_thread(check, path)
    if await _is_unsound(before):
        click.echo("Nothing was moved: correct this first.", err=True)
        return 1
    owner = await Owner.acquire(after.database_url)
    try:
        counts = await move(path, after.database_url)
        if await _is_unsound(after):
            click.echo("The ledger differs after the move. Drop that database and report this.", err=True)
            return 1
    finally:
        await owner.release()
    name = shown_database(after)
    click.echo(
        f"Moved {sum(counts.values())} rows in {len(counts)} tables to {name}; the ledgers of both are in order."
    )
    click.echo(f"Set DATABASE_URL to that address and start the bot. Keep {path} until you are sure.")
    return 0


async def _is_unsound(settings: Settings) -> bool:
    """Verify the ledger of a database, and print what is wrong with them."""
    database = await open_readable(settings)
    try:
        wrong = await violations(database)
    finally:
        await database.close()
    for problem in wrong:
        click.echo(as_line(problem))
    return bool(wrong)
