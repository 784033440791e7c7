"""However many runs are due, answers to people get turns of the event loop in between."""

import asyncio
import contextlib
from collections import Counter

import pytest

from bot import pending_answers
from bot.jobs.engine import build, poll
from bot.jobs.engine.poll import Poller
from bot.jobs.engine.reading_order import SLICE
from bot.jobs.engine.watched_run import WatchedRun
from tests.idle_loop import settle
from tests.patience import PATIENCE_S
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
    """Return a poller that has not been started, with many runs that are due."""
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


async def test_reads_begin_when_no_answer_is_pending(poller, monkeypatch):
    monkeypatch.setattr(pending_answers, "COUNTS_S", PATIENCE_S)
    monkeypatch.setattr(poll, "READ_WAITS_S", PATIENCE_S)
    monkeypatch.setattr(poller, "_read", lambda _: asyncio.Event().wait())
    pending = poller._pending_answers
    number = pending.begin()
    begun = asyncio.create_task(poller._begin_due())
    await settle()
    assert not poller._reading
    pending.sent(number)
    await begun
    assert poller._reading


async def test_runs_are_ranked_when_no_answer_is_pending(poller, monkeypatch):
    monkeypatch.setattr(pending_answers, "COUNTS_S", PATIENCE_S)
    monkeypatch.setattr(poll, "RANKING_WAITS_S", PATIENCE_S)
    pending = poller._pending_answers
    number = pending.begin()
    lags = asyncio.create_task(poller.expected_lags())
    await settle()
    assert not lags.done()
    pending.sent(number)
    assert len(await lags) == RUNS


async def test_steps_of_jobs_begin_when_no_answer_is_pending(tmp_path, monkeypatch):
    monkeypatch.setattr(pending_answers, "COUNTS_S", PATIENCE_S)
    monkeypatch.setattr(build, "STEP_WAITS_S", PATIENCE_S)
    world = await World.open(tmp_path)
    await world.start()
    number = world.jobs._context.pending_answers.begin()
    job = await world.order()
    await settle()
    assert not world.provider.runs
    world.jobs._context.pending_answers.sent(number)
    assert await world.running(job)
    await world.close()


async def test_lags_of_all_runs_are_computed_in_slices(poller, monkeypatch):
    turns = Turns()
    monkeypatch.setattr(poller, "_rank", lambda _: turns.count() or 0.0)
    async with turns.passing():
        assert len(await poller.expected_lags()) == RUNS
    assert turns.counted.total() == RUNS
    assert max(turns.counted.values()) <= SLICE
