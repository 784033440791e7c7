"""Deadlines are final and use the clock of whoever does the work: ours or the provider's."""

from bot.errors import ProviderBusy, ProviderDown
from bot.jobs.limits import run_limit_s
from bot.jobs.records import State
from tests.unit.jobs.engine.test_cancel import losses
from tests.unit.jobs.world import START_MCR

UNTOUCHED = (START_MCR, 0, 0)


async def test_run_without_an_end_expires_and_costs_nothing(world):
    job = await world.order()
    await world.running(job)
    expired = await world.finish(job, step_s=5)
    assert expired.job.state is State.EXPIRED
    assert expired.job.failure.key == "deadline-passed"
    assert await world.balance() == UNTOUCHED
    assert await losses(world) == [(job, 1, "expired", 75_000)]
    assert [run.status for run in world.provider.runs.values()] == ["cancelled"]


async def test_result_ready_after_the_deadline_is_not_shown(world):
    job = await world.order()
    (run,) = await world.running(job)
    await world.jobs.stop()
    await world.clock.advance(run_limit_s(1) + 60)
    world.provider.succeed(run)
    world.build()
    await world.start()
    expired = await world.finish(job)
    assert expired.job.state is State.EXPIRED
    assert expired.artefacts == ()
    assert await losses(world) == [(job, 1, "late", 75_000)]


async def test_result_ready_in_time_is_shown_even_if_read_late(world):
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


async def test_own_clock_running_ahead_expires_nothing(world):
    job = await world.order()
    (run,) = await world.running(job)
    # Somebody set this machine's clock two hours ahead; the provider's clock is unchanged.
    world.clock._began_ms += 7_200_000
    world.provider_clock._offset_ms = -7_200_000.0
    await world.clock.advance(10)
    assert await world.state(job) is State.RUNNING
    world.provider.succeed(run)
    world.provider.runs[run].completed_ms -= 7_200_000
    assert (await world.finish(job)).job.state is State.DONE
