"""Tests that the unit tests' loop detects when nothing is left to run, so that advancing the clock is not a race."""

import asyncio
import threading

import pytest

from bot.storage.operation import Statement
from tests.idle_loop import WatchedDatabase, settle
from tests.manual_clock import ManualClock
from tests.new_database import open_new

HOPS = 1_000


async def test_settling_waits_for_a_long_chain_of_callbacks():
    hops = []

    async def hop():
        for number in range(HOPS):
            await asyncio.sleep(0)
            hops.append(number)

    task = asyncio.create_task(hop())
    await settle()
    assert len(hops) == HOPS
    await task


async def test_settling_waits_for_thread_work_and_its_callbacks():
    steps = []
    release = threading.Event()

    async def work():
        await asyncio.to_thread(release.wait)
        steps.append("thread")
        await asyncio.sleep(0)
        steps.append("after")

    task = asyncio.create_task(work())
    # Released from a third thread, so that the loop itself has nothing to do in the meantime.
    timer = threading.Timer(0.01, release.set)
    timer.start()
    await settle()
    assert steps == ["thread", "after"]
    await task
    timer.join()


async def test_settling_waits_for_the_database(tmp_path):
    database = WatchedDatabase(await open_new(tmp_path / "easel.db"))
    seen = []

    def one():
        return (yield Statement("SELECT 1"))[0][0]

    async def ask():
        for _ in range(20):
            seen.append(await database.run(one))
            seen.append(await database.read(one))

    task = asyncio.create_task(ask())
    await settle()
    assert seen == [1] * 40
    await task
    await database.close()


async def test_settling_lets_a_task_read_data_from_a_socket():
    """Data sent by another task arrives before the loop counts as idle."""
    heard = []

    async def hear(reader, writer):
        heard.append(await reader.readexactly(4))
        writer.close()

    server = await asyncio.start_server(hear, "127.0.0.1", 0)
    _, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
    writer.write(b"word")
    await settle()
    assert heard == [b"word"]
    writer.close()
    await writer.wait_closed()
    server.close()
    await server.wait_closed()


async def test_several_callers_can_wait_for_idleness():
    order = []

    async def wait():
        await settle()
        order.append("idle")

    tasks = [asyncio.create_task(wait()) for _ in range(3)]
    order.append("begun")
    await asyncio.gather(*tasks)
    assert order == ["begun", "idle", "idle", "idle"]


async def test_cancelled_work_in_a_thread_no_longer_counts():
    release = threading.Event()
    task = asyncio.create_task(asyncio.to_thread(release.wait))
    await asyncio.sleep(0)
    task.cancel()
    await settle()
    assert task.cancelled()
    release.set()


async def test_clock_advances_only_after_woken_tasks_have_finished():
    clock, seen = ManualClock(), []

    async def walk():
        for _ in range(3):
            await clock.sleep(1)
            await asyncio.to_thread(sum, range(1_000))
            seen.append(clock.monotonic_s())

    task = asyncio.create_task(walk())
    await clock.advance(10)
    assert seen == [1, 2, 3]
    assert task.done()


async def test_clock_advances_by_whole_steps_until_a_task_wakes():
    clock, seen = ManualClock(), []

    async def walk(*seconds):
        for one in seconds:
            await clock.sleep(one)
            seen.append(clock.monotonic_s())

    forgotten = asyncio.create_task(walk(0.1))
    walking = asyncio.create_task(walk(7.1, 0.2, 0.5))
    await settle()
    forgotten.cancel()
    moments = []
    for _ in range(3):
        await clock.advance_by_steps(0.25)
        moments.append((clock.monotonic_s(), list(seen)))
    assert moments == [(7.25, [7.1]), (7.5, [7.1, 7.3]), (8.0, [7.1, 7.3, 7.8])]
    assert walking.done()
    await clock.advance_by_steps(0.25)
    assert clock.monotonic_s() == 8.25


def test_waiting_for_another_loop_is_refused():
    with pytest.raises(AssertionError, match="IdleLoop"):
        asyncio.run(settle())
