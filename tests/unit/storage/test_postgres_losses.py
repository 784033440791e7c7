"""Tests of the PostgreSQL driver on a route to the server that loses answers or goes silent."""

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager

import pytest

from bot.errors import CommitUnconfirmed, StorageError
from bot.ledger.accounts import Ledger
from bot.storage.operation import Statement
from bot.storage.postgres.connection import connect
from bot.storage.postgres.driver import WRITERS, PostgresDatabase
from bot.storage.postgres.owner import LOCK
from bot.storage.postgres.transactions import SIDE_BY_SIDE
from bot.storage.postgres.transfer import move
from bot.storage.sqlite.driver import SqliteDatabase
from tests.idle_loop import settle
from tests.patience import PATIENCE_S
from tests.unit.storage.test_postgres import add, value


@pytest.fixture
async def database(way):
    database = await PostgresDatabase.open(way.url)
    yield database
    await database.close()


async def test_statement_without_any_answer_is_run_again_on_another_connection(way, monkeypatch):
    monkeypatch.setattr("bot.storage.postgres.connection.COMMAND_S", 0.5)
    database = await PostgresDatabase.open(way.url)
    await database.run(add("m"))
    way.silence_present_connections()
    async with asyncio.timeout(PATIENCE_S):
        assert await database.run(add("n")) == 1
        assert await database.read(value("n")) == "1"
        await database.close()


async def test_owner_with_a_silent_connection_ends_its_session_and_owns_the_database_again(
    database, way, postgresql_url, monkeypatch
):
    way.silence_present_connections()
    monkeypatch.setattr("bot.storage.postgres.owner.PROOF_S", 0.5)
    owner, before = database._owner, database._owner._connection
    owner._proven_s -= 1
    assert await database.run(add("n")) == 1  # it tries again if this busy machine is slower than the limit
    assert before.is_closed()
    with pytest.raises(StorageError, match="in use by another Easel"):
        await PostgresDatabase.open(postgresql_url)


async def test_owner_waits_for_its_own_dead_session_that_keeps_the_lock(database, way, postgresql_url, monkeypatch):
    other = await connect(postgresql_url)
    database._owner._connection.terminate()
    await other.fetch("SELECT pg_advisory_lock($1)", LOCK)  # stands for a session that cannot be ended
    writing = asyncio.create_task(database.run(add("n")))
    again = asyncio.create_task(way.connected(way.connections + 3))
    await asyncio.wait({writing, again}, return_when=asyncio.FIRST_COMPLETED)
    assert again.done(), await writing
    await other.close()
    assert await writing == 1


async def test_writers_share_one_attempt_to_own_the_database_again(database, way, monkeypatch):
    await asyncio.gather(*(database.run(add("n")) for _ in range(WRITERS)))
    database._owner._connection.terminate()
    way.refuse, before = True, way.connections
    with monkeypatch.context() as impatient:
        impatient.setattr("bot.storage.postgres.transactions.CONNECT_S", 0.0)
        impatient.setattr("bot.storage.postgres.connection.CONNECT_S", 0.5)
        failed = await asyncio.gather(*(database.run(add("n")) for _ in range(2 * WRITERS)), return_exceptions=True)
    assert [type(error) for error in failed] == [StorageError] * 2 * WRITERS
    assert way.connections - before == 1
    way.refuse = False
    await database.run(add("n"))


async def test_opening_waits_for_a_server_that_is_not_listening_yet(way, postgresql_url):
    await way.stop()
    opening = asyncio.create_task(PostgresDatabase.open(way.url))
    await settle()
    assert not opening.done()
    await way.start()
    await (await opening).close()


async def test_row_locked_by_another_program_is_reported_and_stops_no_other_operation(
    database, postgresql_url, monkeypatch
):
    monkeypatch.setattr("bot.storage.postgres.transactions.BLOCKED_S", 1.5)
    await database.run(add("locked"))
    async with short_lock_timeout(database._writing):
        other = await connect(postgresql_url, {})
        await other.execute("BEGIN; UPDATE chat_memory SET value = '9' WHERE name = 'locked'")
        blocked = asyncio.create_task(database.run(add("locked")))
        others = 0
        while not blocked.done():
            others = await database.run(add("free"))
        with pytest.raises(StorageError, match="another program keeps rows locked"):
            await blocked
        await other.close()
    assert others > SIDE_BY_SIDE
    assert await database.run(add("locked")) == 2


@asynccontextmanager
async def short_lock_timeout(transactions):
    """Let the pool's statements wait only briefly for locks, so that many tries fit into the limit."""
    async with AsyncExitStack() as stack:
        lent = [await stack.enter_async_context(transactions._pool.acquire()) for _ in range(WRITERS)]
        for connection in lent:
            await connection.execute("SET lock_timeout = '100ms'")
    yield


async def test_commit_whose_answer_is_lost_is_done_once_and_returns_its_result(database, way):
    way.swallow_answer = True
    assert await database.run(add("n")) == 1
    assert way.swallowed.is_set()
    assert await database.read(value("n")) == "1"


async def test_commit_that_never_arrives_is_run_again(database, way):
    way.swallow_commit = True
    async with asyncio.timeout(PATIENCE_S):
        assert await database.run(add("n")) == 1
    assert way.swallowed.is_set()
    assert await database.read(value("n")) == "1"


async def test_credits_are_minted_once_if_the_answer_is_lost(database, way):
    ledger = Ledger(database)
    way.swallow_answer = True
    await ledger.mint(1, 5, key="once", actor=1, reason="", at_ms=1)
    assert way.swallowed.is_set()
    assert await database.read(_transfers) == 1


def _transfers():
    ((number,),) = yield Statement("SELECT COUNT(*) FROM transfer")
    return number


async def test_transaction_that_wrote_nothing_is_run_again(database, way):
    way.swallow_answer = True
    assert await database.run(value_or_none) is None
    assert way.swallowed.is_set()


def value_or_none():
    rows = yield Statement("SELECT value FROM chat_memory WHERE name = 'n'")
    return rows[0][0] if rows else None


@pytest.fixture
async def file(tmp_path):
    """Return the path of a SQLite database with one recognizable row."""
    file = await SqliteDatabase.open(tmp_path / "easel.db")
    await file.run(add("n"))
    await file.close()
    return tmp_path / "easel.db"


async def test_move_whose_last_answer_is_lost_is_done_or_repeated(way, file, postgresql_url):
    way.swallow_commit = True
    with pytest.raises(StorageError, match="Nothing was stored"):
        await move(file, way.url)
    way.swallow_answer = True
    assert (await move(file, way.url))["chat_memory"] == 1
    assert not way.swallow_answer
    with pytest.raises(StorageError, match="is not empty"):
        await move(file, postgresql_url)


async def test_move_with_an_unknown_outcome_says_what_to_do(way, file, monkeypatch):
    monkeypatch.setattr("bot.storage.postgres.transfer.CONNECT_S", 0.5)
    way.swallow_answer = way.refuse_after_loss = True
    with pytest.raises(CommitUnconfirmed, match=r"may have been stored\. Drop that database"):
        await move(file, way.url)


async def test_unknown_outcome_says_that_it_may_have_been_done(database, way, monkeypatch):
    monkeypatch.setattr("bot.storage.postgres.transactions.CONNECT_S", 0.5)
    way.swallow_answer = way.refuse_after_loss = True
    with pytest.raises(CommitUnconfirmed, match="Check whether it was done before you repeat it"):
        await database.run(add("n"))
    way.refuse = False
    assert await database.read(value("n")) == "1"


async def test_commit_before_a_crash_is_unconfirmed_because_its_number_may_belong_to_another_transaction(
    database, way, postgres_server, monkeypatch
):
    """The server goes down between the COMMIT and the query for its outcome."""
    way.swallow_answer = way.refuse_after_loss = True
    writing = asyncio.create_task(database.run(add("n")))
    await way.swallowed.wait()
    await asyncio.to_thread(postgres_server.restart)
    way.refuse = False
    with pytest.raises(CommitUnconfirmed):
        await writing
    reader = await connect(way.url)
    assert await reader.fetch("SELECT value FROM chat_memory WHERE name = 'n'") == [("1",)]
    await reader.close()
