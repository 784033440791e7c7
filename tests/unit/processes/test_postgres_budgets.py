"""Tests of call budgets that several processes share, on a real server whose clock tests cannot move."""

import asyncio

import pytest

from bot.clock import ServerClock, SystemClock
from bot.errors import StorageError
from bot.processes import budget_rows
from bot.processes.shared_budget import PORTION_S, SharedBudget
from bot.processes.this_process import SingleProcess
from bot.provider.budget import RateBudget
from bot.provider.client import ProviderClient
from bot.provider.session import open_session
from tests.manual_clock import ManualClock
from tests.patience import PATIENCE_S
from tests.present import present

HOUR_US = 3_600 * 1_000_000
PER_S = 100.0
EACH_US = HOUR_US // 100
"""A rate of a hundred calls in an hour: too slow for a call to be added while a test runs."""


async def take(process, most, *, saved_us=HOUR_US):
    return await process.run(lambda: budget_rows.take("calls", most, each_us=EACH_US, saved_us=saved_us))


async def pass_time(machine, microseconds):
    await machine.sql("UPDATE budget SET free_us = free_us - $1", microseconds)


async def test_processes_together_get_no_more_than_the_budget_has(machine):
    workers = [await machine.worker() for _ in range(4)]
    taken = await asyncio.gather(*(take(worker, 9) for worker in workers * 8))
    assert sum(taken) == HOUR_US // EACH_US
    assert max(taken) == 9
    assert await take(workers[0], 1) == 0


async def test_calls_are_added_over_time_and_saved_up_only_for_a_while(machine):
    worker = await machine.worker()
    assert await take(worker, 1_000, saved_us=5 * EACH_US) == 5
    await pass_time(machine, 2 * EACH_US)
    assert await take(worker, 1_000, saved_us=5 * EACH_US) == 2
    await pass_time(machine, 1_000 * EACH_US)
    assert await take(worker, 3, saved_us=5 * EACH_US) == 3
    assert await take(worker, 1_000, saved_us=5 * EACH_US) == 2


async def test_calls_continue_soon_after_the_servers_clock_is_set_back(machine):
    worker = await machine.worker()
    await take(worker, 1)
    await pass_time(machine, -100 * HOUR_US)
    assert await take(worker, 1) == 0
    await pass_time(machine, EACH_US)
    assert await take(worker, 9) == 1


async def fetched(shared):
    async with asyncio.timeout(PATIENCE_S):
        await shared._fetching


async def test_next_portion_is_fetched_before_the_last_one_is_used_up(machine):
    shared = SharedBudget("calls", await machine.worker())
    shared.use(0, PER_S)
    await fetched(shared)
    portion = round(PER_S * PORTION_S)
    assert shared.left == portion
    shared.use(portion // 2 - 1, PER_S)
    assert present(shared._fetching).done()
    shared.use(1, PER_S)
    await fetched(shared)
    assert portion < shared.left <= 1.5 * portion + 1


async def test_process_may_use_what_all_processes_have_left(machine):
    clock = ManualClock()
    shared = SharedBudget("calls", await machine.worker())
    budget = RateBudget(clock, rate=PER_S, ceiling=PER_S)
    budget.draw_from(shared)
    assert not budget.try_take()
    await fetched(shared)
    assert budget.available == round(PER_S * PORTION_S)
    assert budget.try_take()
    assert budget.taken == 1


async def test_slow_budget_gets_whole_calls(machine):
    shared = SharedBudget("calls", await machine.worker())
    shared.use(0, 0.1)  # far less than one call in the time for which calls are usually saved up
    await fetched(shared)
    assert shared.left == 1


async def test_no_calls_are_allowed_while_the_database_fails(machine, monkeypatch):
    worker = await machine.worker()
    shared = SharedBudget("calls", worker)

    async def fail(_):
        raise StorageError(problem="the server is away", fix="Start it")

    monkeypatch.setattr(worker, "run", fail)
    shared.use(0, PER_S)
    await fetched(shared)
    assert shared.left == 0
    monkeypatch.undo()
    shared.use(0, PER_S)
    await fetched(shared)
    assert shared.left > 0


async def test_worker_shares_its_budgets_and_a_single_process_does_not(machine, session):
    clients = [client(session) for _ in range(2)]
    clients[0].share_budgets(SingleProcess())
    clients[1].share_budgets(await machine.worker())
    assert [[one.creates.try_take(), one.reads.try_take()] for one in clients] == [[True, True], [False, False]]
    async with asyncio.timeout(PATIENCE_S):
        await clients[1].creates.take()
    names = await machine.sql("SELECT name FROM budget ORDER BY name")
    assert ("provider creates",) in names


@pytest.fixture
async def session():
    async with open_session() as session:
        yield session


def client(session):
    clock = SystemClock()
    return ProviderClient(
        session, base_url="http://127.0.0.1:1", key="a key", clock=clock, server_clock=ServerClock(clock)
    )
