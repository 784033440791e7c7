import pytest

from bot.jobs.records import State
from bot.jobs.store import settlement_rows
from bot.ledger.transfers import refund
from tests.unit.jobs.counted import assert_all_is_counted_once, counters_of
from tests.unit.jobs.world import CATALOGUE, GUILD, MEMBER, ONE_PICTURE, SCHNELL, World, imagine


@pytest.fixture
async def world(tmp_path):
    world = await World.open(tmp_path)
    await world.start()
    yield world
    await world.close()


async def successful(world, **order):
    job = await world.order(imagine(**order))
    for run in await world.running(job):
        world.provider.succeed(run)
    await world.finish(job)
    return job


async def failed(world):
    job = await world.order()
    (run,) = await world.running(job)
    world.provider.fail(run)
    await world.finish(job)


async def test_orders_and_outcomes_are_counted_by_model_with_their_credits(world):
    await successful(world)
    await failed(world)
    await successful(world, model=ONE_PICTURE, count=2)
    waiting = await world.order()
    await world.counters.read()
    counted = world.counters
    assert (counted.orders[SCHNELL], counted.orders[ONE_PICTURE]) == (3, 1)
    assert counted.ended[SCHNELL, "succeeded"] == counted.ended[SCHNELL, "failed"] == 1
    assert counted.ended[ONE_PICTURE, "succeeded"] == 1
    assert counted.failures["model-failed"] == 1
    assert counted.lost()["failed"] == counted.credits("released") == 75
    _, held_mcr, spent_mcr = await world.balance()
    assert counted.credits("captured") == spent_mcr / 1_000
    assert counted.credits("held") == (spent_mcr + held_mcr) / 1_000 + counted.credits("released")
    assert await world.state(waiting) in {State.WAITING, State.RUNNING}


@pytest.mark.parametrize("page", [1, 2, 3])
async def test_events_are_counted_once_however_often_they_are_read_and_in_however_small_pages(world, monkeypatch, page):
    monkeypatch.setattr(settlement_rows, "PAGE", page)
    await world.counters.read()
    await successful(world)
    await world.counters.read()
    await world.counters.read()
    await failed(world)
    await assert_all_is_counted_once(world.counters, world.database)


async def test_events_before_startup_are_not_counted(world):
    await successful(world)
    new = counters_of(world.database, CATALOGUE)
    await new.begin()
    await failed(world)
    await new.read()
    assert (new.orders[SCHNELL], new.ended[SCHNELL, "succeeded"], new.ended[SCHNELL, "failed"]) == (1, 0, 1)


async def test_refund_is_counted(world):
    job = await successful(world)
    captured = (await world.jobs.get(job)).job.captured_mcr

    def give_back():
        return refund(
            GUILD, MEMBER, key=f"ref:{job}:x", captured_mcr=captured, job=job, actor=1, reason="sorry", at_ms=1
        )

    await world.database.run(give_back)
    await world.counters.read()
    assert world.counters.credits("refunded") == captured / 1_000


async def test_model_that_is_no_longer_in_the_catalogue_is_counted_as_other(world):
    await successful(world)
    other = counters_of(world.database, CATALOGUE)
    del other.orders[SCHNELL]
    await other.read()
    assert (other.orders["other"], other.ended["other", "succeeded"]) == (1, 1)


async def test_every_label_has_a_value_before_the_first_event(world):
    """Prometheus does not see a rise in a counter that appears with its first event."""
    counted = counters_of(world.database, CATALOGUE)
    assert len(counted.orders) == len(CATALOGUE.models()) + 1
    assert {outcome for _, outcome in counted.ended} == {"succeeded", "failed", "cancelled", "expired", "orphaned"}
    assert set(counted.lost().values()) == {0.0}
