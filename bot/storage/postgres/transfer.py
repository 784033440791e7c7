"""Moves all rows of a SQLite file into an empty PostgreSQL database, in one transaction.

Either everything is stored or nothing, so an interrupted move can simply be started again. Tables are read a few rows
at a time, so their size does not matter.
"""

import asyncio
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from pathlib import Path

from bot.errors import CommitUnconfirmed, StorageError
from bot.storage.postgres.commit_outcome import CommitOutcome, WrittenTransaction
from bot.storage.postgres.connection import CONNECT_S, ServerConnection, close, connect, is_lost, shown
from bot.storage.postgres.schema import migrate
from bot.storage.postgres.server_errors import storage_error
from bot.storage.postgres.typed_statements import without_nul
from bot.storage.sqlite.connection import connect_reader

ROWS = 2_000
"""How many rows are sent at once."""

GIVEN_BY_THE_SCHEMA = {"migration"}
HIDDEN_COLUMNS = {"job": "rowid"}
"""Columns that SQLite has, but does not list."""

BEGIN_AGAIN = "Drop that database, create it again and repeat the move: the file is as it was"

SELF_REFERRING = ("transfer", "pending_id")

Value = int | str | bytes | None


async def move(source: Path, url: str) -> dict[str, int]:
    """Copy every row, and return the number of rows of each table. The caller owns both databases.

    Raises StorageError if the target already has rows, or if anything differs afterwards.
    """
    connection = await connect(url)
    written, counts = None, dict[str, int]()
    try:
        await migrate(connection, url)
        await connection.execute("BEGIN")
        tables = await _in_order(connection)
        await _require_empty(connection, tables, url)
        with closing(await asyncio.to_thread(connect_reader, source)) as reader:
            reader.execute("BEGIN")
            counts = {table: await _copy(reader, connection, table) for table in tables}
        await _continue_numbers(connection)
        written = await WrittenTransaction.of(connection)
        await connection.execute("COMMIT")
    except StorageError:
        raise
    except Exception as error:
        if written is None or not is_lost(connection, error):
            raise _not_moved(error, url) from error
        await _require_committed(written, url, error)
    else:
        with suppress(Exception):  # everything is stored, and the server does this on its own later
            await connection.execute("ANALYZE")
    finally:
        await close(connection)
    return counts


def _not_moved(error: Exception, url: str) -> BaseException:
    known = storage_error(error, shown(url))
    if isinstance(known, StorageError):
        return known
    return StorageError(problem=f"the data could not be moved: {error}", fix="Nothing was stored")


async def _require_committed(written: WrittenTransaction, url: str, error: Exception) -> None:
    """Raise StorageError unless the server, whose answer to the COMMIT was lost, confirms that it stored everything."""
    outcome = await written.outcome(url, CONNECT_S)
    if outcome is CommitOutcome.ABORTED:
        raise StorageError(
            problem=f"{shown(url)}: the connection was lost at the end of the move",
            fix="Nothing was stored; run it again",
        ) from error
    if outcome is CommitOutcome.UNKNOWN:
        raise CommitUnconfirmed(
            problem=f"{shown(url)}: the connection was lost at the end of the move, which may have been stored",
            fix=BEGIN_AGAIN,
        ) from error


async def _in_order(connection: ServerConnection) -> list[str]:
    """Return all tables, with those that others refer to first."""
    tables = await connection.fetch(
        "SELECT tablename::text FROM pg_tables WHERE schemaname = current_schema() ORDER BY tablename"
    )
    references = await connection.fetch(
        "SELECT conrelid::regclass::text, confrelid::regclass::text FROM pg_constraint"
        " WHERE contype = 'f' AND conrelid <> confrelid AND connamespace = current_schema()::regnamespace"
    )
    needs = {str(table): {str(to) for of, to in references if of == table} for (table,) in tables}
    ordered: list[str] = []
    while left := [table for table in needs if table not in ordered]:
        ordered += [table for table in left if needs[table] <= set(ordered)]
    return [table for table in ordered if table not in GIVEN_BY_THE_SCHEMA]


async def _require_empty(connection: ServerConnection, tables: Sequence[str], url: str) -> None:
    for table in tables:
        if await connection.fetch(f"SELECT 1 FROM {table} LIMIT 1"):  # noqa: S608 - names from the schema
            raise StorageError(
                problem=f"{shown(url)} is not empty: its table {table} has rows",
                fix="Create a new database; nothing was changed",
            )


async def _copy(reader: sqlite3.Connection, connection: ServerConnection, table: str) -> int:
    columns = [str(row[1]) for row in reader.execute(f"PRAGMA table_info({table})")]
    columns += [HIDDEN_COLUMNS[table]] if table in HIDDEN_COLUMNS else []
    count = 0
    for rows in _pages(reader, table, columns):
        await connection.copy_records_to_table(table, records=rows, columns=columns)
        count += len(rows)
        await asyncio.sleep(0)
    ((stored,),) = await connection.fetch(f"SELECT COUNT(*) FROM {table}")  # noqa: S608 - names from the schema
    if stored != count:
        raise StorageError(problem=f"{table} has {count} rows, but {stored} arrived", fix="Report this")
    return count


def _pages(reader: sqlite3.Connection, table: str, columns: Sequence[str]) -> Iterator[list[tuple[Value, ...]]]:
    # Rows are copied in the order of their numbers, so that a transfer comes after the one that it ends.
    order = f" ORDER BY {columns[0]}" if table == SELF_REFERRING[0] else ""
    cursor = reader.execute(f"SELECT {', '.join(columns)} FROM {table}{order}")  # noqa: S608 - names from the schema
    while rows := cursor.fetchmany(ROWS):
        yield [tuple(map(without_nul, row)) for row in rows]


async def _continue_numbers(connection: ServerConnection) -> None:
    """Let each column with row numbers continue after its largest number."""
    numbered = await connection.fetch(
        "SELECT table_name::text, column_name::text FROM information_schema.columns"
        " WHERE table_schema = current_schema() AND is_identity = 'YES'"
    )
    for table, column in numbered:
        await connection.fetch(
            f"SELECT setval(pg_get_serial_sequence('{table}', '{column}'),"  # noqa: S608 - names from the schema
            f" GREATEST((SELECT MAX({column}) FROM {table}), 1), EXISTS (SELECT 1 FROM {table}))"
        )
