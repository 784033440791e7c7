import asyncio

from bot.jobs.engine.reading_order import SLICE, TICK_PER_ITEM_S, TICK_S, ReadingOrder


async def take(order, most, now_s=0.0, per_s=100.0):
    return await order.take(most, now_s, per_s=per_s)


async def test_items_are_read_when_they_are_due():
    order = ReadingOrder[int](lambda item: item)
    for at_s in (3, 1, 2):
        order.add(at_s, at_s)
    assert order.wait_s(0.5) == 0.5
    assert await take(order, 10, now_s=0.5) == []
    assert await take(order, 10, now_s=2) == [1, 2]
    assert await take(order, 10, now_s=9) == [3]
    assert order.wait_s(9) is None


async def test_highest_ranks_come_first_if_too_many_are_due():
    order = ReadingOrder[int](lambda item: item % 10)
    for item in range(20):
        order.add(item, 0)
    assert sorted(await take(order, 4)) == [8, 9, 18, 19]
    assert order.wait_s(0) == TICK_S


async def test_every_item_is_eventually_read_exactly_once():
    order = ReadingOrder[int](lambda item: item)
    for item in range(100):
        order.add_due(item)
    taken, now_s = [], 0.0
    while order.wait_s(now_s) is not None:
        taken += await take(order, 7, now_s=now_s, per_s=20)
        now_s += TICK_S
    assert sorted(taken) == list(range(100))
    assert taken[0] == 99


async def test_ranks_are_not_determined_again_for_each_read():
    asked = []
    order = ReadingOrder[int](lambda item: asked.append(item) or float(item))
    for item in range(10_000):
        order.add_due(item)
    for number in range(20):
        await take(order, 1, now_s=number / 100, per_s=40)
    assert len(asked) == 10_000
    await take(order, 1, now_s=10_000 * TICK_PER_ITEM_S)
    assert len(asked) < 20_001


async def test_ranking_many_items_lets_other_tasks_run():
    order = ReadingOrder[int](lambda item: item)
    for item in range(5 * SLICE):
        order.add_due(item)
    turns = 0

    async def other():
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    task = asyncio.create_task(other())
    assert await take(order, 1) == [5 * SLICE - 1]
    task.cancel()
    assert turns >= 5


async def test_item_that_becomes_due_while_others_are_ranked_is_not_lost():
    order = ReadingOrder[int](lambda item: item)
    for item in range(2 * SLICE):
        order.add_due(item)
    taking = asyncio.create_task(take(order, 1))
    await asyncio.sleep(0)
    order.add_due(-1)
    await taking
    assert -1 in await take(order, 2 * SLICE)


async def test_nothing_is_taken_without_a_budget():
    order = ReadingOrder[int](lambda item: item)
    order.add_due(1)
    assert await take(order, 0) == []
    assert await take(order, -3) == []
    assert await take(order, 1) == [1]
