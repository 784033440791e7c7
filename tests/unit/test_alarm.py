"""Tests of waiting for a wake-up or a time, again and again."""

import asyncio

import pytest

from bot.clock import Alarm
from tests.idle_loop import settle
from tests.manual_clock import ManualClock


class Sleeper:
    """A task that waits until the same time over and over, and counts how often it was woken."""

    def __init__(self, until_s):
        self.clock, self.wakeup = ManualClock(), asyncio.Event()
        self.alarm, self.until_s = Alarm(self.wakeup, self.clock), until_s
        self.woken = 0

    async def run(self):
        try:
            while self.clock.monotonic_s() < self.until_s:
                await self.alarm.wait(self.until_s)
                self.woken += 1
        finally:
            await self.alarm.stop()


@pytest.fixture
async def sleeper():
    sleeper = Sleeper(10)
    task = asyncio.create_task(sleeper.run())
    await settle()
    yield sleeper
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert sleeper.clock.sleepers == 0


async def test_alarm_wakes_at_its_time(sleeper):
    await sleeper.clock.advance(9.9)
    assert sleeper.woken == 0
    await sleeper.clock.advance(0.1)
    assert sleeper.woken == 1


async def test_waits_until_the_same_time_share_a_timer(sleeper):
    timer = sleeper.alarm._timer
    for number in range(1, 4):
        sleeper.wakeup.set()
        await settle()
        assert sleeper.woken == number
    assert sleeper.alarm._timer is timer
    assert sleeper.clock.sleepers == 1
    await sleeper.clock.advance(10)
    assert sleeper.woken == 4


async def test_another_time_has_another_timer(sleeper):
    sleeper.until_s = 5
    sleeper.wakeup.set()
    await settle()
    assert sleeper.clock.sleepers == 1
    await sleeper.clock.advance(5)
    assert sleeper.woken == 2


async def test_wakeup_that_is_already_set_wakes_at_once(sleeper):
    sleeper.wakeup.set()
    sleeper.wakeup.set()
    await settle()
    assert sleeper.woken == 1
    assert not sleeper.wakeup.is_set()
