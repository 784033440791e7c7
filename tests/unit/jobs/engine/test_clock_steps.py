"""Tests with a clock that is set while jobs wait or run, or between two processes: nothing is lost or ends early."""

import pytest

from bot.clock import SteadyClock
from bot.errors import ProviderBusy
from bot.jobs.engine.uptime import EVERY_S
from bot.jobs.limits import run_limit_s
from bot.jobs.records import State
from bot.jobs.store import uptime_rows
from tests.idle_loop import settle
from tests.manual_clock import ManualClock
from tests.unit.jobs.engine.test_cancel import losses
from tests.unit.jobs.world import MEMBER, UNTOUCHED, World

HOUR_MS = 3_600_000
STEPS_MS = [HOUR_MS, -HOUR_MS]


class MachineTime(SteadyClock):
    """A steady clock that tests can move, because its machine is a manual clock."""

    def __init__(self, machine: ManualClock, *, not_before_ms: int):
        super().__init__(machine, not_before_ms=not_before_ms, elapsed_s=machine.monotonic_s)
        self.advance, self.advance_by_steps = machine.advance, machine.advance_by_steps


class SteppedWorld(World):
    """A world on a machine whose clock can be set, as the app builds it."""

    machine: ManualClock


@pytest.fixture
async def stepped(tmp_path):
    """Return a world on a machine whose clock can be set, built as the app builds it."""
    world = await SteppedWorld.open(tmp_path)
    world.machine = world.clock
    await begin(world)
    yield world
    await world.close()


async def begin(world):
    """Start a process: its steady clock begins with the machine's time, but not before the newest stored time."""
    newest_ms = await world.database.read(uptime_rows.last_seen)
    steady = MachineTime(world.machine, not_before_ms=newest_ms)
    world.clock = world.provider.clock = steady
    world.discord_clock._local = world.provider_clock._local = steady
    world.build()
    await world.start()


def set_clock(world, by_ms):
    world.machine._began_ms += by_ms


async def restart(world, *, step_ms=0, down_s=0.0):
    await world.jobs.stop()
    set_clock(world, step_ms)
    await world.machine.advance(down_s)
    await begin(world)


async def busy_job(world):
    """Return a job that is waiting because the provider is busy."""
    world.provider.on_create = [ProviderBusy(detail="throttled", retry_after_s=60)] * 1_000
    job = await world.order()
    await settle()  # it also waits before its first try
    assert await world.state(job) is State.WAITING
    return job


@pytest.mark.parametrize("step_ms", STEPS_MS)
async def test_setting_the_clock_while_a_job_runs_changes_nothing(stepped, step_ms):
    job = await stepped.order()
    (run,) = await stepped.running(job)
    set_clock(stepped, step_ms)
    await stepped.machine.advance(20)
    assert await stepped.state(job) is State.RUNNING
    stepped.provider.succeed(run)
    assert (await stepped.finish(job)).job.state is State.DONE
    assert await losses(stepped) == []


@pytest.mark.parametrize("step_ms", STEPS_MS)
async def test_setting_the_clock_while_a_job_waits_neither_expires_nor_stalls_it(stepped, step_ms):
    stepped.provider.auto = True
    job = await busy_job(stepped)
    set_clock(stepped, step_ms)
    await stepped.machine.advance(70)
    assert await stepped.state(job) is State.WAITING
    stepped.provider.on_create.clear()
    began_s = stepped.machine.monotonic_s()
    assert (await stepped.finish(job, step_s=1)).job.state is State.DONE
    assert stepped.machine.monotonic_s() - began_s < 120


@pytest.mark.parametrize("step_ms", STEPS_MS)
async def test_clock_step_across_a_restart_keeps_a_runs_time(stepped, step_ms):
    job = await stepped.order()
    (run,) = await stepped.running(job)
    await restart(stepped, step_ms=step_ms)
    await stepped.machine.advance(run_limit_s(1) - 60)
    assert await stepped.state(job) is State.RUNNING
    stepped.provider.succeed(run)
    assert (await stepped.finish(job)).job.state is State.DONE


@pytest.mark.parametrize("step_ms", STEPS_MS)
async def test_clock_step_across_a_restart_keeps_a_waiting_jobs_remaining_time(stepped, step_ms):
    job = await busy_job(stepped)
    began_s = stepped.machine.monotonic_s()
    await stepped.machine.advance(600)
    await restart(stepped, step_ms=step_ms)
    expired = await stepped.finish(job, step_s=10)
    assert expired.job.state is State.EXPIRED
    lasted_s = stepped.machine.monotonic_s() - began_s
    assert stepped.limits.waiting_s - 1 <= lasted_s <= stepped.limits.waiting_s + 2 * EVERY_S
    assert await stepped.balance() == UNTOUCHED


@pytest.mark.parametrize("step_ms", STEPS_MS)
async def test_clock_step_across_a_restart_keeps_the_grace_of_a_cancelled_run(stepped, step_ms):
    stepped.provider.cancels = False
    job = await stepped.order()
    await stepped.running(job)
    await stepped.jobs.cancel(job, by=MEMBER)
    await stepped.machine.advance(5)
    await restart(stepped, step_ms=step_ms)
    began_s = stepped.machine.monotonic_s()
    cancelled = await stepped.finish(job, step_s=1)
    assert cancelled.job.state is State.CANCELLED
    assert 100 <= stepped.machine.monotonic_s() - began_s <= 200


@pytest.mark.parametrize("step_ms", STEPS_MS)
async def test_clock_step_across_a_restart_does_not_give_up_a_card(stepped, step_ms):
    accepted = await stepped.accept((await stepped.jobs.get(await busy_job(stepped))).job.order, stepped.origin())
    stepped.provider.on_create.clear()
    stepped.provider.auto = True
    await restart(stepped, step_ms=step_ms)
    assert (await stepped.finish(accepted.job.id, step_s=1)).job.state is State.DONE


async def test_downtime_does_not_count_against_a_waiting_job(stepped):
    stepped.provider.auto = True
    job = await busy_job(stepped)
    await restart(stepped, down_s=2 * 3_600)
    assert await stepped.state(job) is State.WAITING
    stepped.provider.on_create.clear()
    assert (await stepped.finish(job, step_s=1)).job.state is State.DONE


async def test_restarts_in_quick_succession_do_not_extend_a_deadline(stepped):
    job = await busy_job(stepped)
    before_ms = (await stepped.jobs.get(job)).job.deadline_ms
    for _ in range(10):
        await restart(stepped, down_s=1)
    after_ms = (await stepped.jobs.get(job)).job.deadline_ms
    assert 10_000 <= after_ms - before_ms <= 11_000


async def test_kill_gives_a_job_at_most_one_uptime_interval_and_takes_nothing(stepped):
    job = await busy_job(stepped)
    await stepped.machine.advance(5 * EVERY_S)
    seen_ms = await stepped.database.read(uptime_rows.last_seen)
    assert 0 <= stepped.clock.now_ms() - seen_ms <= EVERY_S * 1_000
    assert await stepped.state(job) is State.WAITING
