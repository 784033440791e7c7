"""Several gateway processes: one of them answers, and the turn passes on at its stop or its end."""

import asyncio
from functools import partial

import pytest

from bot.app.gateway_turns import GatewayTurns
from bot.processes.gateway_turn import LOOK_AGAIN_S, GatewayTurn
from bot.storage.operation import Statement
from tests.idle_loop import WatchedDatabase, settle
from tests.manual_clock import ManualClock
from tests.new_database import open_new
from tests.notice_board import NoticeBoard

pytestmark = pytest.mark.usefixtures("each_driver")


@pytest.fixture
async def database(tmp_path):
    database = WatchedDatabase(await open_new(tmp_path / "easel.db"))
    for token in range(1, 9):
        await database.run(partial(_begin, token))
    yield database
    await database.close()


def _begin(token):
    sql = "INSERT INTO process (token, name, role, until_ms) VALUES ($1, $2, 'gateway', 0)"
    yield Statement(sql, token, f"easel-{token}")


def _end(token):
    yield Statement("DELETE FROM process WHERE token = $1", token)


@pytest.fixture
def clock():
    return ManualClock()


@pytest.fixture
def board():
    return NoticeBoard()


def turn_of(token, database, board, clock):
    return GatewayTurn(database, token, board.join(), clock)


async def test_turn_belongs_to_the_first_process_until_it_passes_it_on(database, board, clock):
    first, second = (turn_of(token, database, board, clock) for token in (1, 2))
    assert await first.take() == frozenset()
    waiting = asyncio.create_task(second.wait())
    await clock.advance(10 * LOOK_AGAIN_S)
    assert not waiting.done()
    await first.pass_on([7, 8])
    await settle()  # at once, and not when it looks again
    assert waiting.result() == {7, 8}
    assert await first.take() is None


async def test_lost_notice_delays_the_turn_by_a_second(database, board, clock):
    first, second = (turn_of(token, database, board, clock) for token in (1, 2))
    await first.take()
    waiting = asyncio.create_task(second.wait())
    await settle()
    board.lost = True
    await first.pass_on([])
    await settle()
    assert not waiting.done()
    await clock.advance(LOOK_AGAIN_S)
    assert waiting.done()


async def test_turn_of_a_process_that_was_ended_is_free(database, board, clock):
    first, second = (turn_of(token, database, board, clock) for token in (1, 2))
    await first.take()
    assert await second.take() is None
    await database.run(lambda: _end(1))
    assert await second.take() == frozenset()
    await first.pass_on([9])  # it wakes up and stops: the turn is no longer its own
    assert await turn_of(3, database, board, clock).take() is None


async def test_only_one_of_many_processes_gets_a_free_turn(database, board, clock):
    turns = [turn_of(token, database, board, clock) for token in range(1, 9)]
    taken = await asyncio.gather(*(turn.take() for turn in turns))
    assert [one for one in taken if one is not None] == [frozenset()]


class Client:
    """Notes what it is told, and took the interactions 5 and 6 last."""

    def __init__(self):
        self.did = []

    def take_over(self, taken):
        self.did.append(("take over", sorted(taken)))

    async def begin(self):
        self.did.append(("begin", []))

    def hand_over(self):
        self.did.append(("hand over", []))
        return [5, 6]

    def turns(self, turn):
        return GatewayTurns(turn, take_over=self.take_over, begin=self.begin, hand_over=self.hand_over)


async def test_process_answers_before_it_begins_anything_else_and_hands_over_first_of_all(database, board, clock):
    old, new = Client(), Client()
    first, second = (client.turns(turn_of(token, database, board, clock)) for token, client in ((1, old), (2, new)))
    await first.start()
    await second.start()
    assert (first.has_turn, second.has_turn) == (True, False)
    assert new.did == []
    await first.pass_on()
    await settle()
    assert old.did == [("take over", []), ("begin", []), ("hand over", [])]
    assert new.did == [("take over", [5, 6]), ("begin", [])]
    assert (first.has_turn, second.has_turn) == (False, True)


async def test_standby_process_stops_without_taking_a_turn(database, board, clock):
    old, new = Client(), Client()
    first, second = (client.turns(turn_of(token, database, board, clock)) for token, client in ((1, old), (2, new)))
    await first.start()
    await second.start()
    await second.pass_on()
    await first.pass_on()
    await settle()
    assert new.did == []
