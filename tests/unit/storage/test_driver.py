"""Tests of opening a database: one process at a time, one owner, and clear errors if it cannot be used."""

import asyncio
import errno
import sqlite3
import sys
import threading
from asyncio.subprocess import DEVNULL, PIPE
from functools import partial
from pathlib import Path

import pytest

from bot.errors import StorageError
from bot.storage.background import in_background
from bot.storage.operation import Statement
from bot.storage.sqlite.connection import has_wal_reset_bug, require_version
from bot.storage.sqlite.driver import READERS, SqliteDatabase, open_readonly
from bot.storage.sqlite.readers import Readers
from tests.patience import PATIENCE_S
from tests.unit.storage.notes import create, numbers, select, write

ROOT = Path(__file__).parents[3]

HOLDER = """
import asyncio, sys
from pathlib import Path
from bot.storage.sqlite.driver import SqliteDatabase

async def main():
    sys.database = await SqliteDatabase.open(Path(sys.argv[1]))
    print("open", file=sys.stderr, flush=True)
    await asyncio.sleep(60)

asyncio.run(main())
"""


@pytest.fixture
def path(tmp_path):
    return tmp_path / "data" / "easel.db"


async def opened_and_closed(path):
    database = await SqliteDatabase.open(path)
    await database.close()


async def test_database_is_created_with_its_directory(path):
    await opened_and_closed(path)
    assert path.exists()


async def test_written_data_survives_a_restart(path):
    database = await SqliteDatabase.open(path)
    await database.run(create)
    await database.run(partial(write, 1))
    await database.close()
    again = await SqliteDatabase.open(path)
    assert await again.read(numbers) == [1]
    await again.close()


async def test_closing_leaves_a_single_complete_file(path):
    await opened_and_closed(path)
    assert {file.name for file in path.parent.iterdir()} == {"easel.db", "easel.db.lock"}


async def test_second_opener_is_refused_until_the_first_has_closed(path):
    first = await SqliteDatabase.open(path)
    with pytest.raises(StorageError, match="in use by another Easel"):
        await SqliteDatabase.open(path)
    await first.close()
    await opened_and_closed(path)


async def test_lock_of_a_killed_process_is_released(path):
    command = (sys.executable, "-c", HOLDER, path)
    holder = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stderr=PIPE, stdout=DEVNULL)
    assert holder.stderr is not None
    assert await holder.stderr.readline() == b"open\n"
    with pytest.raises(StorageError, match=f"process {holder.pid}"):
        await SqliteDatabase.open(path)
    holder.kill()
    await holder.wait()
    await opened_and_closed(path)


async def test_program_that_crashes_without_closing_still_exits(path):
    breaking = HOLDER.replace("await asyncio.sleep(60)", "raise SystemExit(7)")
    program = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", breaking, path), cwd=ROOT, stderr=DEVNULL, stdout=DEVNULL
    )
    assert await asyncio.wait_for(program.wait(), PATIENCE_S) == 7


async def test_database_stays_with_its_first_owner(path):
    database = await SqliteDatabase.open(path)
    await database.claim(application="1", provider="http://play.money")
    await database.claim(application="1", provider="http://play.money")
    with pytest.raises(StorageError, match=r"belongs to the provider http://play.money, not to https://real"):
        await database.claim(application="1", provider="https://real.money")
    with pytest.raises(StorageError, match="belongs to the application 1, not to 2"):
        await database.claim(application="2", provider="http://play.money")
    await database.close()


async def test_refused_claim_changes_nothing(path):
    database = await SqliteDatabase.open(path)
    await database.run(partial(select, "INSERT INTO identity VALUES ('provider', 'theirs')"))
    with pytest.raises(StorageError):
        await database.claim(application="1", provider="ours")
    assert await database.read(partial(select, "SELECT * FROM identity")) == [("provider", "theirs")]
    await database.close()


async def test_reader_works_alongside_the_owner_and_sees_each_commit(path):
    owner = await SqliteDatabase.open(path)
    await owner.run(create)
    reader = await open_readonly(path)
    await owner.run(partial(write, 1))
    assert await reader.read(numbers) == [1]
    await reader.close()
    await owner.close()


async def test_reader_works_without_an_owner_and_refuses_to_write(path):
    await opened_and_closed(path)
    reader = await open_readonly(path)
    assert await reader.read(partial(select, "SELECT COUNT(*) FROM account")) == [(0,)]
    with pytest.raises(StorageError, match="only reads"):
        await reader.run(create)
    await reader.close()


async def test_reader_of_a_missing_database_gets_an_error_and_creates_no_file(path):
    with pytest.raises(StorageError, match="there is no database"):
        await open_readonly(path)
    assert not path.exists()


async def test_reader_of_an_older_schema_gets_advice(path):
    await opened_and_closed(path)
    with sqlite3.connect(path) as connection:
        connection.execute("DELETE FROM migration WHERE number > 0")
    connection.close()
    with pytest.raises(StorageError, match="easel migrate"):
        await open_readonly(path)


async def test_background_work_leaves_a_reader_free_for_people(path):
    database = await SqliteDatabase.open(path)
    go_on = threading.Event()

    def long():
        assert go_on.wait(PATIENCE_S)
        return (yield Statement("SELECT 1"))

    def short():
        return (yield Statement("SELECT 2"))

    later = [asyncio.create_task(in_background(database.read(long))) for _ in range(READERS + 1)]
    await asyncio.sleep(0)
    async with asyncio.timeout(PATIENCE_S / 2):  # the long reads would take longer
        assert await database.read(short) == [(2,)]
    go_on.set()
    assert await asyncio.gather(*later) == [[(1,)]] * (READERS + 1)
    await database.close()


async def test_read_that_waits_for_a_reader_while_the_database_closes_says_that_it_is_closed(path):
    database = await SqliteDatabase.open(path)
    go_on = threading.Event()

    def long():
        assert go_on.wait(PATIENCE_S)
        return (yield Statement("SELECT 1"))

    later = [asyncio.create_task(in_background(database.read(long))) for _ in range(READERS)]
    await asyncio.sleep(0)
    closing = asyncio.create_task(database.close())
    await asyncio.sleep(0)
    go_on.set()
    done, *waiting = await asyncio.gather(*later, return_exceptions=True)
    assert done == [(1,)]
    assert [str(error) for error in waiting] == ["the database is closed. Start Easel again"]
    await closing


async def test_read_runs_all_its_statements_on_one_reader_thread(path):
    database = await SqliteDatabase.open(path)
    threads = []

    def several():
        for number in range(10):
            threads.append(threading.current_thread().name)
            yield Statement("SELECT CAST($1 AS BIGINT)", number)

    await database.read(several)
    await database.close()
    assert len(threads) == 10
    assert len(set(threads)) == 1
    assert threads[0].startswith("easel-reader")


@pytest.mark.parametrize("opening", [SqliteDatabase.open, open_readonly])
async def test_file_that_is_not_a_database_is_refused_and_left_unchanged(path, opening):
    path.parent.mkdir()
    path.write_text("the shopping list, for a change, and long enough to have a header" * 100)
    before = path.read_bytes()
    with pytest.raises(StorageError, match="not an SQLite database"):
        await opening(path)
    assert path.read_bytes() == before


@pytest.mark.parametrize("opening", [SqliteDatabase.open, open_readonly])
async def test_database_of_another_program_is_refused(path, opening):
    path.parent.mkdir()
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE bookmarks (url TEXT)")
    connection.close()
    with pytest.raises(StorageError, match="another program"):
        await opening(path)


async def test_refused_file_does_not_stay_locked(path):
    await test_database_of_another_program_is_refused(path, SqliteDatabase.open)
    path.unlink()
    database = await SqliteDatabase.open(path)  # would be refused if another opener had the lock
    await database.run(create)
    assert await database.read(numbers) == []
    await database.close()


async def test_directory_that_cannot_be_created_is_reported_clearly(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(StorageError, match="cannot be used"):
        await SqliteDatabase.open(tmp_path / "file" / "easel.db")


async def test_directory_in_place_of_the_file_is_reported_clearly(path):
    path.mkdir(parents=True)
    with pytest.raises(StorageError, match="cannot be opened"):
        await SqliteDatabase.open(path)


def test_sqlite_without_strict_tables_is_refused():
    with pytest.raises(StorageError, match=r"SQLite 3.36.9 is too old"):
        require_version((3, 36, 9))
    require_version((3, 37, 0))


@pytest.mark.parametrize(
    ("version", "affected"),
    [
        ((3, 40, 1), True),
        ((3, 44, 5), True),
        ((3, 44, 6), False),
        ((3, 45, 0), True),
        ((3, 50, 6), True),
        ((3, 50, 7), False),
        ((3, 51, 2), True),
        ((3, 51, 3), False),
        ((3, 54, 1), False),
    ],
)
def test_versions_with_the_wal_reset_bug_are_recognized(version, affected):
    assert has_wal_reset_bug(version) is affected


async def test_file_system_without_locks_is_not_mistaken_for_another_process(path, monkeypatch):
    def flock(descriptor, operation):
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr("fcntl.flock", flock)
    with pytest.raises(StorageError, match="No locks available"):
        await SqliteDatabase.open(path)


class BrokenRollback(sqlite3.Connection):
    """A connection whose first rollback fails, as on a disk with a temporary fault."""

    failed = False

    def rollback(self):
        if not self.failed:
            self.failed = True
            raise sqlite3.OperationalError("disk I/O error")
        super().rollback()


@pytest.mark.timeout(30)
async def test_reader_whose_rollback_failed_can_be_used_again(path):
    await opened_and_closed(path)
    readers = Readers([sqlite3.connect(path, check_same_thread=False, factory=BrokenRollback)])
    with pytest.raises(sqlite3.OperationalError):
        await readers.run(partial(select, "SELECT 1"))
    assert await readers.run(partial(select, "SELECT 2")) == [(2,)]
    await readers.close()


async def test_closing_interrupts_reads_that_take_a_long_time(path):
    database = await SqliteDatabase.open(path)
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT COUNT(*) FROM n"
    # More than there are readers, so that some of them have not begun.
    reads = [asyncio.ensure_future(database.read(partial(select, endless))) for _ in range(READERS + 2)]
    await asyncio.sleep(0)
    async with asyncio.timeout(PATIENCE_S):
        await database.close()
    ends = await asyncio.gather(*reads, return_exceptions=True)
    assert {type(end) for end in ends} == {StorageError}
    await opened_and_closed(path)
