"""Commands, and the bot at startup, notice damage to the database file even if no statement reads the damaged part."""

import asyncio
import json
import sqlite3
from contextlib import closing

import pytest

from bot.errors import StorageError
from bot.ledger.accounts import Ledger
from bot.storage.sqlite.driver import SqliteDatabase
from tests.unit.cli.damage import sound

REAL = {"DISCORD_TOKEN": "t", "PROVIDER_KEY": "k", "HTTP_PORT": "0"}


async def _filled(path):
    database = await SqliteDatabase.open(path)
    ledger = Ledger(database)
    await ledger.mint(1, 10**9, key="first", actor=2, reason="a test", at_ms=3)
    for member in range(1, 150):
        await ledger.allot(1, member, 5, key=f"m{member}", actor=2, reason="a test" * 20, at_ms=3)
    await database.close()


@pytest.fixture(scope="module")
def content(tmp_path_factory):
    """Return the bytes of a sound database, and its page size."""
    path = tmp_path_factory.mktemp("sound") / "ledger.db"
    asyncio.run(_filled(path))
    with closing(sqlite3.connect(path)) as connection:
        (size,) = connection.execute("PRAGMA page_size").fetchone()
    return path.read_bytes(), size


def test_every_overwritten_page_is_noticed_by_verify_and_at_startup(content, tmp_path, easel):
    sound_bytes, size = content
    path = tmp_path / "ledger.db"
    missed = []
    for page in range(len(sound_bytes) // size):
        path.write_bytes(sound_bytes[: page * size] + b"\xa5" * size + sound_bytes[(page + 1) * size :])
        with pytest.raises(StorageError):
            asyncio.run(SqliteDatabase.open(path))
        if easel("ledger", "verify", DATABASE_URL="sqlite:///ledger.db").code != 1:
            missed.append(page)
    assert missed == []


def test_damage_is_reported_as_json(content, tmp_path, easel):
    sound_bytes, size = content
    start = len(sound_bytes) // size // 2 * size
    (tmp_path / "ledger.db").write_bytes(sound_bytes[:start] + b"\0" * size + sound_bytes[start + size :])
    ended = easel("ledger", "verify", "--json", DATABASE_URL="sqlite:///ledger.db")
    assert ended.code == 1
    assert {row["rule"] for row in json.loads(ended.out)} == {"every page of the file is sound"}


@pytest.mark.parametrize("words", [["run"], ["migrate"], ["ledger", "verify"], ["backup", "copy.db"]])
def test_empty_file_where_a_database_was_is_refused(easel, tmp_path, words):
    (tmp_path / "lost.db").touch()
    ended = easel(*words, **REAL, DATABASE_URL="sqlite:///lost.db")
    assert ended.refused("lost.db is empty", "Restore a backup")
    assert (tmp_path / "lost.db").stat().st_size == 0


def test_check_reports_an_empty_and_a_damaged_file(content, easel, tmp_path):
    path = tmp_path / "ledger.db"
    sound_bytes, size = content
    for damaged in (b"", sound_bytes[: 3 * size] + b"\xa5" * size + sound_bytes[4 * size :]):
        path.write_bytes(damaged)
        ended = easel("check", DATABASE_URL="sqlite:///ledger.db")
        assert "WRONG    database: " in ended.out
        assert "Restore a backup" in ended.out


def test_start_that_was_killed_while_creating_the_database_can_be_repeated(easel, tmp_path):
    (tmp_path / "new.db.new").write_bytes(b"half a database")
    assert easel("migrate", DATABASE_URL="sqlite:///new.db").code == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["new.db", "new.db.lock"]


def test_intact_file_passes_the_check(easel, tmp_path):
    assert easel("ledger", "verify", DATABASE_URL=sound(tmp_path)).code == 0
