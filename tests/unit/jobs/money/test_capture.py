"""Only stored results are charged, and only once."""

import pytest

from bot.errors import ResultUnusable
from bot.jobs.checkpoints import Checkpoint
from bot.jobs.money import transitions
from bot.jobs.records import State
from bot.jobs.store.loss_rows import LossReason
from tests.unit.jobs.engine.test_cancel import losses
from tests.unit.jobs.world import START_MCR, UNTOUCHED, StopAt, World, imagine

pytestmark = pytest.mark.usefixtures("each_driver")

PRICE_MCR = 150_000
HELD = (START_MCR - PRICE_MCR, PRICE_MCR, 0)
PAID = (START_MCR - PRICE_MCR, 0, PRICE_MCR)


@pytest.fixture
async def collected(tmp_path):
    """Return a world, and a job whose two pictures are stored but not charged yet."""
    world, watch = await World.open(tmp_path), StopAt(Checkpoint.COLLECTED)
    world.provider.auto = True
    world.build(watch)
    await world.start()
    job = await world.order(imagine(count=2))
    await world.until(watch.hit.is_set, step_s=0.25)
    yield world, job
    await world.close()


def capture(world, job, *, delivered=2):
    now_ms = world.clock.now_ms()
    return world.database.run(lambda: transitions.capture(job, PRICE_MCR, delivered, now_ms))


@pytest.mark.parametrize("delivered", [0, 1, 3])
async def test_charge_for_results_that_are_not_stored_is_rejected(collected, delivered):
    world, job = collected
    with pytest.raises(RuntimeError, match="2 results are stored"):
        await capture(world, job, delivered=delivered)
    assert await world.balance() == HELD
    assert await world.state(job) is State.COLLECTING


async def test_charge_is_captured_once(collected):
    world, job = collected
    assert await capture(world, job) is True
    assert await capture(world, job) is False
    assert await world.balance() == PAID
    assert await world.state(job) is State.DELIVERING


async def test_job_that_was_given_up_is_not_charged_afterwards(collected):
    world, job = collected
    await world.database.run(lambda: transitions.give_up(job, "E-TEST", world.clock.now_ms()))
    assert await capture(world, job) is False
    assert await world.balance() == UNTOUCHED


async def test_paid_results_are_not_declared_unusable(collected):
    world, job = collected
    await capture(world, job)
    failure = ResultUnusable(detail="too late").failure
    assert not await world.database.run(lambda: transitions.unusable(job, failure, world.clock.now_ms()))
    assert await world.balance() == PAID
    assert await losses(world) == []


async def test_unusable_results_release_the_hold_and_are_the_operators_loss(collected):
    world, job = collected
    failure = ResultUnusable(detail="it is broken").failure
    assert await world.database.run(lambda: transitions.unusable(job, failure, world.clock.now_ms()))
    assert await world.balance() == UNTOUCHED
    assert await losses(world) == [(job, 1, LossReason.WITHHELD, PRICE_MCR)]
