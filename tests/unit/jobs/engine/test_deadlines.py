"""Tests of the deadlines of runs and of waiting jobs, which depend on the monotonic clock only."""

import pytest

from bot.errors import ProviderBusy, ProviderDown
from bot.jobs.limits import run_limit_s
from bot.jobs.records import State
from bot.storage.operation import Statement
from tests.unit.jobs.engine.test_cancel import losses
from tests.unit.jobs.world import ONE_PICTURE, UNTOUCHED, imagine

HOUR_MS = 3_600_000


async def test_endless_run_expires_and_costs_nothing(world):
    job = await world.order()
    await world.running(job)
    expired = await world.finish(job, step_s=5)
    assert expired.job.state is State.EXPIRED
    assert expired.job.failure.key == "deadline-passed"
    assert await world.balance() == UNTOUCHED
    assert await losses(world) == [(job, 1, "expired", 75_000)]
    assert [run.status for run in world.provider.runs.values()] == ["cancelled"]


async def test_result_that_exists_at_the_first_read_is_shown_even_after_the_deadline(world):
    job = await world.order()
    (run,) = await world.running(job)
    world.provider.on_fetch = [ProviderDown(detail="502")] * 1_000
    await world.clock.advance(run_limit_s(1) - 20)
    world.provider.succeed(run)  # only the answer to the request to stop shows it
    done = await world.finish(job, step_s=1)
    assert done.job.state is State.DONE
    assert await losses(world) == []


async def test_result_of_a_given_up_run_stays_a_loss(world):
    world.provider.cancels = False
    job = await world.order()
    (run,) = await world.running(job)
    expired = await world.finish(job, step_s=5)
    world.provider.succeed(run)
    await world.clock.advance(600)
    assert (await world.jobs.get(job)).job.state is State.EXPIRED
    assert expired.artefacts == ()
    assert await losses(world) == [(job, 1, "expired", 75_000)]


async def test_result_that_became_ready_during_downtime_is_shown(world):
    job = await world.order()
    (run,) = await world.running(job)
    await world.jobs.stop()
    world.provider.succeed(run)
    await world.clock.advance(run_limit_s(1) + 60)
    world.build()
    await world.start()
    assert (await world.finish(job)).job.state is State.DONE


async def test_job_that_never_gets_a_slot_expires(world):
    world.provider.on_create = [ProviderBusy(detail="throttled", retry_after_s=60)] * 1_000
    expired = await world.finish(await world.order(), step_s=20)
    assert expired.job.state is State.EXPIRED
    assert world.provider.runs == {}
    assert await world.balance() == UNTOUCHED


async def test_pictures_that_could_not_be_sent_by_the_deadline_are_not_charged(world):
    world.provider.on_create = ["ok", *[ProviderBusy(detail="throttled", retry_after_s=60)] * 1_000]
    job = await world.order(imagine(model=ONE_PICTURE, count=2))
    await world.until(lambda: world.provider.runs)
    world.provider.succeed("run1")
    done = await world.finish(job, step_s=20)
    assert done.job.state is State.DONE
    assert [prediction.state for prediction in done.predictions] == ["succeeded", "failed"]
    assert done.predictions[1].failure.key == "deadline-passed"
    assert done.job.captured_mcr == done.job.held_mcr // 2
    assert len(world.provider.runs) == 1
    assert await losses(world) == []


async def test_jobs_wait_for_an_unreachable_provider(world):
    world.provider.auto = True
    world.provider.on_create = [ProviderDown(detail="refused")] * 3
    done = await world.finish(await world.order(), step_s=2)
    assert done.job.state is State.DONE
    assert world.clock.monotonic_s() >= 45


async def test_failed_reads_do_not_end_a_run(world):
    job = await world.order()
    (run,) = await world.running(job)
    world.provider.on_fetch = [ProviderDown(detail="502")] * 5
    await world.until(lambda: not world.provider.on_fetch, step_s=1)
    world.provider.succeed(run)
    assert (await world.finish(job, step_s=1)).job.state is State.DONE


@pytest.mark.parametrize("ahead_ms", [7_200_000, -7_200_000])
async def test_wrong_provider_clock_expires_nothing(world, ahead_ms):
    world.provider_clock._offset_ms = ahead_ms
    job = await world.order()
    (run,) = await world.running(job)
    world.provider_clock._offset_ms = -ahead_ms
    await world.clock.advance(10)
    assert await world.state(job) is State.RUNNING
    world.provider.succeed(run)
    assert (await world.finish(job)).job.state is State.DONE


@pytest.mark.parametrize("field", ["created_ms", "completed_ms"])
@pytest.mark.parametrize("off_ms", [8 * HOUR_MS, -8 * HOUR_MS, -50 * 365 * 24 * HOUR_MS])
async def test_result_counts_despite_wrong_times_in_the_run(world, field, off_ms):
    job = await world.order()
    (run,) = await world.running(job)
    world.provider.succeed(run)
    setattr(world.provider.runs[run], field, world.clock.now_ms() + off_ms)
    done = await world.finish(job)
    assert done.job.state is State.DONE
    assert await losses(world) == []


async def test_durations_are_not_learned_from_impossible_times(world):
    job = await world.order()
    (run,) = await world.running(job)
    world.provider.succeed(run)
    world.provider.runs[run].completed_ms += 8 * HOUR_MS
    await world.finish(job)

    def learned():
        return (yield Statement("SELECT COUNT(*) FROM duration"))

    assert (await world.database.read(learned))[0][0] == 0
