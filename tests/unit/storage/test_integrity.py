"""A write-ahead log next to a database that it does not belong to, as after a crash and a restore."""

import asyncio
import shutil
import sqlite3
from contextlib import closing
from functools import partial

import pytest

from bot.errors import StorageError
from bot.storage.backup import backup
from bot.storage.sqlite.driver import SqliteDatabase, open_readonly
from bot.storage.sqlite.integrity import check
from tests.unit.storage.notes import create, numbers, write

LOG = "easel.db-wal"


async def fill(path, first, last):
    database = await SqliteDatabase.open(path)
    if first == 1:
        await database.run(create)
    for number in range(first, last):
        await database.run(partial(write, number, "a note " * 40))
    return database


@pytest.fixture
async def crashed(tmp_path):
    """Return a folder as a killed process left it; next to it is a backup that was made an hour earlier."""
    path = tmp_path / "easel.db"
    database = await fill(path, 1, 400)
    backup(path, tmp_path / "backup.db")
    await database.close()
    shutil.copy(path, tmp_path / "copied.db")
    database = await fill(path, 400, 800)
    folder = tmp_path / "crashed"
    folder.mkdir()
    for name in ("easel.db", LOG):
        shutil.copy(tmp_path / name, folder / name)
    await database.close()
    return folder


async def in_every_way(path):
    """Use a database in every possible way; return the errors."""
    errors = []
    for use in (SqliteDatabase.open, open_readonly):
        with pytest.raises(StorageError) as refused:
            await use(path)
        errors.append(str(refused.value))
    with pytest.raises(StorageError) as refused:
        backup(path, path.with_name("new.db"))
    return [*errors, str(refused.value)]


async def test_own_log_is_used(crashed):
    database = await SqliteDatabase.open(crashed / "easel.db")
    assert await database.read(numbers) == list(range(1, 800))
    await database.close()


async def test_restored_backup_is_refused_next_to_the_log_of_the_old_database(crashed):
    content = (crashed.parent / "backup.db").read_bytes()
    (crashed / "easel.db").write_bytes(content)
    log = (crashed / LOG).read_bytes()
    for error in await in_every_way(crashed / "easel.db"):
        assert f"{LOG} is left from another database" in error
    assert ((crashed / "easel.db").read_bytes(), (crashed / LOG).read_bytes()) == (content, log)
    (crashed / LOG).unlink()
    database = await SqliteDatabase.open(crashed / "easel.db")
    assert await database.read(numbers) == list(range(1, 400))
    await database.close()


async def test_new_database_is_not_created_next_to_a_log(crashed):
    (crashed / "easel.db").unlink()
    log = (crashed / LOG).read_bytes()
    with pytest.raises(StorageError, match=f"easel.db is missing, but its log {LOG} is there"):
        await SqliteDatabase.open(crashed / "easel.db")
    assert (crashed / LOG).read_bytes() == log
    assert not (crashed / "easel.db").exists()


async def test_log_that_makes_a_sound_file_look_damaged_is_reported(crashed):
    # Two files that both have logs cannot be told apart by their heads.
    with closing(sqlite3.connect(crashed.parent / "copied.db")) as connection:
        connection.execute("CREATE TABLE other (text TEXT)")
        connection.execute("INSERT INTO other SELECT text FROM note")
        connection.execute("DROP TABLE note")
        connection.commit()
        connection.execute("VACUUM")
    shutil.copy(crashed.parent / "copied.db", crashed / "easel.db")
    for use in (
        lambda: SqliteDatabase.open(crashed / "easel.db"),
        lambda: asyncio.to_thread(check, crashed / "easel.db"),
    ):
        with pytest.raises(StorageError, match=rf"is damaged.*move {LOG} away"):
            await use()


async def test_damage_is_not_blamed_on_the_log(crashed):
    content = (crashed / "easel.db").read_bytes()
    for name in ("easel.db", LOG):
        (crashed / name).write_bytes(content if name == "easel.db" else b"")
    (crashed / "easel.db").write_bytes(content[:8192] + b"\xa5" * 4096 + content[12288:])
    with pytest.raises(StorageError, match=r"is damaged: .*Restore a backup$"):
        await SqliteDatabase.open(crashed / "easel.db")
