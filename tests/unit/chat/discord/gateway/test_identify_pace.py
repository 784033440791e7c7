import asyncio

import pytest

from bot.chat.discord.gateway.gateway_offer import GatewayOffer
from bot.chat.discord.gateway.identify_pace import LONGEST_PAUSE_S, WINDOW_S, IdentifyPace, OwnTurns
from tests.manual_clock import ManualClock

DAY_S = 86_400.0


class Discord:
    """The limits that Discord states, and how often they were requested."""

    def __init__(self):
        self.left = 1_000
        self.keys = 1
        self.asked = 0

    @property
    def offer(self):
        return GatewayOffer(shards=4, starts_left=self.left, renewed_s=DAY_S, max_concurrency=self.keys)

    async def ask(self):
        self.asked += 1
        return self.offer


@pytest.fixture
def discord():
    return Discord()


@pytest.fixture
def clock():
    return ManualClock()


@pytest.fixture
def identified(discord, clock):
    """Let shards identify at once; return a list to which each adds its number and the second of its IDENTIFY."""
    pace, at = IdentifyPace(discord.ask, clock), []
    began_s = clock.monotonic_s()

    async def identify(shard, connects_s):
        async with pace.turn(shard):
            await clock.sleep(connects_s)
            at.append((shard, clock.monotonic_s() - began_s))

    def start(*shards, connects_s=0.0):
        pace.offered(discord.offer)
        return [asyncio.create_task(identify(shard, connects_s)) for shard in shards], at, pace

    return start


async def test_first_shard_need_not_wait(identified, clock):
    tasks, at, _ = identified(0)
    await clock.advance(0)
    assert at == [(0, 0.0)]
    await asyncio.gather(*tasks)


async def test_shards_identify_one_after_the_other_however_long_connecting_takes(identified, clock):
    tasks, at, _ = identified(0, 1, 2, connects_s=2.0)
    await clock.advance(60)
    assert at == [(0, 2.0), (1, 2.0 + WINDOW_S + 2.0), (2, 2.0 + 2 * (WINDOW_S + 2.0))]
    await asyncio.gather(*tasks)


async def test_shards_with_different_keys_identify_together(identified, clock, discord):
    discord.keys = 2
    tasks, at, _ = identified(0, 1, 2, 3)
    await clock.advance(60)
    assert at == [(0, 0.0), (1, 0.0), (2, WINDOW_S), (3, WINDOW_S)]
    await asyncio.gather(*tasks)


async def test_last_session_start_stays_unused_until_there_are_more(identified, clock, discord):
    discord.left = 2
    tasks, at, pace = identified(0, 1)
    discord.left = 1
    await clock.advance(WINDOW_S)
    assert at == [(0, 0.0)]
    assert pace.waits_s == pytest.approx(DAY_S, abs=WINDOW_S)
    await clock.advance(LONGEST_PAUSE_S)
    assert (at, discord.asked) == ([(0, 0.0)], 2)
    discord.left = 1_000
    await clock.advance(LONGEST_PAUSE_S)
    assert [shard for shard, _ in at] == [0, 1]
    assert pace.waits_s is None
    await asyncio.gather(*tasks)


async def test_limits_are_requested_again_when_other_processes_may_have_used_them_up(discord, clock):
    """The other processes start at most one session in each window, so six starts may be used up after five windows."""
    discord.left = 7
    pace = IdentifyPace(discord.ask, clock, OwnTurns(clock))
    pace.offered(discord.offer)
    for windows, asked in ((0, 0), (3, 0), (2, 1), (1, 1)):
        await clock.advance(windows * WINDOW_S)
        async with pace.turn(0):
            assert discord.asked == asked


async def test_as_many_session_starts_stay_unused_as_other_processes_may_be_using(discord, clock):
    discord.keys, discord.left = 16, 17
    pace = IdentifyPace(discord.ask, clock, OwnTurns(clock))
    pace.offered(discord.offer)
    identified = asyncio.create_task(pace.turn(0).__aenter__())
    await clock.advance(WINDOW_S)
    assert not identified.done()
    discord.left = 18
    await clock.advance(LONGEST_PAUSE_S)
    assert identified.done()
    await identified
