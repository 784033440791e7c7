"""A step that keeps raising is retried after growing pauses, whichever loop takes it, instead of without a pause."""

from dataclasses import replace
from itertools import pairwise

import pytest

from bot.jobs.engine.build import STUCK_TRIES
from bot.jobs.engine.card_check import CardCheck
from bot.jobs.engine.collect import Collector
from bot.jobs.engine.deliver import Deliverer
from bot.jobs.engine.stop_runs import RunStopper
from bot.jobs.engine.submit import Submitter
from bot.jobs.records import TERMINAL
from tests.unit.jobs.world import MEMBER, START_MCR, World, imagine, limited


async def accepted(world):
    return (await world.accept(imagine(), world.origin())).job.id


async def cancelled(world):
    job = await world.order()
    await world.running(job)
    await world.jobs.cancel(job, by=MEMBER)
    return job


async def made(world):
    world.provider.auto = True
    return await world.order()


@pytest.mark.parametrize(
    ("owner", "step", "prepare"),
    [
        (CardCheck, "look", accepted),
        (Submitter, "step", made),
        (Submitter, "expire", made),
        (RunStopper, "step", cancelled),
        (Collector, "step", made),
        (Deliverer, "step", made),
    ],
    ids=["cards", "submit", "deadlines", "cancel", "collect", "deliver"],
)
async def test_step_that_raises_is_retried_after_growing_pauses(tmp_path, monkeypatch, owner, step, prepare):
    tried = []

    async def broken(_self, *_more):
        tried.append(world.clock.monotonic_s())
        raise RuntimeError("a fault of ours")

    monkeypatch.setattr(owner, step, broken)
    # A job that waits for its deadline gets no slot.
    slots = {"running_per_member": 0} if step == "expire" else {}
    world = await World.open(tmp_path, limits=replace(limited(), **slots))
    await world.start()
    job = await prepare(world)

    async def given_up():
        return len(tried) >= STUCK_TRIES and (await world.state(job)) in TERMINAL

    await world.until(given_up, step_s=5)
    pauses = [after - before for before, after in pairwise(tried[:STUCK_TRIES])]
    assert pauses[0] >= 0.75
    assert all(later > earlier for earlier, later in pairwise(pauses[:-1]))
    if owner is not Deliverer:
        assert (await world.balance())[:2] == (START_MCR, 0)
    await world.close()
