"""Gateway processes on a real server: what a process does after others ended it, and how sessions start in turn."""

import pytest

from bot.errors import Fenced
from bot.process_roles import ProcessRole
from bot.processes.fenced_database import FencedDatabase
from bot.processes.identify_turns import ASK_AGAIN_S, LONGEST_TURN_S, IdentifyTurns
from bot.processes.shard_claims import ShardClaims
from tests.manual_clock import ManualClock
from tests.notice_board import NoticeBoard

ALL = 4


async def test_ended_process_takes_no_shards_and_passes_none_on(machine, database):
    board, clock = NoticeBoard(), ManualClock()
    frozen, other = [await machine.start(ProcessRole.GATEWAY) for _ in range(2)]
    of_frozen, of_other = (
        ShardClaims(FencedDatabase(database, one), one, board.join(), clock) for one in (frozen, other)
    )
    for claims in (of_frozen, of_other):
        await claims.begin()
        await claims.claim((), ALL)
    await machine.sql("DELETE FROM process WHERE token = $1", frozen.token)
    with pytest.raises(Fenced):
        await of_frozen.pass_on({0: []})
    with pytest.raises(Fenced):
        await of_frozen.claim((), ALL)
    assert (await of_other.claim((), ALL)).held.keys() == set(range(ALL))


@pytest.fixture
async def turns(machine):
    """Return the turns of two processes."""
    return [IdentifyTurns(await machine.start(ProcessRole.GATEWAY)) for _ in range(2)]


async def test_one_process_at_a_time_starts_a_session_with_a_key(turns):
    one, other = turns
    assert await one.take(0) == 0
    assert await other.take(0) == ASK_AGAIN_S
    assert await other.take(1) == 0  # a different key


async def test_no_session_starts_until_the_pause_after_the_last_one_is_over(turns, machine):
    one, other = turns
    await one.take(0)
    await one.end(0, LONGEST_TURN_S)
    for process in turns:
        assert LONGEST_TURN_S / 2 < await process.take(0) <= LONGEST_TURN_S
    await machine.sql("UPDATE identify_turn SET until_ms = 0")
    assert await other.take(0) == 0


async def test_turn_of_a_process_that_was_ended_is_free(turns, machine):
    one, other = turns
    await one.take(0)
    await machine.sql("DELETE FROM process WHERE token = $1", machine.processes[0].token)
    assert await other.take(0) == 0
    with pytest.raises(Fenced):
        await one.take(0)
    await one.end(0, 0)  # the first process does not notice
    assert await other.take(1) == 0
    assert (await machine.sql("SELECT holder FROM identify_turn WHERE key = 0")) == [(machine.processes[1].token,)]


async def test_sessions_start_even_if_the_servers_clock_was_set_back(turns, machine):
    await turns[0].take(0)
    await turns[0].end(0, 1)
    await machine.sql("UPDATE identify_turn SET until_ms = until_ms + 86400000")
    assert await turns[1].take(0) == 0
