"""Tests of the writer thread: how operations share commits, and what happens when SQLite fails."""

import asyncio
import sqlite3
import threading
from functools import partial

import pytest

from bot.errors import StorageError
from bot.storage.background import in_background
from bot.storage.sqlite.connection import connect_writer
from bot.storage.sqlite.writer import BATCH, LEAST, PASSED_OVER, Writer, _Line, _Request
from tests.patience import PATIENCE_S
from tests.unit.storage.notes import Regret, create, numbers, select, write, write_and_regret

BIG = "x" * 4_000


class Connector:
    """Connects like the driver, records statements and connections, and can make a statement fail."""

    def __init__(self, path):
        self.path = path
        self.statements = []
        self.connections = 0
        self.max_pages = None
        self.broken = False

    def __call__(self):
        if self.broken:
            raise sqlite3.OperationalError("no more connections")
        self.connections += 1
        connection = connect_writer(self.path)
        connection.set_trace_callback(self.statements.append)
        if self.max_pages is not None:
            connection.execute(f"PRAGMA max_page_count = {self.max_pages}")
        return connection

    def count(self, word):
        return sum(statement.startswith(word) for statement in self.statements)


@pytest.fixture
def connector(tmp_path):
    return Connector(tmp_path / "easel.db")


@pytest.fixture
async def writer(connector):
    writer = Writer(connector)
    await writer.run(create)
    yield writer
    await writer.close()


async def gathered(writer, makers):
    return await asyncio.gather(*(writer.run(make) for make in makers), return_exceptions=True)


def blocking(started, go_on):
    def operation():
        started.set()
        assert go_on.wait(PATIENCE_S)
        return (yield from numbers())

    return operation


async def queued_behind_another(writer, makers):
    """Request these operations while the thread is busy, so that they form one batch."""
    started, go_on = threading.Event(), threading.Event()
    first = asyncio.create_task(writer.run(blocking(started, go_on)))
    assert await asyncio.to_thread(started.wait, PATIENCE_S)
    rest = asyncio.create_task(gathered(writer, makers))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    go_on.set()
    await first
    return await rest


async def test_operations_queued_during_a_commit_share_the_next_one(connector, writer):
    connector.statements.clear()
    await queued_behind_another(writer, [partial(write, number) for number in range(64)])
    assert connector.count("COMMIT") == 2
    assert connector.count("SAVEPOINT") == 0  # none of them failed


async def test_commit_contains_at_most_one_batch(connector, writer):
    connector.statements.clear()
    await queued_behind_another(writer, [partial(write, number) for number in range(BATCH + 1)])
    assert connector.count("COMMIT") == 3


def recorded(order, number):
    def operation():
        order.append(number)
        yield from numbers()

    return operation


async def test_operations_that_people_wait_for_run_before_background_operations(writer):
    order, started, go_on = [], threading.Event(), threading.Event()
    first = asyncio.create_task(writer.run(blocking(started, go_on)))
    assert await asyncio.to_thread(started.wait, PATIENCE_S)
    later = [asyncio.create_task(in_background(writer.run(recorded(order, number)))) for number in range(3)]
    await asyncio.sleep(0)
    answers = [asyncio.create_task(writer.run(recorded(order, name))) for name in ("answer", "another")]
    await asyncio.sleep(0)
    go_on.set()
    await asyncio.gather(first, *later, *answers)
    assert order == ["answer", "another", 0, 1, 2]


async def test_background_batch_ends_as_soon_as_a_person_waits(writer):
    order, started, go_on = [], threading.Event(), threading.Event()
    first = asyncio.create_task(in_background(writer.run(blocking(started, go_on))))
    assert await asyncio.to_thread(started.wait, PATIENCE_S)
    later = [asyncio.create_task(in_background(writer.run(recorded(order, number)))) for number in range(BATCH // 2)]
    answer = asyncio.create_task(writer.run(recorded(order, "answer")))
    await asyncio.sleep(0)
    go_on.set()
    await answer
    await asyncio.gather(first, *later)
    assert order == ["answer", *range(BATCH // 2)]


async def test_background_work_makes_progress_however_many_people_wait():
    line, answer = _Line(), _Request(numbers, asyncio.Future())
    later = [_Request(numbers, asyncio.Future(), background=True) for _ in range(LEAST + 1)]
    for request in (*later, answer):
        line.put(request)

    def next_batch():
        """Take a batch, during which someone else begins to wait."""
        assert line.wait()
        batch = line.batch()
        first = next(batch)
        line.put(answer)
        return [first, *batch]

    for _ in range(PASSED_OVER):
        assert next_batch() == [answer]
    assert next_batch() == [answer, *later[:LEAST]]
    assert next_batch() == [answer]


async def test_background_work_makes_progress_even_in_full_batches():
    line, later = _Line(), _Request(numbers, asyncio.Future(), background=True)
    line.put(later)
    taken = []
    for _ in range(PASSED_OVER + 1):
        for _ in range(BATCH + 1):
            line.put(_Request(numbers, asyncio.Future()))
        assert line.wait()
        taken = list(line.batch())
        assert len(taken) <= BATCH
    assert later in taken


async def test_closing_finishes_waiting_background_operations(connector):
    writer = Writer(connector)
    await writer.run(create)
    order, started, go_on = [], threading.Event(), threading.Event()
    first = asyncio.create_task(writer.run(blocking(started, go_on)))
    assert await asyncio.to_thread(started.wait, PATIENCE_S)
    later = asyncio.create_task(in_background(writer.run(recorded(order, "later"))))
    await asyncio.sleep(0)
    closing = asyncio.create_task(writer.close())
    await asyncio.sleep(0)
    go_on.set()
    await asyncio.gather(first, later, closing)
    assert order == ["later"]


async def test_failed_operation_leaves_those_before_and_after_it_alone(connector, writer):
    connector.statements.clear()
    results = await queued_behind_another(writer, [partial(write, 1), partial(write_and_regret, 2), partial(write, 3)])
    assert results[0] == 1
    assert isinstance(results[1], Regret)
    assert results[2] == 3
    assert await writer.run(numbers) == [1, 3]
    assert connector.count("COMMIT") == 3


async def test_operations_after_one_that_failed_roll_back_to_their_savepoints(connector, writer):
    """Otherwise a batch with many failures would run an operation more than twice."""
    connector.statements.clear()
    regrets = [partial(write_and_regret, number) for number in (2, 3, 4)]
    results = await queued_behind_another(writer, [partial(write, 1), *regrets, partial(write, 5)])
    assert [type(result) for result in results[1:4]] == [Regret] * 3
    assert await writer.run(numbers) == [1, 5]
    assert connector.count("ROLLBACK TO") == 2
    assert connector.count("INSERT INTO note") == 6  # the insert of number 1 ran twice


async def test_failed_first_operation_leaves_those_after_it_alone(connector, writer):
    connector.statements.clear()
    results = await queued_behind_another(writer, [partial(write_and_regret, 1), partial(write, 2), partial(write, 3)])
    assert isinstance(results[0], Regret)
    assert results[1:] == [2, 3]
    assert await writer.run(numbers) == [2, 3]
    assert connector.connections == 1


async def broken_commit(writer):
    """Let three operations share a commit that fails at its end because of one of them."""
    await writer.run(partial(select, "CREATE TABLE child (id REFERENCES note (id) DEFERRABLE INITIALLY DEFERRED)"))
    orphan = partial(select, "INSERT INTO child VALUES (99)")
    return await queued_behind_another(writer, [partial(write, 1), orphan, partial(write, 2)])


async def test_failed_commit_fails_every_caller_of_its_batch(writer):
    results = await broken_commit(writer)
    assert [type(result) for result in results] == [StorageError] * 3
    assert "FOREIGN KEY" in str(results[0])
    assert await writer.run(numbers) == []


async def test_new_connection_is_used_after_a_broken_transaction(connector, writer):
    await broken_commit(writer)
    assert await writer.run(partial(write, 5)) == 5
    assert connector.connections == 2


async def test_full_disk_is_reported_clearly_and_nothing_is_half_stored(connector, writer):
    pages = (await writer.run(partial(select, "PRAGMA page_count")))[0][0]
    await writer.run(partial(select, f"PRAGMA max_page_count = {pages + 4}"))
    connector.max_pages = pages + 4
    results = await queued_behind_another(writer, [partial(write, number, BIG) for number in range(20)])
    failed = [result for result in results if isinstance(result, StorageError)]
    stored = [result for result in results if not isinstance(result, Exception)]
    assert failed
    assert all("disk is full" in str(error) for error in failed)
    assert await writer.run(numbers) == stored
    connector.max_pages = None


async def test_rollback_of_the_whole_transaction_fails_every_caller(writer):
    """SQLite may roll back the whole transaction, as RAISE(ROLLBACK) does, and then the savepoints are gone."""
    await writer.run(
        partial(
            select,
            "CREATE TRIGGER fatal BEFORE INSERT ON note WHEN NEW.id = 13"
            " BEGIN SELECT RAISE(ROLLBACK, 'the disk went away'); END",
        )
    )
    results = await queued_behind_another(writer, [partial(write, number) for number in (12, 13, 14)])
    assert [type(result) for result in results] == [StorageError] * 3
    assert "the disk went away" in str(results[0])
    assert await writer.run(numbers) == []


async def test_callers_fail_until_the_database_can_be_reopened(connector, writer):
    await broken_commit(writer)
    connector.broken = True
    for _ in range(2):
        with pytest.raises(StorageError, match="no more connections"):
            await writer.run(partial(write, 1))
    connector.broken = False
    assert await writer.run(partial(write, 1)) == 1


async def test_exit_raised_by_an_operation_reaches_its_caller_and_not_the_thread(writer):
    def leaving():
        yield from write(1)
        raise GeneratorExit

    with pytest.raises(GeneratorExit):
        await writer.run(leaving)
    assert await writer.run(numbers) == []


async def test_lock_of_another_program_is_given_as_the_reason(connector, writer):
    with sqlite3.connect(connector.path, isolation_level=None) as other:
        await writer.run(partial(select, "PRAGMA busy_timeout = 1"))
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StorageError, match="locked by another program"):
            await writer.run(partial(write, 1))
        other.execute("ROLLBACK")
    other.close()
    assert await writer.run(partial(write, 1)) == 1


async def test_writer_can_be_closed_twice_and_accepts_nothing_afterwards(writer):
    await writer.close()
    await writer.close()
    with pytest.raises(StorageError, match="closed"):
        await writer.run(partial(write, 1))


async def test_commits_are_on_disk_before_the_answer(writer):
    assert await writer.run(partial(select, "PRAGMA synchronous")) == [(2,)]
    assert await writer.run(partial(select, "PRAGMA journal_mode")) == [("wal",)]
    assert await writer.run(partial(select, "PRAGMA foreign_keys")) == [(1,)]


async def test_grown_write_ahead_log_is_truncated(writer):
    assert await writer.run(partial(select, "PRAGMA journal_size_limit")) == [(16 * 1024 * 1024,)]
