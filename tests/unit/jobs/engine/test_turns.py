"""However many runs are due, answers to people get turns of the event loop in between."""

import asyncio
import contextlib
from collections import Counter

import pytest

from bot.jobs.engine.poll import Poller
from bot.jobs.engine.reading_order import SLICE
from bot.jobs.engine.watched_run import WatchedRun
from tests.unit.jobs.fakes import FreeBudget
from tests.unit.jobs.world import World

RUNS = 3 * SLICE


class Turns:
    """Counts the calls in each turn of the event loop."""

    def __init__(self):
        self.number = 0
        self.counted = Counter()

    def count(self):
        self.counted[self.number] += 1

    @contextlib.asynccontextmanager
    async def passing(self):
        async def go_on():
            while True:
                self.number += 1
                await asyncio.sleep(0)

        task = asyncio.create_task(go_on())
        yield
        task.cancel()


@pytest.fixture
async def poller(tmp_path):
    """Return a poller with many runs that are due, not started."""
    world = await World.open(tmp_path)
    world.provider.reads = FreeBudget()
    poller = Poller(world.jobs._context, None)  # pyright: ignore[reportArgumentType] - nothing ends here
    size = await poller._learned.read(("black-forest-labs/flux-schnell", None))
    for number in range(RUNS):
        run = WatchedRun(f"job{number}", 1, f"p{number}", 0, size, None)
        poller._watched[run.provider_id] = run
        poller._order.add_due(run)
    yield poller
    await poller.drain()
    await world.close()


async def test_reads_that_are_due_begin_one_by_one(poller, monkeypatch):
    turns = Turns()

    async def read(_):
        turns.count()
        await asyncio.Event().wait()

    monkeypatch.setattr(poller, "_read", read)
    async with turns.passing():
        await poller._begin_due()
        await asyncio.sleep(0)
    assert turns.counted.total() > SLICE
    assert max(turns.counted.values()) <= 2


async def test_lags_of_all_runs_are_computed_in_slices(poller, monkeypatch):
    turns = Turns()
    monkeypatch.setattr(poller, "_rank", lambda _: turns.count() or 0.0)
    async with turns.passing():
        assert len(await poller.expected_lags()) == RUNS
    assert turns.counted.total() == RUNS
    assert max(turns.counted.values()) <= SLICE
