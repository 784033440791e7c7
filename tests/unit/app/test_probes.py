"""The doctor's checks of the provider and of the bot's parts end in time, no matter how those behave."""

import asyncio

import pytest

from bot.app.probes import FRESH_S, ProviderState, works
from bot.provider.probe import KeyProbe, KeyState
from tests.manual_clock import ManualClock


class Provider:
    """A provider that counts the requests. It does not answer while `silent`."""

    def __init__(self, state=KeyState.OK, *, silent=False):
        self.state = state
        self.silent = silent
        self.asked = 0

    async def probe(self):
        self.asked += 1
        if self.silent:
            await asyncio.Event().wait()
        return KeyProbe(self.state, "r8_secret", 1, 0)


@pytest.fixture
def clock():
    return ManualClock()


async def test_provider_is_asked_once_a_minute_for_any_number_of_doctors(clock):
    provider = Provider(KeyState.REFUSED)
    known = ProviderState(provider.probe, clock)
    assert set(await asyncio.gather(*(known.get() for _ in range(20)))) == {KeyState.REFUSED}
    provider.state = KeyState.OK
    await clock.advance(FRESH_S)
    assert await known.get() is KeyState.REFUSED
    await clock.advance(1)
    assert await known.get() is KeyState.OK
    assert provider.asked == 2


async def test_slow_provider_counts_as_unreachable_for_queued_callers_as_well(clock):
    provider = Provider(silent=True)
    known = ProviderState(provider.probe, clock, patience_s=0)
    assert set(await asyncio.gather(*(known.get() for _ in range(20)))) == {KeyState.UNREACHABLE}
    assert provider.asked == 1


async def test_part_without_a_timely_answer_counts_as_broken():
    async def says(problem):
        return problem

    async def silent():
        await asyncio.Event().wait()

    assert await works(lambda: says(None))
    assert not await works(lambda: says("full"))
    assert not await works(silent, patience_s=0)
