"""Tests of the load of one job on the database, from its order until its result is shown, and of the idle load."""

from collections import Counter

import pytest

from bot.jobs.engine.card_updates import COLLECTED_S
from bot.jobs.records import State
from bot.media.decode_starts import DecodeStarts
from bot.media.media_tools import MediaTools
from bot.storage.background import is_in_background
from tests.idle_loop import WatchedDatabase
from tests.unit.jobs.fakes import CountedBudget
from tests.unit.jobs.world import World, limited
from tests.unit.media.direct_runner import DirectRunner


class CountedCalls(WatchedDatabase):
    """A database that counts reads and transactions. Each costs one thread switch, and each transaction one commit."""

    def __init__(self, real):
        super().__init__(real)
        self.calls = Counter()

    async def read(self, operation):
        self.calls["reads"] += is_in_background()  # not the reads that the test itself makes while it waits
        return await self._real.read(operation)

    async def run(self, operation):
        self.calls["transactions"] += 1
        return await self._real.run(operation)


@pytest.fixture
async def calls(tmp_path):
    world = await World.open(tmp_path)
    world.database = counted = CountedCalls(world.database)
    world.media = MediaTools(DirectRunner(), DecodeStarts(counted))
    world.provider.auto = True
    world.build()
    await world.start()
    await world.finish(await world.order())  # the data that a server's first job needs is read once
    counted.calls.clear()
    assert (await world.finish(await world.order())).job.state is State.DONE
    await world.close()
    return counted.calls


async def test_job_needs_few_database_calls(calls):
    """The loops query for due jobs only if they do not already know of them."""
    assert 0 < calls["transactions"] <= 12
    assert 0 < calls["reads"] <= 6


async def test_engine_without_jobs_wakes_a_few_times_a_minute(tmp_path, monkeypatch):
    world = await World.open(tmp_path)
    await world.start()
    waits = []
    sleep = world.clock.sleep

    async def noted(seconds):
        waits.append(seconds)
        await sleep(seconds)

    monkeypatch.setattr(world.clock, "sleep", noted)
    await world.clock.advance(3_600)
    await world.close()
    assert 60 <= len(waits) <= 60 * 18  # each loop checks once a minute; "uptime" is written every half minute


async def test_job_without_a_free_slot_takes_no_call_from_the_providers_limit(tmp_path):
    world = await World.open(tmp_path, limits=limited(running_per_member=1))
    world.provider.creates = budget = CountedBudget()
    await world.start()
    first = await world.order()
    await world.running(first)
    second = await world.order()
    await world.clock.advance(1)
    assert (await world.jobs.get(second)).job.state is State.WAITING
    assert budget.taken == len(world.provider.runs) == 1
    world.provider.succeed("run1")
    await world.finish(first)
    await world.running(second)
    assert budget.taken == len(world.provider.runs) == 2
    await world.close()


async def test_job_that_ends_within_a_second_is_not_read_for_its_progress(tmp_path):
    world = await World.open(tmp_path)
    world.provider.auto = True
    await world.start()
    await world.finish(await world.order())
    await world.clock.advance(10)
    assert world.messenger.progressed == []
    await world.close()


async def test_job_that_continues_is_shown_after_a_second(tmp_path):
    world = await World.open(tmp_path)
    await world.start()
    job = await world.order()
    await world.running(job)
    await world.clock.advance(COLLECTED_S)
    assert [one.job.state for one in world.messenger.progressed] == [State.RUNNING]
    await world.close()
