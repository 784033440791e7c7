"""Tests of the behaviour that every driver must have; they run for each driver."""

import asyncio
import threading
import time
from functools import partial

import pytest

from bot.errors import StorageError
from bot.storage.operation import MAX_KEYS, Statement, each, select_in
from bot.storage.postgres.driver import PostgresDatabase
from tests.new_database import open_existing
from tests.patience import PATIENCE_S
from tests.unit.storage.notes import Regret, create, numbers, select, write, write_and_regret


@pytest.fixture(autouse=True)
async def table(database):
    await database.run(create)


@pytest.fixture
def numbers_at_the_end(database, tmp_path):
    """Return a function that closes the database and returns the numbers that it then contains.

    Closing finishes all operations, even those that nobody waits for.
    """

    async def read():
        await database.close()
        opened = await open_existing(tmp_path / "easel.db")
        try:
            return await opened.read(numbers)
        finally:
            await opened.close()

    return read


async def test_operation_returns_its_result_and_reads_see_its_writes(database):
    assert await database.run(partial(write, 1)) == 1
    assert await database.read(numbers) == [1]


async def test_operation_without_statements_returns_its_result(database):
    def nothing():
        return 7
        yield

    assert await database.run(nothing) == 7
    assert await database.read(nothing) == 7


async def test_several_operations_are_one_transaction(database):
    assert await database.run(lambda: each(write(number) for number in (1, 2))) == [1, 2]
    with pytest.raises(Regret):
        await database.run(lambda: each([write(3), write_and_regret(4)]))
    assert await database.read(numbers) == [1, 2]


async def test_operation_that_raises_is_rolled_back_and_its_caller_gets_the_error(database):
    with pytest.raises(Regret, match="1"):
        await database.run(partial(write_and_regret, 1))
    assert await database.read(numbers) == []


async def test_operation_whose_statement_fails_is_rolled_back(database):
    def twice():
        yield from write(1)
        yield from write(1)

    with pytest.raises(Exception, match=r"(?i)unique"):
        await database.run(twice)
    assert await database.read(numbers) == []


async def test_nested_operations_are_one_transaction(database):
    def composed():
        first = yield from write(1)
        second = yield from write(2)
        raise Regret(first + second)

    with pytest.raises(Regret, match="3"):
        await database.run(composed)
    assert await database.read(numbers) == []


async def test_failing_half_of_a_hundred_operations_does_not_affect_the_rest(database):
    makers = [partial(write if number % 2 else write_and_regret, number) for number in range(100)]
    results = await asyncio.gather(*(database.run(make) for make in makers), return_exceptions=True)
    assert [isinstance(result, Regret) for result in results] == [number % 2 == 0 for number in range(100)]
    assert await database.read(numbers) == list(range(1, 100, 2))


async def test_read_of_several_statements_sees_one_state(database):
    loop = asyncio.get_running_loop()
    started, written = asyncio.Event(), threading.Event()

    def twice():
        before = yield from numbers()
        loop.call_soon_threadsafe(started.set)
        give_up_s = time.monotonic() + PATIENCE_S
        while not written.is_set() and time.monotonic() < give_up_s:
            yield Statement("SELECT 1")
        return before, (yield from numbers()), written.is_set()

    looking = asyncio.create_task(database.read(twice))
    await started.wait()
    await database.run(partial(write, 1))
    written.set()
    before, after, overlapped = await looking
    assert overlapped
    assert before == after == []


async def test_read_cannot_write(database):
    with pytest.raises(Exception, match=r"(?i)read.?only"):
        await database.read(partial(write, 1))
    assert await database.read(numbers) == []


async def test_read_that_raises_leaves_its_connection_usable(database):
    def broken():
        yield from numbers()
        raise Regret

    for _ in range(5):
        with pytest.raises(Regret):
            await database.read(broken)
    assert await database.read(numbers) == []


async def test_many_concurrent_reads_are_all_answered(database):
    await database.run(partial(write, 1))
    assert await asyncio.gather(*(database.read(numbers) for _ in range(50))) == [[1]] * 50


async def test_cancelling_the_caller_does_not_stop_the_operation(database, numbers_at_the_end):
    task = asyncio.create_task(database.run(partial(write, 1)))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await database.run(partial(write, 2))
    assert await numbers_at_the_end() == [1, 2]


async def test_cancelled_callers_do_not_affect_others(database, numbers_at_the_end):
    tasks = [asyncio.create_task(database.run(partial(write, number))) for number in range(100)]
    await asyncio.sleep(0)
    for task in tasks[::2]:
        task.cancel()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert results[1::2] == list(range(1, 100, 2))
    await database.run(partial(write, 1000))
    assert await numbers_at_the_end() == [*range(100), 1000]


async def test_cancelled_reads_leave_their_connections_usable(database):
    for _ in range(10):
        task = asyncio.create_task(database.read(numbers))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert await database.read(numbers) == []


@pytest.mark.parametrize("each_driver", ["sqlite"], indirect=True)  # a server runs them at the same time
async def test_operations_run_in_the_order_of_their_calls(database):
    def count_and_write(number):
        return [*(yield from numbers()), (yield from write(number))]

    results = await asyncio.gather(*(database.run(partial(count_and_write, number)) for number in range(20)))
    assert results == [list(range(number + 1)) for number in range(20)]


async def test_placeholders_are_bound_by_number_and_not_by_first_appearance(database):
    sql = "SELECT CAST($2 AS BIGINT), CAST($1 AS BIGINT), CAST($2 AS BIGINT)"
    assert await database.read(partial(select, sql, 1, 2)) == [(2, 1, 2)]


async def test_more_than_nine_placeholders_are_supported(database):
    columns = ", ".join(f"CAST(${number} AS BIGINT)" for number in range(12, 0, -1))
    assert await database.read(partial(select, f"SELECT {columns}", *range(1, 13))) == [tuple(range(12, 0, -1))]


@pytest.mark.parametrize("values", [(), (1,), (1, 2, 3)])
async def test_placeholders_without_values_and_values_without_placeholders_are_errors(database, values):
    sql = "SELECT CAST($1 AS BIGINT), CAST($2 AS BIGINT)"
    with pytest.raises(ValueError, match="placeholders"):
        await database.run(partial(select, sql, *values))


async def test_many_keys_are_looked_up_in_chunks_and_all_are_found(database):
    await asyncio.gather(*(database.run(partial(write, number)) for number in range(0, 2 * MAX_KEYS + 100, 3)))
    sql = "SELECT id FROM note WHERE id >= $1 AND id IN ({keys}) ORDER BY id"
    found = await database.read(partial(select_in, sql, range(2 * MAX_KEYS + 1), 30))
    assert [row[0] for row in found] == list(range(30, 2 * MAX_KEYS + 1, 3))


async def test_looking_up_no_keys_needs_no_statement(database):
    assert await database.read(partial(select_in, "not even SQL {keys}", [])) == []


@pytest.mark.parametrize("value", [0, -1, 2**63 - 1, -(2**63)], ids=["zero", "negative", "largest", "smallest"])
async def test_integers_are_read_back_unchanged(database, value):
    assert await database.run(partial(select, "INSERT INTO note (id) VALUES ($1) RETURNING id", value)) == [(value,)]


@pytest.mark.parametrize("value", ["", "plain", "汉字 🎨", "'; DROP TABLE note; --", None])
async def test_texts_are_read_back_unchanged(database, value):
    sql = "INSERT INTO note (id, text) VALUES (1, $1) RETURNING text"
    assert await database.run(partial(select, sql, value)) == [(value,)]


async def test_bytes_are_read_back_unchanged(database):
    sql = "INSERT INTO note (id, data) VALUES (1, $1) RETURNING data"
    assert await database.run(partial(select, sql, bytes(range(256)))) == [(bytes(range(256)),)]


async def test_on_conflict_prevents_an_error(database):
    sql = "INSERT INTO note (id) VALUES ($1) ON CONFLICT (id) DO NOTHING RETURNING id"
    assert await database.run(partial(select, sql, 1)) == [(1,)]
    assert await database.run(partial(select, sql, 1)) == []


async def test_closing_finishes_requested_operations(database):
    tasks = [asyncio.create_task(database.run(partial(write, number))) for number in range(300)]
    await asyncio.sleep(0)
    await database.close()
    assert await asyncio.gather(*tasks) == list(range(300))


async def test_closing_waits_for_reads_in_progress(database, monkeypatch):
    monkeypatch.setattr("bot.storage.sqlite.readers.CLOSE_S", PATIENCE_S)
    if isinstance(database, PostgresDatabase):
        database._reading._close_s = PATIENCE_S
    reads = [asyncio.create_task(database.read(numbers)) for _ in range(20)]
    await asyncio.sleep(0)
    await database.close()
    assert await asyncio.gather(*reads) == [[]] * 20


async def test_closed_database_raises_a_clear_error(database):
    await database.close()
    for ask in (database.run, database.read):
        with pytest.raises(StorageError, match="closed"):
            await ask(numbers)
