"""Several gateway processes on one database: each shard has one holder, and an ended process takes none."""

import asyncio
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest

from bot.processes.notices import SHARDS
from bot.processes.shard_claims import LOOK_AGAIN_S, ShardClaims
from bot.storage.operation import Statement
from tests.idle_loop import WatchedDatabase, settle
from tests.manual_clock import ManualClock
from tests.new_database import open_new
from tests.notice_board import NoticeBoard

SHARDS_IN_ALL = 12


@pytest.fixture
async def database(tmp_path, each_driver):
    database = WatchedDatabase(await open_new(tmp_path / "easel.db"))
    yield database
    await database.close()


@pytest.fixture
def board():
    return NoticeBoard()


@pytest.fixture
def clock():
    return ManualClock()


def _begin(token):
    sql = "INSERT INTO process (token, name, role, until_ms) VALUES ($1, $2, 'gateway', 0)"
    yield Statement(sql, token, f"easel-{token}")


def _end(token):
    yield Statement("DELETE FROM process WHERE token = $1", token)


async def begun(token, database, board, clock):
    """Begin a process that takes shards."""
    await database.run(partial(_begin, token))
    process: Any = SimpleNamespace(token=token, on_change=lambda _: None)
    claims = ShardClaims(database, process, board.join(), clock)
    await claims.begin()
    return claims


async def test_processes_that_start_at_the_same_time_share_all_shards(database, board, clock):
    claims = [await begun(token, database, board, clock) for token in range(1, 9)]
    await asyncio.gather(*(one.claim((), SHARDS_IN_ALL) for one in claims))
    found = [(await one.claim((), SHARDS_IN_ALL)).held.keys() for one in claims]
    assert sorted(number for held in found for number in held) == list(range(SHARDS_IN_ALL))
    assert sorted(map(len, found)) == [1, 1, 1, 1, 2, 2, 2, 2]


async def test_shard_is_passed_on_with_its_latest_interactions(database, board, clock):
    old, new = [await begun(token, database, board, clock) for token in (1, 2)]
    await old.claim((), 1)
    await old.leave()
    assert (await new.claim((), 1)).coming == {0}
    assert (await old.claim((), 1)).wanted == set()
    await new.claim([0], 1)
    assert (await old.claim((), 1)).wanted == {0}
    await old.pass_on({0: [8, 7]})
    assert (await new.claim([0], 1)).held == {0: (7, 8)}
    assert (await old.claim((), 1)).held == {}


async def test_heir_that_lost_its_connection_is_not_given_the_shard(database, board, clock):
    old, new = [await begun(token, database, board, clock) for token in (1, 2)]
    await old.claim((), 1)
    await old.leave()
    await new.claim([0], 1)
    await new.claim((), 1)
    assert (await old.claim((), 1)).wanted == set()


async def test_passing_on_a_shard_that_is_no_longer_held_changes_nothing(database, board, clock):
    old, new = [await begun(token, database, board, clock) for token in (1, 2)]
    await old.claim((), 2)
    await database.run(lambda: _end(1))
    await new.claim((), 2)
    await old.pass_on({0: [], 1: []})
    assert (await new.claim((), 2)).held.keys() == {0, 1}


async def test_others_are_notified_of_a_change_and_check_from_time_to_time(database, board, clock):
    first, second = [await begun(token, database, board, clock) for token in (1, 2)]
    for lost, waits_s in ((False, 0.0), (True, LOOK_AGAIN_S)):
        board.lost = lost
        waiting = asyncio.create_task(second.until_told())
        await settle()
        await (first.leave() if lost else first.claim((), 4))
        assert board.told[-1] == (SHARDS, "")
        await clock.advance(waits_s)
        assert waiting.done()


async def test_no_write_and_no_notice_while_nothing_changes(database, board, clock):
    only = await begun(1, database, board, clock)
    await only.claim((), 4)
    board.told.clear()
    again = await only.claim([0, 1, 2, 3], 4)
    assert (again.held.keys(), board.told) == ({0, 1, 2, 3}, [])


async def test_others_learn_whether_a_process_is_connected_without_being_woken(database, board, clock):
    one, other = [await begun(token, database, board, clock) for token in (1, 2)]
    await one.claim((), 2)
    assert not (await other.claim((), 2)).others_connected
    board.told.clear()
    await one.claim([0], 2)
    assert ((await other.claim((), 2)).others_connected, board.told) == (True, [])
    assert not (await one.claim([0], 2)).others_connected
    await one.claim((), 2)
    assert not (await other.claim((), 2)).others_connected


async def test_all_guilds_are_recorded_when_those_of_every_shard_are(database, board, clock):
    one, other = [await begun(token, database, board, clock) for token in (1, 2)]
    await one.claim((), 2)
    await other.claim((), 2)
    assert not await one.recorded(0, 2)
    assert not await one.recorded(0, 2)
    assert not await other.recorded(1, 3)  # the connection has a different number of shards
    assert await other.recorded(1, 2)


async def test_outgrown_shards_are_given_up_and_get_a_new_number(database, board, clock):
    one, other = [await begun(token, database, board, clock) for token in (1, 2)]
    await one.claim((), 2)
    await other.claim((), 2)
    await one.outgrow()
    assert (await other.claim((), 2)).outgrown
    await other.give_up()
    assert (await other.claim((), 3)).held == {}
    await one.give_up()
    assert (await one.claim((), 3)).held.keys() == {0, 1}
    assert (await other.claim((), 3)).held.keys() == {2}
