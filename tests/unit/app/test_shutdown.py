import asyncio

import pytest

from bot.app.shutdown import BoundedShutdown
from tests.patience import PATIENCE_S

SHORT_S = 0.01


@pytest.fixture
def stopped():
    return []


def part(name, stopped):
    async def stop():
        stopped.append(name)

    return stop


async def for_ever():
    await asyncio.Event().wait()


async def test_parts_are_stopped_in_reverse_order(stopped):
    async with BoundedShutdown() as exits:
        exits.push_async_callback(part("first", stopped))
        exits.push_stop(part("second", stopped), "second")
    assert stopped == ["second", "first"]


async def test_part_that_never_stops_is_left_behind_and_mentioned_in_the_log(stopped, caplog):
    async with asyncio.timeout(PATIENCE_S), BoundedShutdown(part_s=SHORT_S) as exits:
        exits.push_async_callback(part("first", stopped))
        exits.push_stop(for_ever, "the deaf part")
    assert stopped == ["first"]
    assert "the deaf part takes longer than" in caplog.text


async def test_part_that_ignores_its_cancellation_is_left_behind(stopped):
    end = asyncio.Event()

    async def stubborn():
        while not end.is_set():
            try:
                await end.wait()
            except asyncio.CancelledError:
                stopped.append("cancelled")

    async with asyncio.timeout(PATIENCE_S), BoundedShutdown(part_s=SHORT_S) as exits:
        exits.push_async_callback(part("first", stopped))
        exits.push_async_callback(stubborn)
    assert stopped == ["cancelled", "first"]
    end.set()


async def test_all_parts_share_the_time(stopped):
    async with asyncio.timeout(PATIENCE_S), BoundedShutdown(all_s=SHORT_S, part_s=PATIENCE_S) as exits:
        exits.push_async_callback(part("first", stopped))
        for _ in range(3):
            exits.push_async_callback(for_ever)
    assert stopped == ["first"]


async def test_parts_that_were_moved_to_another_shutdown_share_the_time(stopped):
    async with BoundedShutdown(all_s=SHORT_S, part_s=PATIENCE_S) as exits:
        exits.push_async_callback(part("first", stopped))
        exits.push_async_callback(for_ever)
        kept = exits.pop_all()
    assert stopped == []
    async with asyncio.timeout(PATIENCE_S):
        await kept.aclose()
    assert stopped == ["first"]


async def test_time_can_begin_before_the_first_part_stops(stopped, caplog):
    now_s = [0.0]
    async with BoundedShutdown(all_s=PATIENCE_S, part_s=PATIENCE_S, now_s=lambda: now_s[0]) as exits:
        exits.push_async_callback(part("first", stopped))
        exits.push_stop(for_ever, "the deaf part", least_s=SHORT_S)
        kept = exits.pop_all()
    kept.begin()
    now_s[0] = PATIENCE_S
    async with asyncio.timeout(PATIENCE_S):
        await kept.aclose()
    assert stopped == ["first"]
    assert "the deaf part takes longer than 0.0 s" in caplog.text


async def test_error_of_a_part_is_raised_when_all_have_stopped(stopped):
    async def fail():
        raise ConnectionError

    exits = BoundedShutdown()
    exits.push_async_callback(part("first", stopped))
    exits.push_async_callback(fail)
    with pytest.raises(ConnectionError):
        await exits.aclose()
    assert stopped == ["first"]
