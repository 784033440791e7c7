import sqlite3
from contextlib import closing
from functools import partial

import pytest

from bot.errors import StorageError
from bot.storage.backup import backup
from bot.storage.sqlite.driver import SqliteDatabase
from bot.storage.sqlite.integrity import check
from tests.unit.storage.notes import create, numbers, write


@pytest.fixture
async def database(tmp_path):
    database = await SqliteDatabase.open(tmp_path / "easel.db")
    await database.run(create)
    await database.run(partial(write, 1))
    yield database
    await database.close()


@pytest.fixture
def source(database, tmp_path):
    return tmp_path / "easel.db"


def ids(path):
    with closing(sqlite3.connect(path)) as connection:
        return [number for (number,) in connection.execute("SELECT id FROM note")]


async def test_database_in_use_is_copied_completely(source, tmp_path):
    backup(source, tmp_path / "copy.db")
    assert ids(tmp_path / "copy.db") == [1]
    assert not list(tmp_path.glob("copy.db?*"))


async def test_copy_can_be_used_as_a_database(source, tmp_path):
    backup(source, tmp_path / "copy.db")
    copy = await SqliteDatabase.open(tmp_path / "copy.db")
    assert await copy.read(numbers) == [1]
    await copy.close()


async def test_existing_file_is_not_overwritten(source, tmp_path):
    (tmp_path / "copy.db").write_text("precious")
    with pytest.raises(StorageError, match="already exists"):
        backup(source, tmp_path / "copy.db")
    assert (tmp_path / "copy.db").read_text() == "precious"


async def test_leftovers_of_a_failed_backup_do_not_block_the_next(source, tmp_path):
    (tmp_path / "copy.db.partial").write_text("half a copy")
    backup(source, tmp_path / "copy.db")
    assert ids(tmp_path / "copy.db") == [1]


def test_missing_source_is_reported_clearly(tmp_path):
    with pytest.raises(StorageError, match="there is no database"):
        backup(tmp_path / "absent.db", tmp_path / "copy.db")
    assert not list(tmp_path.iterdir())


async def test_missing_directory_is_reported_clearly(source, tmp_path):
    with pytest.raises(StorageError, match="cannot be written"):
        backup(source, tmp_path / "absent" / "copy.db")


async def test_damaged_source_is_not_copied(source, database, tmp_path):
    await database.close()
    damaged = bytearray(source.read_bytes())
    damaged[4096:] = b"\xff" * (len(damaged) - 4096)
    source.write_bytes(damaged)
    with pytest.raises(StorageError, match="damaged"):
        backup(source, tmp_path / "copy.db")
    assert not list(tmp_path.glob("copy.db*"))


async def test_sound_file_passes_the_check_and_a_corrupt_index_does_not(source, database):
    await database.close()
    check(source)
    with closing(sqlite3.connect(source)) as connection, connection:
        connection.execute("CREATE INDEX by_text ON note (text)")
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute("UPDATE sqlite_master SET sql = 'CREATE INDEX by_text ON note (id)' WHERE name = 'by_text'")
    with pytest.raises(StorageError, match="by_text"):
        check(source)


async def test_copy_into_a_file_instead_of_a_folder_is_refused_with_advice(source, tmp_path):
    (tmp_path / "notes.txt").touch()
    with pytest.raises(StorageError, match=r"cannot be written.*Check the folder") as refused:
        backup(source, tmp_path / "notes.txt" / "copy.db")
    assert isinstance(refused.value.__cause__, OSError)
