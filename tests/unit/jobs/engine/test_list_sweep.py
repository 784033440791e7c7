from itertools import pairwise

import pytest

from bot.errors import ProviderDown
from bot.jobs.engine.list_sweep import AFTER_ERROR_S, WITHOUT_LIST_S, best_pages
from bot.jobs.records import State
from bot.provider.budget import RateBudget
from tests.unit.jobs.world import World, imagine, limited

MANY = 40


def test_page_with_most_lag_comes_first_and_pages_do_not_overlap():
    lags = [(1_000, 1.0), (1_100, 1.0), (5_000, 9.0), (5_050, 0.5), (9_000, 2.0)]
    assert best_pages(lags, 500, 3, 0.0)[0] == 5_050
    assert sorted(best_pages(lags, 500, 3, 0.0)) == [1_100, 5_050, 9_000]


def test_page_is_chosen_by_all_the_runs_on_it():
    lags = [(begun_ms, 1.0) for begun_ms in (100, 200, 300)] + [(9_000, 2.5)]
    assert best_pages(lags, 1_000, 1, 0.0) == [300]


def test_pages_worth_less_than_a_read_are_left_out():
    assert best_pages([(1_000, 1.0), (9_000, 3.0)], 500, 4, 2.0) == [9_000]
    assert best_pages([], 500, 4, 0.0) == []


@pytest.fixture
async def busy(tmp_path):
    """Return a world with many runs, whose provider allows one read per second."""
    world = await World.open(tmp_path, limits=limited(running_per_guild=100, running_per_member=100))
    world.provider.reads = RateBudget(world.clock, rate=1.0, ceiling=1.0)
    await world.start()
    yield world
    await world.close()


async def begin(world):
    jobs = []
    for _ in range(MANY):
        jobs.append(await world.order(imagine()))
        await world.clock.advance(0.2)
    for job in jobs:
        await world.running(job)
    await world.clock.advance(20)
    return jobs


async def noticed_after_s(world, jobs):
    """Let the runs of these jobs end, and return how long it takes until all of them are noticed."""
    for job in jobs:
        for run in await world.running(job):
            world.provider.succeed(run)
    began_s = world.clock.monotonic_s()
    for job in jobs:
        await world.reach(job, State.COLLECTING, State.DELIVERING, State.DONE)
    return world.clock.monotonic_s() - began_s


async def test_list_shows_ends_while_too_many_runs_wait_for_a_read(busy):
    busy.provider.lists = True
    jobs = await begin(busy)
    assert await noticed_after_s(busy, jobs[10:12]) <= 5


async def test_provider_without_a_list_is_asked_once(busy):
    await begin(busy)
    await busy.clock.advance(120)
    assert len(busy.provider.pages_read) == 1


async def test_list_is_not_read_while_every_run_can_be_read_in_time(tmp_path):
    world = await World.open(tmp_path)
    world.provider.lists = True
    await world.start()
    job = await world.order(imagine())
    await world.running(job)
    await world.clock.advance(30)
    assert world.provider.pages_read == []
    await world.close()


async def test_list_that_fails_is_tried_again_later(busy):
    busy.provider.lists = True
    pages = []

    async def down(before_ms):
        pages.append(busy.clock.monotonic_s())
        raise ProviderDown(detail="down")

    busy.provider.page = down
    await begin(busy)
    await busy.clock.advance(60)
    assert len(pages) >= 3
    assert all(after - before >= AFTER_ERROR_S for before, after in pairwise(pages))


def test_absent_list_is_rarely_requested():
    assert WITHOUT_LIST_S >= 3_600
