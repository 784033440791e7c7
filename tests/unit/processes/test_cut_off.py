"""Tests of when a gateway process leaves its shards to others, and when it takes shards again."""

import pytest

from bot.processes.cut_off import ALONE_S, STEADY_S, CutOff
from tests.manual_clock import ManualClock

ALONE = {"connected": False, "others_connected": True, "has_heirs": True}
BACK = {"connected": True, "others_connected": True, "has_heirs": True}
NOBODY = {"connected": False, "others_connected": False, "has_heirs": True}


@pytest.fixture
def clock():
    return ManualClock()


@pytest.fixture
def cut_off(clock):
    return CutOff(clock)


async def test_time_counts_only_while_another_process_is_connected(cut_off, clock):
    assert not cut_off.look(**ALONE)
    await clock.advance(ALONE_S - 1)
    assert not cut_off.look(**NOBODY)
    await clock.advance(ALONE_S)
    assert not cut_off.look(**ALONE)
    await clock.advance(ALONE_S - 1)
    assert not cut_off.look(**ALONE)
    await clock.advance(1)
    assert cut_off.look(**ALONE)


async def test_connection_in_between_restarts_the_time(cut_off, clock):
    cut_off.look(**ALONE)
    await clock.advance(ALONE_S - 1)
    assert not cut_off.look(**BACK)
    assert not cut_off.look(**ALONE)
    await clock.advance(1)
    assert not cut_off.look(**ALONE)


async def test_process_stays_away_while_others_lose_their_connections_too(cut_off, clock):
    cut_off.look(**ALONE)
    await clock.advance(ALONE_S)
    assert cut_off.look(**ALONE)
    await clock.advance(10 * ALONE_S)
    assert cut_off.look(**NOBODY)
    assert not cut_off.look(**NOBODY | {"has_heirs": False})


async def test_process_takes_shards_again_after_a_steady_connection(cut_off, clock):
    cut_off.look(**ALONE)
    await clock.advance(ALONE_S)
    assert cut_off.look(**ALONE)
    for interruption in (ALONE, BACK):
        assert cut_off.look(**BACK)
        await clock.advance(STEADY_S - 1)
        assert cut_off.look(**interruption)
    await clock.advance(1)
    assert not cut_off.look(**BACK)
