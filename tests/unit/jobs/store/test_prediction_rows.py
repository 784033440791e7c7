import asyncio
from functools import partial

import pytest

from bot.jobs.records import PredictionState
from bot.jobs.store import prediction_rows
from bot.jobs.store.prediction_rows import Created
from tests.unit.jobs.world import MEMBER, OTHER

pytestmark = pytest.mark.usefixtures("each_driver")


async def test_run_of_one_prediction_is_never_given_to_another(world):
    owner = await world.order()
    (run,) = await world.running(owner)
    asked = asyncio.Event()

    async def unanswered(path, body, **more):
        asked.set()
        await asyncio.Event().wait()

    world.provider.create = unanswered
    other = await world.order(member=OTHER)
    await world.until(asked.is_set)
    now_ms = world.clock.now_ms()
    assert await world.database.run(lambda: prediction_rows.created(other, 1, run, now_ms)) is Created.UNWANTED
    (waiting,) = (await world.jobs.get(other)).predictions
    assert (waiting.state, waiting.provider_id) == (PredictionState.SUBMITTING, None)


async def test_run_that_another_job_waits_for_is_not_stopped(world):
    owner = await world.order()
    (run,) = await world.running(owner)
    world.provider.on_create = ["vanished"]
    other = await world.order(member=OTHER)
    await world.finish(other)
    assert not await world.database.run(lambda: prediction_rows.adopt_abandoned(other, 1, run))
    assert await world.database.read(lambda: prediction_rows.to_stop(other)) == ()
    (prediction,) = (await world.jobs.get(owner)).predictions
    assert (prediction.state, prediction.provider_id) == (PredictionState.RUNNING, run)


async def test_run_created_for_an_ended_prediction_is_stopped_but_not_waited_for(world):
    world.provider.on_create = ["vanished"]
    job = await world.order()
    await world.finish(job)
    created = await world.database.run(lambda: prediction_rows.created(job, 1, "late", world.clock.now_ms()))
    assert created is Created.UNWANTED
    assert await world.database.run(lambda: prediction_rows.adopt_abandoned(job, 1, "late"))
    (stopped,) = await world.database.read(lambda: prediction_rows.to_stop(job))
    assert (stopped.provider_id, stopped.abandoned) == ("late", True)


async def test_run_is_recorded_again_if_its_write_is_uncertain(world):
    job = await world.order()
    (run,) = await world.running(job)
    again = partial(prediction_rows.created, job, 1, run, 7)
    assert await world.database.run(again) is Created.KEPT
    await world.jobs.cancel(job, by=MEMBER)
    assert await world.database.run(again) is Created.CANCELLING
    await world.finish(job)
    assert await world.database.run(again) is Created.UNWANTED
