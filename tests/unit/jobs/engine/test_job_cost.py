"""Tests of what one job costs the database, from its order until its result is shown, and of what no job costs."""

from collections import Counter

import pytest

from bot.jobs.records import State
from bot.storage.background import is_in_background
from tests.idle_loop import WatchedDatabase
from tests.unit.jobs.world import World


class CountedCalls(WatchedDatabase):
    """A database that counts reads and transactions. Each is one change of threads, and each transaction one commit."""

    def __init__(self, real):
        super().__init__(real)
        self.calls = Counter()

    async def read(self, operation):
        self.calls["reads"] += is_in_background()  # not those by which the test waits
        return await self._real.read(operation)

    async def run(self, operation):
        self.calls["transactions"] += 1
        return await self._real.run(operation)


@pytest.fixture
async def calls(tmp_path):
    world = await World.open(tmp_path)
    world.database = counted = CountedCalls(world.database)
    world.provider.auto = True
    world.build()
    await world.start()
    await world.finish(await world.order())  # what a server's first job needs is read once
    counted.calls.clear()
    assert (await world.finish(await world.order())).job.state is State.DONE
    await world.close()
    return counted.calls


async def test_job_needs_few_calls_of_the_database(calls):
    """Its loops ask what is due only if nobody can know it."""
    assert 0 < calls["transactions"] <= 12
    assert 0 < calls["reads"] <= 11


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
    assert 60 <= len(waits) <= 60 * 18  # each loop looks once a minute; "uptime" is written every half minute
