"""Tests that cancelling is certain before submission and best effort afterwards, and that late results are free."""

import asyncio

import pytest

from bot.errors import InputRejected, NotAllowed, NotFound, ProviderBusy, ProviderDown, StorageError
from bot.jobs.checkpoints import Checkpoint
from bot.jobs.jobs import Cancelled
from bot.jobs.money import transitions
from bot.jobs.records import EndNotice, State
from bot.jobs.store import due_jobs
from bot.storage.operation import Statement
from tests.present import present
from tests.unit.jobs.world import MEMBER, ONE_PICTURE, OTHER, UNTOUCHED, StopAt, World, imagine, limited


class FullWorld(World):
    """A world in which one running job uses all of a member's slots."""

    first: str


@pytest.fixture
async def full(tmp_path):
    world = await FullWorld.open(tmp_path, limits=limited(running_per_member=1))
    await world.start()
    world.first = await world.order()
    await world.running(world.first)
    yield world
    await world.close()


async def test_waiting_job_is_cancelled_at_once(full):
    job = await full.order()
    before = await full.balance()
    assert await full.jobs.cancel(job, by=MEMBER) is Cancelled.BEFORE_SUBMIT
    assert (await full.balance())[0] == before[0] + 75_000
    cancelled = await full.finish(job)
    assert (cancelled.job.state, cancelled.job.notice) == (State.CANCELLED, EndNotice.SHOWN)
    assert len(full.provider.runs) == 1


async def test_cancelling_on_a_card_proves_that_discord_accepted_it(world):
    accepted = await world.accept(imagine(), world.origin())
    assert await world.jobs.cancel(accepted.job.id, by=MEMBER) is Cancelled.BEFORE_SUBMIT
    assert await world.balance() == UNTOUCHED
    await world.jobs.card_accepted(accepted.job.id, 900)
    cancelled = await world.finish(accepted.job.id)
    assert cancelled.job.state is State.CANCELLED
    assert world.provider.runs == {}


async def test_stopped_run_costs_nothing(world):
    job = await world.order()
    await world.running(job)
    assert await world.jobs.cancel(job, by=MEMBER) is Cancelled.ASKED
    cancelled = await world.finish(job)
    assert cancelled.job.state is State.CANCELLED
    assert cancelled.job.failure.key == "cancelled-by-member"
    assert await world.balance() == UNTOUCHED


async def test_result_ready_before_the_cancel_request_is_delivered_and_paid(world):
    job = await world.order()
    (run,) = await world.running(job)
    world.provider.succeed(run)
    await world.clock.advance(0.1)
    assert await world.jobs.cancel(job, by=MEMBER) is Cancelled.ASKED
    done = await world.finish(job)
    assert done.job.state is State.DONE
    assert (await world.balance())[2] == 75_000


async def test_result_after_the_cancel_request_is_the_operators_loss(world):
    world.provider.cancels = False
    job = await world.order()
    (run,) = await world.running(job)
    await world.jobs.cancel(job, by=MEMBER)
    await world.clock.advance(0.3)
    world.provider.succeed(run)
    cancelled = await world.finish(job)
    assert cancelled.job.state is State.CANCELLED
    assert cancelled.artefacts == ()
    assert await world.balance() == UNTOUCHED
    assert await losses(world) == [(job, 1, "late", 75_000)]


async def test_result_after_the_cancel_request_is_late_even_if_a_write_about_the_request_failed(world):
    async def refuse(prediction_id):
        raise InputRejected(detail="this run cannot be stopped")

    world.provider.cancel = refuse
    job = await world.order()
    (run,) = await world.running(job)
    await world.clock.advance(10)
    write, failed = world.database.run, []

    async def fail_once(operation):
        if not failed and present(asyncio.current_task()).get_name().startswith("jobs.poll."):
            failed.append(operation)
            raise StorageError(problem="the disk is full", fix="Make room")
        return await write(operation)

    world.database.run = fail_once
    await world.jobs.cancel(job, by=MEMBER)
    await world.until(lambda: failed, step_s=0.5)
    await world.clock.advance(10)
    world.provider.succeed(run)
    cancelled = await world.finish(job)
    assert cancelled.job.state is State.CANCELLED
    assert await world.balance() == UNTOUCHED
    assert await losses(world) == [(job, 1, "late", 75_000)]


async def test_run_that_cannot_be_stopped_is_awaited_for_two_minutes(world):
    world.provider.cancels = False
    job = await world.order()
    await world.running(job)
    began_s = world.clock.monotonic_s()
    await world.jobs.cancel(job, by=MEMBER)
    cancelled = await world.finish(job, step_s=1)
    assert cancelled.job.state is State.CANCELLED
    assert 120 <= world.clock.monotonic_s() - began_s < 300
    assert await world.balance() == UNTOUCHED
    assert await losses(world) == [(job, 1, "cancelled", 75_000)]


async def test_run_unknown_to_the_provider_after_a_cancel_request_is_cancelled(world):
    job = await world.order()
    (run,) = await world.running(job)
    del world.provider.runs[run]
    await world.clock.advance(30)
    assert await world.jobs.cancel(job, by=MEMBER) is Cancelled.ASKED
    cancelled = await world.finish(job, step_s=1)
    assert cancelled.job.state is State.CANCELLED
    assert cancelled.job.failure.key == "cancelled-by-member"
    assert await world.balance() == UNTOUCHED
    assert await losses(world) == [(job, 1, "lost", 75_000)]


async def test_pictures_ready_before_the_cancel_request_are_delivered(world):
    job = await world.order(imagine(model=ONE_PICTURE, count=3))
    runs = await world.running(job)
    world.provider.succeed(runs[0])
    await world.clock.advance(0.1)
    await world.jobs.cancel(job, by=MEMBER)
    done = await world.finish(job)
    assert done.job.state is State.DONE
    assert len(done.artefacts) == 1
    assert done.job.captured_mcr == done.job.held_mcr // 3


async def test_unsent_creates_are_never_sent_after_a_cancel_request(world):
    world.provider.on_create = ["ok", ProviderBusy(detail="throttled", retry_after_s=30)]
    job = await world.order(imagine(model=ONE_PICTURE, count=2))

    async def half_sent():
        states = [item.state for item in (await world.jobs.get(job)).predictions]
        return sorted(states) == ["intended", "running"]

    await world.until(half_sent)
    await world.jobs.cancel(job, by=MEMBER)
    cancelled = await world.finish(job, step_s=5)
    assert cancelled.job.state is State.CANCELLED
    assert len(world.provider.runs) == 1


async def test_end_of_a_cancelled_job_does_not_wait_until_its_create_would_be_retried(tmp_path):
    world, watch = await World.open(tmp_path), StopAt(Checkpoint.SUBMITTING)
    world.build(watch)
    await world.start()
    job = await world.order()
    await world.until(watch.hit.is_set)
    now_ms = world.clock.now_ms()

    def cancelled_while_the_provider_is_busy():
        yield from transitions.cancel(job, now_ms)
        yield from transitions.unsent(job, 1, now_ms)
        yield from transitions.back_to_waiting(job, now_ms, retry_ms=now_ms + 300_000, deadline_ms=now_ms + 600_000)
        return (yield from due_jobs.to_show(1))

    (shown,) = await world.database.run(cancelled_while_the_provider_is_busy)
    assert (shown.job, await world.state(job)) == (job, State.CANCELLED)
    assert shown.at_ms <= now_ms
    await world.close()


async def test_failed_cancel_call_is_retried(world):
    failing = iter([ProviderDown(detail="reset"), ProviderDown(detail="reset")])
    stop = world.provider.cancel

    async def cancel(prediction_id):
        error = next(failing, None)
        if error is not None:
            raise error
        return await stop(prediction_id)

    world.provider.cancel = cancel
    job = await world.order()
    await world.running(job)
    await world.jobs.cancel(job, by=MEMBER)
    assert (await world.finish(job)).job.state is State.CANCELLED


async def test_ended_job_cannot_be_cancelled(world):
    world.provider.auto = True
    done = await world.finish(await world.order())
    assert await world.jobs.cancel(done.job.id, by=MEMBER) is Cancelled.TOO_LATE
    assert (await world.balance())[2] == 75_000


async def test_only_its_member_or_a_moderator_can_cancel_a_job(full):
    job = await full.order()
    with pytest.raises(NotAllowed):
        await full.jobs.cancel(job, by=OTHER)
    assert await full.state(job) is State.WAITING
    assert await full.jobs.cancel(job, by=OTHER, moderator=True) is Cancelled.BEFORE_SUBMIT


async def test_unknown_job_cannot_be_cancelled(world):
    with pytest.raises(NotFound):
        await world.jobs.cancel("nothing", by=MEMBER)


async def losses(world):
    def read():
        return (yield Statement("SELECT job, prediction, reason, amount_mcr FROM loss ORDER BY job, prediction"))

    return await world.database.read(read)


async def test_losses_and_jobs_in_progress_can_be_read(world):
    job = await world.order()
    (run,) = await world.running(job)
    assert (await world.jobs.in_progress())[State.RUNNING] == 1
    world.provider.fail(run)
    await world.finish(job)
    assert set((await world.jobs.in_progress()).values()) == {0}
    (loss,) = await world.jobs.losses()
    assert (loss.reason, loss.runs, loss.amount_mcr) == ("failed", 1, 75_000)


async def test_refused_cancel_mentions_its_rule(world):
    job = await world.order()
    with pytest.raises(NotAllowed) as caught:
        await world.jobs.cancel(job, by=OTHER)
    assert caught.value.facts["rule"] == "not-yours"


async def test_run_stopped_by_the_provider_fails_and_costs_the_member_nothing(world):
    job = await world.order()
    (run,) = await world.running(job)
    world.provider.stop(run)
    failed = await world.finish(job)
    assert failed.job.state is State.FAILED
    assert (failed.job.failure.key, failed.job.failure.facts["reason"]) == ("model-failed", "stopped")
    assert await world.balance() == UNTOUCHED
    assert await losses(world) == [(job, 1, "failed", 75_000)]


async def test_only_the_picture_that_the_provider_stopped_is_not_charged(world):
    job = await world.order(imagine(model=ONE_PICTURE, count=2))
    stopped, made = await world.running(job)
    world.provider.stop(stopped)
    world.provider.succeed(made)
    done = await world.finish(job)
    assert done.job.state is State.DONE
    assert done.job.captured_mcr == done.job.held_mcr // 2
    assert [(reason, amount) for _, _, reason, amount in await losses(world)] == [("failed", done.job.held_mcr // 2)]


@pytest.mark.parametrize("error", [ProviderBusy(detail="throttled", retry_after_s=30), ProviderDown(detail="refused")])
async def test_temporarily_refused_create_is_not_sent_again_after_a_cancel_request(world, error):
    asked = asyncio.Event()
    answer = asyncio.Event()

    async def create(path, body, **more):
        asked.set()
        await answer.wait()
        raise error

    world.provider.create = create
    job = await world.order()
    await world.until(asked.is_set)
    assert await world.jobs.cancel(job, by=MEMBER) is Cancelled.ASKED
    del world.provider.create
    answer.set()
    cancelled = await world.finish(job)
    assert cancelled.job.state is State.CANCELLED
    assert cancelled.job.failure.key == "cancelled-by-member"
    assert world.provider.runs == {}
    assert await losses(world) == []
    assert await world.balance() == UNTOUCHED


async def test_run_created_during_a_cancel_request_is_stopped(world):
    asked = asyncio.Event()
    answer = asyncio.Event()
    create = world.provider.create

    async def slowly(path, body, **more):
        asked.set()
        await answer.wait()
        return await create(path, body, **more)

    world.provider.create = slowly
    job = await world.order()
    await world.until(asked.is_set)
    assert await world.jobs.cancel(job, by=MEMBER) is Cancelled.ASKED
    answer.set()
    cancelled = await world.finish(job)
    assert cancelled.job.state is State.CANCELLED
    assert [run.status for run in world.provider.runs.values()] == ["cancelled"]
    assert await losses(world) == [(job, 1, "cancelled", 75_000)]
    assert await world.balance() == UNTOUCHED


async def test_end_that_is_reported_twice_shows_no_progress_after_the_jobs_end(world, monkeypatch):
    job = await world.order()
    (run,) = await world.running(job)
    world.provider.succeed(run)
    cancel, answered = world.provider.cancel, asyncio.Event()

    async def slow(provider_id):
        await answered.wait()
        return await cancel(provider_id)

    monkeypatch.setattr(world.provider, "cancel", slow)
    assert await world.jobs.cancel(job, by=MEMBER) is Cancelled.ASKED
    assert (await world.finish(job)).job.state is State.DONE
    before = len(world.messenger.progressed)
    answered.set()
    await world.clock.advance(60)
    assert len(world.messenger.progressed) == before
