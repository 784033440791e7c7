"""Tests of runs whose ends are reported by webhooks: they are read at once, only once, and rarely before that.

Webhooks that fail are also tested.
"""

import asyncio
from dataclasses import replace

import pytest

from bot.errors import InputRejected, ProviderDown
from bot.jobs.engine import poll
from bot.jobs.engine.polling_pace import BACKSTOP_S, LOST_SHARE, WORTH_S
from bot.jobs.engine.webhook_trust import LATE_MS, WebhookTrust
from bot.jobs.records import State
from bot.provider.budget import RateBudget
from bot.provider.client import WEBHOOK
from bot.provider.wire import RunStatus
from tests.unit.jobs.slow_create import SlowCreate
from tests.unit.jobs.world import START_MCR, World, limited

ADDRESS = "https://easel.example/webhooks/provider"
LONG_S = 25
"""Shorter than the backstop's pause, and long enough for many reads without webhooks."""


class FakeOffer:
    """Offers webhooks until one is refused."""

    def __init__(self):
        self.address: str | None = ADDRESS
        self.reasons = []

    def refused(self, reason):
        self.address = None
        self.reasons.append(reason)


async def opened(path, **more):
    world = await World.open(path, **more)
    world.webhooks = FakeOffer()
    world.build()
    await world.start()
    return world


@pytest.fixture
async def world(tmp_path):
    world = await opened(tmp_path)
    yield world
    await world.close()


@pytest.fixture
async def without(tmp_path):
    """Return a world whose provider offers no webhooks."""
    (tmp_path / "without").mkdir()
    world = await World.open(tmp_path / "without")
    await world.start()
    yield world
    await world.close()


def tell(world, run, *, times=1, **changes):
    """Let a webhook arrive that says what the provider now knows about a run."""
    for _ in range(times):
        world.jobs.told(replace(world.provider._shown(world.provider.runs[run]), **changes))


async def trusted(world):
    """Let the first webhook arrive."""
    job = await world.order()
    (run,) = await world.running(job)
    world.provider.succeed(run)
    tell(world, run)
    await world.finish(job)
    assert world.jobs.webhook_trust.arrive


async def begun(world):
    """Order something and wait until it runs; return its job and its run."""
    job = await world.order()
    (run,) = await world.running(job)
    return job, run


async def reads_in(world, seconds):
    """Return how many reads are made in this time."""
    before = world.provider.reads_made
    await world.clock.advance(seconds)
    return world.provider.reads_made - before


async def collected(world, job):
    """Wait without moving time until a run is known to have ended."""
    await world.reach(job, State.COLLECTING, State.DELIVERING, State.DONE, step_s=0.0)


async def test_run_with_a_webhook_is_read_normally_until_one_has_arrived(world, without):
    await begun(world)
    await begun(without)
    assert world.provider.webhooks == [ADDRESS]
    assert without.provider.webhooks == [None]
    assert await reads_in(world, LONG_S) == await reads_in(without, LONG_S) > 4


async def test_webhook_ends_a_job_at_once_with_one_read(world):
    await trusted(world)
    job, run = await begun(world)
    assert await reads_in(world, 3) == 0
    world.provider.succeed(run)
    before = world.provider.reads_made
    tell(world, run)
    await collected(world, job)
    assert world.provider.reads_made == before + 1
    done = await world.finish(job)
    assert done.job.captured_mcr == done.job.held_mcr
    assert world.jobs.webhook_trust.told == 2
    assert world.jobs.webhook_trust.found == 0


async def test_webhook_of_a_failed_run_releases_the_hold(world):
    await trusted(world)
    before = await world.balance()
    job, run = await begun(world)
    world.provider.fail(run)
    tell(world, run)
    failed = await world.finish(job)
    assert failed.job.state is State.FAILED
    assert await world.balance() == before


async def test_repeated_webhooks_cause_one_read_and_one_charge(world):
    await trusted(world)
    before, _, spent = await world.balance()
    job, run = await begun(world)
    world.provider.succeed(run)
    reads = world.provider.reads_made
    tell(world, run, times=5)
    await collected(world, job)
    tell(world, run, times=5)
    done = await world.finish(job)
    assert world.provider.reads_made == reads + 1
    assert await world.balance() == (before - done.job.held_mcr, 0, spent + done.job.held_mcr)


async def test_end_whose_webhook_is_lost_is_found_and_runs_are_read_often_until_one_arrives(world):
    await trusted(world)
    job, run = await begun(world)
    world.provider.succeed(run)
    began_s = world.clock.monotonic_s()
    await world.finish(job)
    assert LATE_MS / 1_000 <= world.clock.monotonic_s() - began_s <= BACKSTOP_S + 2
    assert (world.jobs.webhook_trust.arrive, world.jobs.webhook_trust.lost) == (False, True)

    job, run = await begun(world)
    assert await reads_in(world, LONG_S) > 4
    world.provider.succeed(run)
    began_s = world.clock.monotonic_s()
    tell(world, run)
    await world.finish(job)
    assert world.jobs.webhook_trust.arrive
    _, run = await begun(world)
    assert await reads_in(world, 5) == 0


async def test_long_run_is_read_every_half_minute_for_its_progress_and_its_deadline(world):
    await trusted(world)
    await begun(world)
    assert 3 <= await reads_in(world, 5 * BACKSTOP_S) <= 10


async def test_webhook_that_comes_before_the_answer_to_the_create_counts(world):
    await trusted(world)
    slow = SlowCreate(world.provider)
    job = await world.order()
    await world.until(slow.asked.is_set)
    run = [*world.provider.runs][-1]
    world.provider.succeed(run)
    tell(world, run)
    await world.clock.advance(0)
    reads = world.provider.reads_made
    slow.answer()
    await collected(world, job)
    assert world.provider.reads_made == reads + 1
    await world.finish(job)


async def test_webhook_that_comes_during_a_read_causes_another(world):
    await trusted(world)
    job, run = await begun(world)
    asked, answer, fetch = asyncio.Event(), asyncio.Event(), world.provider.fetch

    async def slowly(name):
        found = await fetch(name)  # before the run ends
        asked.set()
        await answer.wait()
        return found

    world.provider.fetch = slowly
    await world.until(asked.is_set, step_s=1)
    world.provider.succeed(run)
    tell(world, run, times=2)
    await world.clock.advance(0)
    world.provider.fetch = fetch
    reads = world.provider.reads_made
    answer.set()
    await collected(world, job)
    assert world.provider.reads_made == reads + 1
    await world.finish(job)


async def test_read_that_contradicts_a_webhook_counts_and_the_run_is_read_normally(world, without):
    await trusted(world)
    job, run = await begun(world)
    await begun(without)
    tell(world, run, status=RunStatus.SUCCEEDED, outputs=("https://files/else.png",))
    await world.clock.advance(0)
    assert await world.state(job) is State.RUNNING
    assert await reads_in(world, LONG_S) > 4
    # Reads that were planned before the webhook came are dropped.
    await world.clock.advance(BACKSTOP_S)
    await without.clock.advance(LONG_S + BACKSTOP_S)
    assert await reads_in(world, LONG_S) <= 1.1 * await reads_in(without, LONG_S)
    world.provider.fail(run)
    assert (await world.finish(job)).job.state is State.FAILED


async def test_failed_read_after_a_webhook_is_tried_again_soon(world):
    await trusted(world)
    job, run = await begun(world)
    world.provider.succeed(run)
    world.provider.on_fetch = [ProviderDown(detail="down"), ProviderDown(detail="down")]
    tell(world, run)
    began_s = world.clock.monotonic_s()
    await world.finish(job)
    assert world.clock.monotonic_s() - began_s <= 5


async def test_older_webhook_of_an_unfinished_run_changes_nothing(world):
    await trusted(world)
    job, run = await begun(world)
    tell(world, run, status=RunStatus.RUNNING)
    assert await reads_in(world, 3) == 0
    world.provider.succeed(run)
    tell(world, run)
    tell(world, run, status=RunStatus.RUNNING)
    await collected(world, job)
    reads = world.provider.reads_made
    tell(world, run, status=RunStatus.STARTING)
    assert (await world.finish(job)).job.state is State.DONE
    assert world.provider.reads_made == reads


async def test_webhooks_of_foreign_runs_are_forgotten(world, monkeypatch):
    monkeypatch.setattr(poll, "TOLD_EARLY_MAX", 5)
    await trusted(world)
    job, run = await begun(world)
    for number in range(12):
        tell(world, run, id=f"foreign{number}", status=RunStatus.SUCCEEDED)
    assert await reads_in(world, 1) == 0
    (poller,) = (loop._body for loop in world.jobs._loops if loop.name == "poll")
    assert list(poller._told_early) == [f"foreign{number}" for number in range(7, 12)]
    world.provider.succeed(run)
    tell(world, run)
    await collected(world, job)
    await world.finish(job)


async def test_end_during_a_restart_is_found_by_the_first_read_and_does_not_count_as_a_lost_webhook(world):
    await trusted(world)
    job, run = await begun(world)
    await world.jobs.stop()
    world.provider.succeed(run)
    await world.clock.advance(600)
    tell(world, run)  # nobody is listening
    world.build()
    await world.start()
    await collected(world, job)
    await world.finish(job)
    assert not world.jobs.webhook_trust.lost
    assert world.jobs.webhook_trust.found == 1


async def test_run_of_an_earlier_process_is_read_normally_but_its_webhook_counts(world):
    job, run = await begun(world)
    await world.crash()
    await trusted(world)
    assert await reads_in(world, LONG_S) > 4
    world.provider.succeed(run)
    reads = world.provider.reads_made
    tell(world, run)
    await collected(world, job)
    assert world.provider.reads_made <= reads + 1
    await world.finish(job)


async def test_create_refused_because_of_its_webhook_is_sent_again_without_it(world):
    world.provider.on_create = [InputRejected(detail="webhook must be an HTTPS URL", about=WEBHOOK)]
    job = await world.order()
    await world.clock.advance(2)
    (run,) = await world.running(job)
    assert world.provider.webhooks == [ADDRESS, None]
    assert len(world.provider.runs) == len(world.webhooks.reasons) == 1
    world.provider.succeed(run)
    done = await world.finish(job)
    assert await world.balance() == (START_MCR - done.job.held_mcr, 0, done.job.held_mcr)


async def test_run_named_by_a_webhook_is_read_before_all_other_due_runs(tmp_path):
    world = await opened(tmp_path, limits=limited(running_per_guild=100, running_per_member=100))
    await trusted(world)
    world.jobs.webhook_trust._arrive = False  # so that all runs are due
    world.provider.reads = RateBudget(world.clock, rate=1.0, ceiling=1.0)
    jobs = [await begun(world) for _ in range(12)]
    await world.clock.advance(8)
    job, run = jobs[-1]
    world.provider.succeed(run)
    tell(world, run)
    await world.clock.advance(1.5)
    assert await world.state(job) is not State.RUNNING
    await world.close()


def test_webhook_is_lost_only_if_the_run_ended_a_while_ago_and_had_one():
    trust = WebhookTrust()
    trust.arrived()
    trust.ended(told=True, has_webhook=True, ago_ms=60_000)
    trust.ended(told=False, has_webhook=False, ago_ms=60_000)
    trust.ended(told=False, has_webhook=True, ago_ms=LATE_MS - 1)
    assert (trust.arrive, trust.lost, trust.told, trust.found) == (True, False, 1, 2)
    trust.ended(told=False, has_webhook=True, ago_ms=LATE_MS)
    assert (trust.arrive, trust.lost) == (False, True)
    trust.arrived()
    assert (trust.arrive, trust.lost) == (True, False)
    trust.ended(told=False, has_webhook=True, ago_ms=None)
    assert trust.lost


def test_end_found_without_its_webhook_is_old_enough_for_the_webhook_to_count_as_lost():
    assert WORTH_S / LOST_SHARE >= 2 * LATE_MS / 1_000
