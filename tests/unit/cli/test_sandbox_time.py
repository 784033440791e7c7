import asyncio

from bot.cli.sandbox_time import SandboxTime
from bot.clock import SteadyClock
from sandbox.clock import StillClock

WEEK_S = 7 * 24 * 3_600


async def test_bot_goes_by_the_clock_that_the_sandbox_moves():
    moved = StillClock()
    machine = SandboxTime(moved)
    clock = SteadyClock(machine, elapsed_s=machine.elapsed_s)
    waiting = asyncio.create_task(clock.sleep(WEEK_S))
    await asyncio.sleep(0)
    moved.advance(WEEK_S)
    await waiting
    assert clock.now_ms() == moved.now_ms()
