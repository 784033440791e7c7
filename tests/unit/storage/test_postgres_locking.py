"""Tests of operations that are kept apart by a lock or by a line, and so are not run again because of each other."""

import asyncio

import pytest
from structlog.testing import capture_logs

from bot.storage.locking import AfterLock, InLine
from bot.storage.operation import Statement
from bot.storage.postgres import gate
from bot.storage.postgres.connection import connect
from bot.storage.postgres.driver import PostgresDatabase
from tests.idle_loop import settle
from tests.patience import PATIENCE_S

TASKS = 64


@pytest.fixture
async def database(postgresql_url):
    database = await PostgresDatabase.open(postgresql_url)
    await database.run(put("n", 0))
    yield database
    await database.close()


def put(name, number):
    def operation():
        yield Statement("INSERT INTO chat_memory (name, value) VALUES ($1, $2)", name, str(number))

    return operation


def add():
    """Add to a number by reading it first."""
    ((before,),) = yield Statement("SELECT value FROM chat_memory WHERE name = 'n'")
    yield Statement("UPDATE chat_memory SET value = $1 WHERE name = 'n'", str(int(before) + 1))
    return int(before) + 1


def lock():
    yield Statement("SELECT 1 FROM chat_memory WHERE name = 'n' FOR NO KEY UPDATE")


def number():
    ((found,),) = yield Statement("SELECT value FROM chat_memory WHERE name = 'n'")
    return int(found)


def isolation():
    ((found,),) = yield Statement("SELECT current_setting('transaction_isolation')")
    return found


@pytest.mark.parametrize("kept_apart", [AfterLock(add, lock), InLine(add, "adding")], ids=["lock", "line"])
async def test_64_operations_with_locks_all_count_and_none_is_run_again(database, kept_apart, monkeypatch):
    monkeypatch.setattr(gate, "LONG_S", PATIENCE_S)
    with capture_logs() as lines:
        results = await asyncio.gather(*(database.run(kept_apart) for _ in range(TASKS)))
    assert sorted(results) == list(range(1, TASKS + 1))
    assert [line for line in lines if line["event"] == "run again"] == []


async def test_operations_with_and_without_a_lock_lose_no_update(database):
    await asyncio.gather(*(database.run(AfterLock(add, lock) if task % 2 else add) for task in range(TASKS)))
    assert await database.read(number) == TASKS


async def test_only_an_operation_after_a_lock_is_less_than_serializable(database):
    assert await database.run(AfterLock(isolation, lock)) == "read committed"
    assert await database.run(InLine(isolation, "any")) == "serializable"
    assert await database.run(isolation) == "serializable"


async def test_line_advances_even_if_an_order_in_it_waits_for_another_program(database, postgresql_url):
    blocker = await connect(postgresql_url)
    await blocker.execute("BEGIN")
    await blocker.fetch("SELECT 1 FROM chat_memory WHERE name = 'n' FOR UPDATE")
    stuck = asyncio.create_task(database.run(InLine(add, "adding")))
    await settle()
    async with asyncio.timeout(PATIENCE_S):
        await database.run(InLine(put("m", 1), "adding"))
    assert not stuck.done()
    await blocker.close()
    assert await stuck == 1
