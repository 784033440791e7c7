"""A process obeys a drain of all processes, and confirms it only once it refuses orders."""

from functools import partial

import pytest

from bot.errors import Fenced, StorageError
from bot.processes.drain_rows import DrainRequest
from bot.processes.notices import DRAIN
from bot.processes.shared_drain import LOOK_AGAIN_S, REPORT_AGAIN_S, SharedDrain
from bot.storage.operation import Statement
from tests.idle_loop import WatchedDatabase, settle
from tests.manual_clock import ManualClock
from tests.new_database import open_new
from tests.notice_board import NoticeBoard

TOKEN = 7


class Orders:
    """Records the requests that it obeys, and what the database says about the process at that moment."""

    def __init__(self):
        self.told: list[DrainRequest | None] = []
        self.older_answers = 0

    def obey(self, request):
        self.told.append(request)


class Losing:
    """A database whose next read fails with `next_error`, once."""

    def __init__(self, database):
        self._database = database
        self.next_error: Exception | None = None
        self.run = database.run

    async def read(self, operation):
        error, self.next_error = self.next_error, None
        if error is not None:
            raise error
        return await self._database.read(operation)


class Process:
    """A process on a database, and an operator who asks all processes to drain."""

    def __init__(self, database, clock):
        self.database, self.clock, self.orders = database, clock, Orders()
        self.board = NoticeBoard()
        self.asker = self.board.join()
        self.reads = Losing(database)
        self.drain = SharedDrain(self.reads, TOKEN, self.board.join(), clock, self.orders)

    async def sql(self, text, *values):
        await self.database.run(partial(_statement, text, *values))

    async def asks(self, number):
        await self.sql("DELETE FROM drain")
        await self.sql("INSERT INTO drain (id, number, since_ms, asked_by) VALUES (1, $1, 5, 'olga@here')", number)
        await self.tell()

    async def lifts(self):
        await self.sql("DELETE FROM drain")
        await self.tell()

    async def tell(self):
        self.asker.tell(DRAIN)
        await settle()

    async def row(self):
        ((drain, answers),) = await self.database.read(partial(_statement, "SELECT drain, answers FROM process"))
        return drain, answers


def _statement(text, *values):
    return (yield Statement(text, *values))


def request(number):
    return DrainRequest(number, 5, "olga@here")


@pytest.fixture
async def process(tmp_path, each_driver):
    process = Process(WatchedDatabase(await open_new(tmp_path / "easel.db")), ManualClock())
    await process.sql("INSERT INTO process (token, name, role, until_ms) VALUES ($1, 'easel', 'gateway', 0)", TOKEN)
    yield process
    await process.drain.stop()
    await process.database.close()


async def test_process_that_starts_during_a_drain_refuses_orders_at_once(process):
    await process.asks(3)
    await process.drain.start()
    assert process.orders.told == [request(3)]
    assert await process.row() == (3, 0)


async def test_process_that_cannot_find_out_whether_there_is_a_drain_does_not_start(process):
    process.reads.next_error = StorageError(problem="the server is away", fix="Wait")
    with pytest.raises(StorageError):
        await process.drain.start()


async def test_drain_and_its_end_are_obeyed_at_once(process):
    await process.drain.start()
    assert (process.orders.told, await process.row()) == ([], (0, 0))
    await process.asks(1)
    assert (process.orders.told, await process.row()) == ([request(1)], (1, 0))
    await process.lifts()
    assert (process.orders.told, await process.row()) == ([request(1), None], (0, 0))


async def test_drain_is_noticed_even_if_its_notice_was_lost(process):
    await process.drain.start()
    process.board.lost = True
    await process.asks(1)
    await process.clock.advance(LOOK_AGAIN_S - 0.1)
    assert process.orders.told == []
    await process.clock.advance(0.1)
    assert (process.orders.told, await process.row()) == ([request(1)], (1, 0))


async def test_new_drain_is_distinguished_from_the_one_before(process):
    await process.drain.start()
    await process.asks(1)
    await process.asks(2)
    assert (process.orders.told, await process.row()) == ([request(1), request(2)], (2, 0))


async def test_answers_that_may_still_become_jobs_are_reported_until_there_are_none(process):
    await process.drain.start()
    process.orders.older_answers = 2
    await process.asks(1)
    assert await process.row() == (1, 2)
    process.orders.older_answers = 0
    await process.clock.advance(REPORT_AGAIN_S)
    assert await process.row() == (1, 0)


async def test_process_keeps_obeying_while_the_database_is_away(process):
    await process.drain.start()
    await process.asks(1)
    process.reads.next_error = StorageError(problem="the server is away", fix="Wait")
    await process.lifts()
    assert process.orders.told == [request(1)]
    await process.clock.advance(LOOK_AGAIN_S)
    assert process.orders.told == [request(1), None]


async def test_ended_process_stops_checking_for_drains(process):
    await process.drain.start()
    process.reads.next_error = Fenced(problem="others have taken over", fix="It has to be started again")
    await process.tell()
    await process.asks(1)
    assert process.orders.told == []
