import asyncio

from bot.cli.sandbox_time import SandboxTime
from bot.clock import SteadyClock
from sandbox.clock import SandboxClock

WEEK_S = 7 * 24 * 3_600


async def test_bot_goes_by_the_clock_that_the_sandbox_moves():
    moved = SandboxClock()
    machine = SandboxTime(moved)
    clock = SteadyClock(machine, elapsed_s=machine.elapsed_s)
    waiting = asyncio.create_task(clock.sleep(WEEK_S))
    await asyncio.sleep(0)
    moved.advance(WEEK_S)
    await waiting
    before_ms = moved.now_ms()
    assert before_ms - 1 <= clock.now_ms() <= moved.now_ms() + 1  # both count whole milliseconds
