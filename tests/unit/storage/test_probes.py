import sqlite3
from contextlib import closing

import pytest

from bot.errors import StorageError
from bot.storage.artefact_folder import ArtefactFolder
from bot.storage.sqlite import connection
from bot.storage.sqlite.driver import SqliteDatabase


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir() if not path.name.endswith("-shm")}


async def test_probe_of_the_database_writes_nothing(tmp_path):
    database = await SqliteDatabase.open(tmp_path / "easel.db")
    await database.probe()  # the writer opens the write-ahead log with its first transaction
    before = contents(tmp_path)
    for _ in range(20):
        await database.probe()
    assert contents(tmp_path) == before
    await database.close()


async def test_probe_notices_a_database_that_cannot_be_written(tmp_path, monkeypatch):
    monkeypatch.setattr(connection, "BUSY_S", 0.05)
    database = await SqliteDatabase.open(tmp_path / "easel.db")
    with closing(sqlite3.connect(tmp_path / "easel.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StorageError, match="locked"):
            await database.probe()
    await database.probe()
    await database.close()


async def test_probe_notices_a_full_disk(tmp_path):
    await ArtefactFolder(tmp_path / "not" / "yet", reserve_bytes=1).probe()
    with pytest.raises(StorageError, match="is full"):
        await ArtefactFolder(tmp_path, reserve_bytes=1 << 60).probe()
    assert not (tmp_path / "not").exists()
