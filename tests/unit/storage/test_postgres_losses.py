"""Tests of the PostgreSQL driver on a way to the server that loses answers or goes silent."""

import asyncio
import tempfile
from pathlib import Path

import pytest

from bot.errors import CommitUnconfirmed
from bot.ledger.accounts import Ledger
from bot.storage.operation import Statement
from bot.storage.postgres.connection import connect
from bot.storage.postgres.driver import WRITERS, PostgresDatabase
from tests.cut_off_server import CutOffServer
from tests.patience import PATIENCE_S
from tests.unit.storage.test_postgres import add, value


@pytest.fixture
async def way(postgresql_url):
    with tempfile.TemporaryDirectory(prefix="easel-way-") as folder:  # a socket's path must be short
        way = CutOffServer(postgresql_url, Path(folder))
        await way.start()
        yield way
        await way.stop()


@pytest.fixture
async def database(way):
    database = await PostgresDatabase.open(way.url)
    yield database
    await database.close()


async def test_statement_without_any_answer_is_run_again_on_another_connection(way, monkeypatch):
    monkeypatch.setattr("bot.storage.postgres.connection.COMMAND_S", 0.5)
    database = await PostgresDatabase.open(way.url)
    await asyncio.gather(*(database.run(add(f"n{number}")) for number in range(WRITERS)))
    way.silence_present_connections()
    async with asyncio.timeout(PATIENCE_S):
        assert await database.run(add("n")) == 1
        assert await database.read(value("n")) == "1"
        await database.close()


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


async def test_outcome_that_cannot_be_learned_says_that_it_may_have_been_done(database, way, monkeypatch):
    monkeypatch.setattr("bot.storage.postgres.transactions.CONNECT_S", 0.5)
    await database.run(add("m"))  # so that a connection is there
    way.swallow_answer = way.refuse = True
    with pytest.raises(CommitUnconfirmed, match="Check whether it was done before you repeat it"):
        await database.run(add("n"))
    way.refuse = False
    assert await database.read(value("n")) == "1"


async def test_commit_before_a_crash_is_unconfirmed_because_its_number_may_belong_to_another_transaction(
    database, way, postgres_server, monkeypatch
):
    """The server goes down between the COMMIT and the question."""
    await database.run(add("m"))  # so that a connection is there
    way.swallow_answer = way.refuse = True
    writing = asyncio.create_task(database.run(add("n")))
    await way.swallowed.wait()
    await asyncio.to_thread(postgres_server.restart)
    way.refuse = False
    with pytest.raises(CommitUnconfirmed):
        await writing
    reader = await connect(way.url)
    assert await reader.fetch("SELECT value FROM chat_memory WHERE name = 'n'") == [("1",)]
    await reader.close()
