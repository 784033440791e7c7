"""Tests of each transition of a job, with its ledger transfers."""

import pytest

from bot.errors import (
    ContentFiltered,
    InputRejected,
    ModelUnavailable,
    ProviderBusy,
    ProviderDown,
    ProviderOutOfFunds,
    ProviderUnauthorized,
)
from bot.jobs.records import EndNotice, Receipt, Rung, State
from tests.unit.jobs.world import GUILD, MEMBER, ONE_PICTURE, OTHER, START_MCR, imagine

pytestmark = pytest.mark.usefixtures("each_driver")

SCHNELL_MCR = 75_000


async def test_order_is_shown_once_and_charged_once(world):
    world.provider.auto = True
    done = await world.finish(await world.order())
    assert done.job.state is State.DONE
    assert done.job.captured_mcr == SCHNELL_MCR
    assert [artefact.media for artefact in done.artefacts] == ["image/png"]
    assert done.predictions[0].seed == 7
    assert len(world.messenger.messages) == 1
    assert await world.balance() == (START_MCR - SCHNELL_MCR, 0, SCHNELL_MCR)


async def test_accepted_job_has_a_hold_and_is_not_submitted_yet(world):
    accepted = await world.accept(imagine(), world.origin())
    await world.clock.advance(1)
    assert accepted.job.state is State.ACCEPTED
    assert accepted.balance_mcr == START_MCR - SCHNELL_MCR
    assert await world.balance() == (START_MCR - SCHNELL_MCR, SCHNELL_MCR, 0)
    assert world.provider.runs == {}


async def test_same_interaction_returns_the_same_job(world):
    first = await world.accept(imagine(), world.origin(7))
    again = await world.accept(imagine(), world.origin(7))
    assert again.job.id == first.job.id
    assert await world.balance() == (START_MCR - SCHNELL_MCR, SCHNELL_MCR, 0)


async def test_card_refused_by_discord_releases_the_hold_and_shows_nothing(world):
    accepted = await world.accept(imagine(), world.origin())
    await world.jobs.card_refused(accepted.job.id)
    failed = await world.jobs.get(accepted.job.id)
    assert (failed.job.state, failed.job.notice) == (State.FAILED, EndNotice.NONE)
    assert world.messenger.messages == {}
    assert await world.balance() == (START_MCR, 0, 0)


async def test_failed_run_costs_nothing_and_is_shown(world):
    job = await world.order()
    (run,) = await world.running(job)
    world.provider.fail(run, "NSFW content detected")
    failed = await world.finish(job)
    assert failed.job.state is State.FAILED
    assert failed.job.failure.key == ContentFiltered().key
    assert failed.job.notice is EndNotice.SHOWN
    assert world.messenger.messages[job].job.failure == failed.job.failure
    assert await world.balance() == (START_MCR, 0, 0)


async def test_three_of_four_pictures_are_charged_as_three(world):
    job = await world.order(imagine(count=4))
    (run,) = await world.running(job)
    world.provider.succeed(run, outputs=3)
    done = await world.finish(job)
    assert done.job.state is State.DONE
    assert len(done.artefacts) == 3
    assert await world.balance() == (START_MCR - 3 * SCHNELL_MCR, 0, 3 * SCHNELL_MCR)


async def test_one_picture_model_gets_one_prediction_per_picture(world):
    job = await world.order(imagine(model=ONE_PICTURE, count=4))
    runs = await world.running(job)
    assert len(set(runs)) == 4
    for run in runs[:3]:
        world.provider.succeed(run)
    world.provider.fail(runs[3])
    done = await world.finish(job)
    held = done.job.held_mcr
    assert done.job.captured_mcr == held * 3 // 4
    assert [artefact.number for artefact in done.artefacts] == [1, 2, 3]
    assert await world.balance() == (START_MCR - held * 3 // 4, 0, held * 3 // 4)


async def test_result_that_is_not_a_picture_is_not_charged(world):
    job = await world.order()
    (run,) = await world.running(job)
    world.provider.succeed(run, data=b"\x89PNG broken")
    failed = await world.finish(job)
    assert failed.job.failure.key == "result-unusable"
    assert await world.balance() == (START_MCR, 0, 0)


async def test_expired_output_is_left_out_and_not_charged(world):
    job = await world.order(imagine(count=2))
    (run,) = await world.running(job)
    world.provider.succeed(run)
    del world.provider.files[f"https://files/{run}/0.png"]
    done = await world.finish(job)
    assert [artefact.number for artefact in done.artefacts] == [2]
    assert done.job.captured_mcr == SCHNELL_MCR


async def test_interrupted_download_is_retried(world):
    world.provider.auto = True
    world.provider.on_download = [ProviderDown(detail="reset"), ProviderBusy(detail="429", retry_after_s=1)]
    done = await world.finish(await world.order())
    assert done.job.state is State.DONE
    assert len(world.provider.downloads_made) == 3


async def test_download_that_never_works_releases_the_hold(world):
    world.provider.auto = True
    world.provider.on_download = [ProviderDown(detail="reset")] * 1_000
    failed = await world.finish(await world.order(), step_s=20)
    assert failed.job.failure.key == "provider-down"
    assert await world.balance() == (START_MCR, 0, 0)


async def test_busy_provider_makes_the_job_wait_again(world):
    world.provider.auto = True
    world.provider.on_create = [ProviderBusy(detail="throttled", retry_after_s=9)]
    job = await world.order()

    async def waits_again():
        snapshot = await world.jobs.get(job)
        return snapshot.job.state is State.WAITING and not world.provider.on_create

    await world.until(waits_again)
    assert await world.balance() == (START_MCR - SCHNELL_MCR, SCHNELL_MCR, 0)
    await world.clock.advance(8)
    assert world.provider.runs == {}
    done = await world.finish(job)
    assert done.job.state is State.DONE
    assert len(world.provider.runs) == 1


async def test_creates_refused_by_a_busy_provider_are_sent_later(world):
    world.provider.auto = True
    world.provider.on_create = ["ok", ProviderBusy(detail="throttled", retry_after_s=3)]
    done = await world.finish(await world.order(imagine(model=ONE_PICTURE, count=2)))
    assert len(done.artefacts) == 2
    assert len(world.provider.runs) == 2


async def test_permanently_refused_create_fails_at_once_and_costs_nothing(world):
    for error in (
        InputRejected(detail="prompt is required"),
        ModelUnavailable(detail="no such version"),
        ProviderOutOfFunds(detail="402"),
        ProviderUnauthorized(detail="401"),
    ):
        world.provider.on_create = [error]
        failed = await world.finish(await world.order())
        assert failed.job.failure.key == error.key
    assert await world.balance() == (START_MCR, 0, 0)
    assert world.provider.runs == {}


async def test_undeliverable_result_is_paid_kept_and_offered(world):
    world.provider.auto = True
    world.messenger.on_deliver = [None]
    kept = await world.finish(await world.order())
    assert kept.job.state is State.UNDELIVERED
    assert (await world.balance())[2] == SCHNELL_MCR
    offered = await world.jobs.undelivered(GUILD, MEMBER)
    assert [snapshot.job.id for snapshot in offered] == [kept.job.id]
    assert await world.jobs.undelivered(GUILD, OTHER) == ()


async def test_undelivered_result_that_is_shown_later_is_done(world):
    world.provider.auto = True
    world.messenger.on_deliver = [None]
    kept = await world.finish(await world.order())
    await world.jobs.shown(kept.job.id, Receipt(Rung.KEPT, 1, 2))
    assert await world.state(kept.job.id) is State.DONE
    assert await world.jobs.undelivered(GUILD, MEMBER) == ()
    assert (await world.balance())[2] == SCHNELL_MCR


async def test_failure_that_cannot_be_shown_is_kept(world):
    world.messenger.on_deliver = [None]
    world.provider.on_create = [InputRejected(detail="no")]
    failed = await world.finish(await world.order())
    assert (failed.job.state, failed.job.notice) == (State.FAILED, EndNotice.KEPT)


async def test_progress_is_shown_during_a_run(world):
    job = await world.order()
    (run,) = await world.running(job)
    world.provider.runs[run].step = 3

    def shown():
        return any(snapshot.predictions[0].step == 3 for snapshot in world.messenger.progressed)

    await world.until(shown, step_s=0.5)
    world.provider.succeed(run)
    assert (await world.finish(job)).job.state is State.DONE


async def test_jobs_are_found_by_their_short_ids(world):
    job = await world.order()
    short_id = (await world.jobs.get(job)).job.short_id
    typed = f" {short_id.lower().replace('-', ' ')} "
    assert (await world.jobs.find(GUILD, typed)).job.id == job
