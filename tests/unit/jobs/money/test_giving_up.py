"""Tests that a job whose step keeps failing is ended from any state, with one release and every loss recorded."""

import pytest

from bot.errors import ProviderBusy
from bot.jobs.checkpoints import Checkpoint
from bot.jobs.engine.build import STUCK_TRIES
from bot.jobs.money import transitions
from bot.jobs.records import EndNotice, State
from bot.storage.operation import Statement
from tests.invariants import assert_ledger_is_sound
from tests.unit.jobs.engine.test_cancel import losses
from tests.unit.jobs.world import ONE_PICTURE, START_MCR, UNTOUCHED, StopAt, World, imagine, limited

PRICE_MCR = 75_000
PAID = (START_MCR - PRICE_MCR, 0, PRICE_MCR)
REFERENCE = "E-TEST"
BUG = "a fault of ours"


@pytest.fixture
async def one_slot(tmp_path):
    """Return a world in which each member has one slot; the test builds the Jobs."""
    world = await World.open(tmp_path, limits=limited(running_per_member=1))
    yield world
    await world.close()


async def accepted(world):
    await world.start()
    return (await world.accept(imagine(), world.origin())).job.id


async def waiting(world):
    """Leave the job waiting because the provider is busy."""
    world.provider.on_create = [ProviderBusy(detail="throttled", retry_after_s=600)]
    await world.start()
    job = await world.order()
    await world.until(lambda: not world.provider.on_create)
    await world.clock.advance(0)
    assert await world.state(job) is State.WAITING
    return job


async def half_sent(world):
    """Let one of two runs start while the other has yet to be sent."""
    world.provider.on_create = ["ok", ProviderBusy(detail="throttled", retry_after_s=600)]
    await world.start()
    job = await world.order(imagine(model=ONE_PICTURE, count=2))
    await world.until(lambda: not world.provider.on_create)
    await world.clock.advance(0)
    return job


async def stopped_at(world, step, order=None):
    """Let a job reach a state and stay there."""
    watch = StopAt(step)
    world.provider.auto = True
    world.build(watch)
    await world.start()
    job = await world.order(order)
    await world.until(watch.hit.is_set, step_s=0.25)
    return job


async def submitting(world):
    return await stopped_at(world, Checkpoint.SUBMITTING)


async def running(world):
    await world.start()
    job = await world.order()
    await world.running(job)
    return job


async def collecting(world):
    return await stopped_at(world, Checkpoint.COLLECTED)


async def delivering(world):
    return await stopped_at(world, Checkpoint.ATTEMPTED)


async def give_up(world, job):
    now_ms = world.clock.now_ms()
    return await world.database.run(lambda: transitions.give_up(job, REFERENCE, now_ms))


async def releases(world, job):
    def count():
        rows = yield Statement("SELECT COUNT(*) FROM transfer WHERE job = $1 AND kind = 'void'", job)
        return rows[0][0]

    return await world.database.read(count)


async def prediction_states(world, job):
    return sorted(prediction.state for prediction in (await world.jobs.get(job)).predictions)


@pytest.mark.parametrize(
    ("reach", "predictions", "lost"),
    [
        (accepted, ["cancelled"], []),
        (waiting, ["cancelled"], []),
        (submitting, ["lost"], [(1, "lost")]),
        (running, ["failed"], [(1, "failed")]),
        (half_sent, ["cancelled", "failed"], [(1, "failed")]),
    ],
)
async def test_job_without_a_result_fails_and_releases_its_hold_once(one_slot, reach, predictions, lost):
    job = await reach(one_slot)
    assert await give_up(one_slot, job) is State.FAILED
    ended = await one_slot.jobs.get(job)
    assert (ended.job.state, ended.job.notice) == (State.FAILED, EndNotice.DUE)
    assert (ended.job.failure.key, ended.job.failure.facts["reference"]) == ("internal-error", REFERENCE)
    assert await prediction_states(one_slot, job) == predictions
    assert [(number, reason) for _, number, reason, _ in await losses(one_slot)] == lost
    assert await one_slot.balance() == UNTOUCHED
    assert await releases(one_slot, job) == 1
    await assert_ledger_is_sound(one_slot.database)


async def test_giving_up_a_failed_job_stops_its_notice_and_moves_no_credits(one_slot):
    job = await running(one_slot)
    await give_up(one_slot, job)
    assert await give_up(one_slot, job) is None
    ended = await one_slot.jobs.get(job)
    assert (ended.job.state, ended.job.notice) == (State.FAILED, EndNotice.KEPT)
    assert await releases(one_slot, job) == 1
    assert await losses(one_slot) == [(job, 1, "failed", PRICE_MCR)]


async def test_picture_ready_when_its_job_is_given_up_is_the_operators_loss(one_slot):
    await one_slot.start()
    job = await one_slot.order(imagine(model=ONE_PICTURE, count=2))
    first, _ = await one_slot.running(job)
    one_slot.provider.succeed(first)

    async def one_is_ready():
        return await prediction_states(one_slot, job) == ["running", "succeeded"]

    await one_slot.until(one_is_ready, step_s=0.25)
    await give_up(one_slot, job)
    assert [(number, reason) for _, number, reason, _ in await losses(one_slot)] == [(1, "withheld"), (2, "failed")]
    assert await one_slot.balance() == UNTOUCHED


async def test_job_given_up_while_collecting_fails_and_charges_nothing(one_slot):
    job = await collecting(one_slot)
    assert await give_up(one_slot, job) is State.FAILED
    assert await one_slot.balance() == UNTOUCHED
    assert await releases(one_slot, job) == 1
    assert await prediction_states(one_slot, job) == ["succeeded"]
    await assert_ledger_is_sound(one_slot.database)


async def test_job_given_up_while_collecting_shows_and_offers_no_result(one_slot):
    # Two results, because the row of a single one is written together with the charge.
    job = await stopped_at(one_slot, Checkpoint.COLLECTED, imagine(count=2))
    assert len((await one_slot.jobs.get(job)).artefacts) == 2
    await give_up(one_slot, job)
    assert (await one_slot.jobs.get(job)).artefacts == ()


async def test_runs_of_a_job_given_up_while_collecting_are_the_operators_loss(one_slot):
    job = await collecting(one_slot)
    await give_up(one_slot, job)
    assert await losses(one_slot) == [(job, 1, "withheld", PRICE_MCR)]


async def test_paid_result_that_cannot_be_shown_is_kept_and_stays_paid(one_slot):
    job = await delivering(one_slot)
    assert await give_up(one_slot, job) is State.UNDELIVERED
    kept = await one_slot.jobs.get(job)
    assert kept.job.notice is EndNotice.KEPT
    assert len(kept.artefacts) == 1
    assert await one_slot.balance() == PAID
    assert await releases(one_slot, job) == 0
    assert await losses(one_slot) == []
    await assert_ledger_is_sound(one_slot.database)


async def test_finished_job_is_not_ended_again(world):
    world.provider.auto = True
    done = await world.finish(await world.order())
    assert await give_up(world, done.job.id) is None
    assert await world.state(done.job.id) is State.DONE
    assert await world.balance() == PAID


async def test_job_whose_card_check_keeps_failing_is_ended(world):
    async def card(job):
        raise RuntimeError(BUG)

    world.messenger.card = card
    job = (await world.accept(imagine(), world.origin())).job.id
    await world.jobs.card_unclear(job)
    failed = await world.finish(job, step_s=10)
    assert failed.job.failure.key == "internal-error"
    assert await world.balance() == UNTOUCHED
    assert await releases(world, job) == 1


async def test_downloads_that_fail_because_of_a_bug_end_the_job_without_charge(world):
    world.provider.auto = True
    world.provider.on_download = [RuntimeError(BUG)] * STUCK_TRIES
    job = await world.order()
    failed = await world.finish(job, step_s=10)
    assert failed.job.state is State.FAILED
    assert failed.job.failure.key == "internal-error"
    assert len(world.provider.downloads_made) == STUCK_TRIES
    assert await world.balance() == UNTOUCHED
    assert await releases(world, job) == 1


async def test_download_that_works_on_the_last_try_is_delivered(world):
    world.provider.auto = True
    world.provider.on_download = [RuntimeError(BUG)] * (STUCK_TRIES - 1)
    done = await world.finish(await world.order(), step_s=10)
    assert done.job.state is State.DONE
    assert await world.balance() == PAID


async def test_delivery_that_fails_because_of_a_bug_keeps_the_result(world):
    world.provider.auto = True
    world.messenger.on_deliver = [RuntimeError(BUG)] * STUCK_TRIES
    kept = await world.finish(await world.order(), step_s=10)
    assert (kept.job.state, kept.job.notice) == (State.UNDELIVERED, EndNotice.KEPT)
    assert await world.balance() == PAID


async def test_notice_of_a_failure_is_not_retried_forever(world):
    world.messenger.on_deliver = [RuntimeError(BUG)] * STUCK_TRIES
    job = await world.order()
    (run,) = await world.running(job)
    world.provider.fail(run)
    failed = await world.finish(job, step_s=10)
    assert (failed.job.state, failed.job.notice) == (State.FAILED, EndNotice.KEPT)
    assert world.messenger.on_deliver == []
    assert await releases(world, job) == 1
