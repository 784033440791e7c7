"""Deleted data is gone from the files too, as soon as no reader uses an earlier state."""

import sqlite3

from bot.storage.operation import Statement
from bot.storage.sqlite.connection import connect_writer
from bot.storage.sqlite.scrubbing import scrub
from tests.new_database import open_new, write_new

SECRET = b"a xylophone made of quince jelly"


def write(*statements):
    for sql in statements:
        yield Statement(sql)


def found(folder):
    return [path.name for path in folder.iterdir() if SECRET in path.read_bytes()]


async def test_deleted_text_is_gone_from_the_database_and_its_log(tmp_path):
    database = await open_new(tmp_path / "easel.db")
    await database.run(lambda: write(f"INSERT INTO chat_memory VALUES ('x', '{SECRET.decode()}')"))
    await database.run(lambda: write("DELETE FROM chat_memory"))
    assert found(tmp_path)
    assert await database.scrub()
    assert found(tmp_path) == []
    await database.run(lambda: write("INSERT INTO chat_memory VALUES ('x', 'y')"))
    assert await database.read(_one) == [("y",)]
    await database.close()


def _one():
    return (yield Statement("SELECT value FROM chat_memory"))


async def test_scrubbing_is_retried_while_a_reader_uses_an_earlier_state(tmp_path):
    path = tmp_path / "easel.db"
    write_new(path)
    connection, reader = connect_writer(path), sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA busy_timeout = 0")
    connection.execute(f"INSERT INTO chat_memory VALUES ('x', '{SECRET.decode()}')")
    reader.execute("BEGIN")
    assert reader.execute("SELECT COUNT(*) FROM chat_memory").fetchone() == (1,)
    connection.execute("DELETE FROM chat_memory")
    assert not scrub(connection)
    reader.execute("COMMIT")
    assert scrub(connection)
    assert found(tmp_path) == []
    reader.close()
    connection.close()


async def test_large_file_is_not_rebuilt_while_the_bot_runs(tmp_path, caplog):
    path = tmp_path / "easel.db"
    write_new(path)
    connection = connect_writer(path)
    before = connection.execute("PRAGMA page_count").fetchone()
    assert scrub(connection, most_bytes=1)
    assert "too large to be rebuilt" in caplog.text
    assert connection.execute("PRAGMA page_count").fetchone() == before
    connection.close()
