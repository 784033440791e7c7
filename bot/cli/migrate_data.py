"""`easel migrate-data`: moves a stopped bot from its SQLite file to an empty PostgreSQL database."""

import asyncio
from pathlib import Path

import click

from bot.app.databases import is_on_server, open_readable, shown_database
from bot.app.paths import database_path
from bot.cli.database import as_line, violations
from bot.errors import StorageError
from bot.settings import Settings
from bot.storage.moved_file import require_not_moved, set_aside
from bot.storage.restore import locked
from bot.storage.sqlite.integrity import check
from bot.storage.sqlite.schema import require_current


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
    await asyncio.to_thread(require_not_moved, path)
    if not await asyncio.to_thread(path.exists):
        raise StorageError(problem=f"there is no database at {path}", fix="Check the first address")
    with locked(path):
        return await _move(path, before, after)


async def _move(path: Path, before: Settings, after: Settings) -> int:
    from bot.storage.postgres.owner import Owner, Wish  # noqa: PLC0415 - only this command needs asyncpg
    from bot.storage.postgres.transfer import move  # noqa: PLC0415 - as above

    await asyncio.to_thread(require_current, path)
    await asyncio.to_thread(check, path)
    if await _is_unsound(before):
        click.echo("Nothing was moved: correct this first.", err=True)
        return 1
    owner = await Owner.acquire(Wish(after.database_url))
    try:
        counts = await move(path, after.database_url)
        if await _is_unsound_copy(after):
            click.echo("The ledger differs after the move. Drop that database and report this.", err=True)
            return 1
    finally:
        await owner.release()
    click.echo(
        f"Moved {sum(counts.values())} rows in {len(counts)} tables to {shown_database(after)};"
        " the ledgers of both are in order."
    )
    try:
        moved = await asyncio.to_thread(set_aside, path)
    except StorageError as error:
        click.echo(f"The old file could still start a bot: {error}", err=True)
        return 1
    click.echo(f"The file is now {moved}: keep it until you are sure.")
    click.echo("Set DATABASE_URL to the second address that you gave, and start the bot.")
    return 0


async def _is_unsound_copy(after: Settings) -> bool:
    from bot.storage.postgres.transfer import BEGIN_AGAIN  # noqa: PLC0415 - only this command needs asyncpg

    try:
        return await _is_unsound(after)
    except StorageError as error:
        raise StorageError(
            problem=f"everything was moved, but its ledger could not be checked ({error.facts['problem']})",
            fix=BEGIN_AGAIN,
        ) from error


async def _is_unsound(settings: Settings) -> bool:
    """Verify the ledger of a database, and print what is wrong with it."""
    database = await open_readable(settings)
    try:
        wrong = await violations(database)
    finally:
        await database.close()
    for problem in wrong:
        click.echo(as_line(problem))
    return bool(wrong)
