"""Startup with a restored backup: later facts from Discord and the provider are taken over, and nobody pays twice."""

import pytest

from bot.errors import ProviderDown
from bot.jobs.ports import CardEnd, CardState, FoundCard, ShownFile
from bot.jobs.records import EndNotice, Rung, State, Visibility
from bot.jobs.store import comparison_rows
from bot.storage.operation import Statement
from tests.unit.jobs.fakes import picture
from tests.unit.jobs.world import CHANNEL, GUILD, ONE_PICTURE, OTHER, START_MCR, World, imagine, limited

PRICE_MCR = 75_000
PAID = (START_MCR - PRICE_MCR, 0, PRICE_MCR)
UNTOUCHED = (START_MCR, 0, 0)
A_DAY_S = 86_400


@pytest.fixture
async def world(tmp_path):
    """Return a world in which no loop runs on its own, and only one job runs at a time."""
    world = await World.open(tmp_path, limits=limited(running_per_member=1))
    await world.start()
    yield world
    await world.close()


async def mark_as_copy(world):
    def mark():
        yield Statement("INSERT INTO copy_mark (id) VALUES (1)")

    await world.database.run(mark)


async def restore(world, *, marked=True, after_s=A_DAY_S):
    """Stop, and start later with the same database, as after a restore: meanwhile the world has moved on."""
    await world.jobs.stop()
    if marked:
        await mark_as_copy(world)
    world.messenger.delivered.clear()
    world.messenger.notified.clear()
    world.messenger.compared.clear()
    world.runs_before = len(world.provider.runs)
    await world.clock.advance(after_s)
    world.build()
    await world.start()


def shown(world, job, *, end=CardEnd.RESULT, count=1, charged: int | None = PRICE_MCR, **more):
    """Let a job's card show its end, with pictures that only the message has."""
    files = []
    for number in range(1, count + 1):
        url = f"https://cdn/{job}/{number}.png"
        world.provider.files[url] = picture(8 + number)
        files.append(ShownFile(number, f"easel-{number}.png", url))
    files = tuple(files) if end is CardEnd.RESULT else ()
    world.messenger.ends[job] = FoundCard(
        CardState.SHOWN, message=900, channel=CHANNEL, end=end, charged_mcr=charged, files=files, **more
    )


async def running_job(world, order=None, **origin):
    job = await world.order(order, **origin)
    await world.running(job)
    return job


async def waiting_job(world, order=None, **origin):
    """Return a job that waits, because another one uses the slot."""
    await running_job(world)
    job = await world.order(order, **origin)
    await world.clock.advance(0)
    assert await world.state(job) is State.WAITING
    return job


def untouched(world, job):
    """Assert that nothing was shown or sent about a job."""
    assert job not in {snapshot.job.id for snapshot in world.messenger.delivered}
    assert job not in {told[0] for told in world.messenger.notified}


@pytest.mark.parametrize("marked", [True, False], ids=["copy by easel", "other copy"])
@pytest.mark.parametrize("make", [running_job, waiting_job])
async def test_result_on_the_card_is_taken_over_and_paid(world, make, marked):
    job = await make(world)
    shown(world, job)
    await restore(world, marked=marked)
    done = await world.finish(job)
    assert (done.job.state, done.job.notice, done.job.captured_mcr) == (State.DONE, EndNotice.SHOWN, PRICE_MCR)
    assert [artefact.number for artefact in done.artefacts] == [1]
    assert (await world.balance())[2] == PRICE_MCR
    assert len(world.provider.runs) == world.runs_before
    untouched(world, job)


async def test_several_results_are_charged_as_shown(world):
    job = await running_job(world, imagine(count=4))
    shown(world, job, count=3, charged=3 * PRICE_MCR)
    await restore(world)
    done = await world.finish(job)
    assert (done.job.captured_mcr, len(done.artefacts)) == (3 * PRICE_MCR, 3)
    assert await world.balance() == (START_MCR - 3 * PRICE_MCR, 0, 3 * PRICE_MCR)


async def test_results_that_no_longer_exist_are_paid_as_shown(world):
    job = await running_job(world, imagine(count=2))
    shown(world, job, count=2, charged=2 * PRICE_MCR)
    world.provider.files.clear()
    await restore(world)
    done = await world.finish(job)
    assert (done.job.state, done.job.captured_mcr, done.artefacts) == (State.DONE, 2 * PRICE_MCR, ())


async def test_charge_never_exceeds_the_hold(world):
    job = await running_job(world)
    shown(world, job, charged=10 * PRICE_MCR)
    await restore(world)
    assert (await world.finish(job)).job.captured_mcr == PRICE_MCR
    assert await world.balance() == PAID


async def test_unreadable_price_is_taken_from_the_results(world):
    job = await running_job(world, imagine(count=4))
    shown(world, job, count=2, charged=None)
    await restore(world)
    assert (await world.finish(job)).job.captured_mcr == 2 * PRICE_MCR


@pytest.mark.parametrize(("end", "state"), [(CardEnd.FAILED, State.FAILED), (CardEnd.CANCELLED, State.CANCELLED)])
async def test_failure_on_the_card_is_taken_over_and_released(world, end, state):
    job = await running_job(world)
    shown(world, job, end=end)
    await restore(world)
    over = await world.finish(job)
    assert (over.job.state, over.job.failure.key, over.job.notice) == (state, "ended-unrecorded", EndNotice.SHOWN)
    assert await world.balance() == UNTOUCHED
    untouched(world, job)


async def test_end_that_was_due_to_be_shown_is_not_shown_again(world):
    job = await running_job(world)
    world.messenger.on_deliver = [RuntimeError("stopped here")] * 100
    world.provider.succeed("run1")
    await world.reach(job, State.DELIVERING)
    world.messenger.on_deliver.clear()
    shown(world, job)
    await restore(world)
    done = await world.finish(job)
    assert (done.job.state, done.job.notice) == (State.DONE, EndNotice.SHOWN)
    assert await world.balance() == PAID
    untouched(world, job)


async def test_waiting_job_that_ran_after_the_backup_adopts_its_run(world):
    world.provider.lists = True
    job = await waiting_job(world, imagine("another"))
    await world.provider.create(
        f"/v1/models/{(await world.jobs.get(job)).job.order.model}/predictions",
        (await world.jobs.get(job)).job.plan.requests[0].body,
    )
    world.provider.auto = True
    await restore(world, after_s=600)
    done = await world.finish(job)
    assert done.job.state is State.DONE
    assert len(world.provider.runs) == world.runs_before == 2


async def test_waiting_job_that_the_provider_does_not_list_runs_now(world):
    world.provider.lists = True
    job = await waiting_job(world, imagine("another"))
    world.provider.auto = True
    await restore(world)
    assert (await world.finish(job)).job.state is State.DONE
    assert len(world.provider.runs) == world.runs_before + 1


async def test_waiting_job_is_not_sent_if_it_may_have_been_sent_already(world):
    job = await waiting_job(world)
    await restore(world)
    assert (await world.finish(job)).job.state is State.ORPHANED
    assert len(world.provider.runs) == world.runs_before
    assert (await world.balance())[2] == 0


async def test_waiting_job_ends_if_the_provider_fails_until_its_deadline(world):
    job = await waiting_job(world)

    async def failing(_since_ms):
        raise ProviderDown(detail="502")

    world.provider.recent = failing
    await restore(world)
    await world.clock.advance(60)
    assert await world.state(job) is State.WAITING
    assert (await world.finish(job, step_s=60)).job.state is State.ORPHANED
    assert len(world.provider.runs) == world.runs_before


async def test_waiting_job_survives_a_long_downtime(world):
    """Without a sign of a restore, a job continues as after any restart, even if the provider has no list."""
    job = await waiting_job(world)
    world.provider.auto = True
    await restore(world, marked=False)
    assert (await world.finish(job)).job.state is State.DONE


async def test_edit_after_the_last_stored_time_shows_a_restore(world):
    job = await waiting_job(world)
    later_ms = world.clock.now_ms() + 600_000
    world.messenger.ends[job] = FoundCard(CardState.SHOWN, message=900, channel=CHANNEL, edited_ms=later_ms)
    await restore(world, marked=False)
    assert (await world.finish(job)).job.state is State.ORPHANED
    assert len(world.provider.runs) == world.runs_before


async def test_one_card_that_proves_a_restore_counts_for_private_jobs(world):
    public = await running_job(world)
    private = await world.order(visibility=Visibility.PRIVATE)
    world.messenger.ends[private] = FoundCard(CardState.ABSENT)
    shown(world, public)
    await restore(world, marked=False)
    assert (await world.finish(private)).job.state is State.ORPHANED
    assert (await world.finish(public)).job.state is State.DONE
    assert len(world.provider.runs) == world.runs_before


async def test_results_in_the_store_are_taken_over_without_a_card(world):
    job = await waiting_job(world, visibility=Visibility.PRIVATE)
    world.messenger.ends[job] = FoundCard(CardState.ABSENT)
    with world.store.temporary() as temporary:
        temporary.write_bytes(picture())
        await world.store.keep(temporary, name=f"{job}-1.png")
    await restore(world, marked=False)
    kept = await world.finish(job)
    assert (kept.job.state, kept.job.captured_mcr, len(kept.artefacts)) == (State.UNDELIVERED, PRICE_MCR, 1)
    assert len(world.provider.runs) == world.runs_before
    untouched(world, job)


async def test_job_waits_until_discord_can_be_reached(world):
    job = await running_job(world)
    world.messenger.ends[job] = FoundCard(CardState.UNCLEAR)
    world.provider.succeed("run1")
    await restore(world)
    await world.clock.advance(300)
    assert await world.state(job) is State.RUNNING
    untouched(world, job)
    shown(world, job)
    assert (await world.finish(job)).job.state is State.DONE
    assert await world.balance() == PAID


async def test_comparison_survives_another_crash(world):
    job = await running_job(world)
    world.messenger.ends[job] = FoundCard(CardState.UNCLEAR)
    world.provider.fail("run1")
    await restore(world)
    await world.clock.advance(10)
    await world.crash()
    await world.clock.advance(10)
    shown(world, job)
    assert (await world.finish(job)).job.state is State.DONE
    assert await world.balance() == PAID
    untouched(world, job)


async def test_due_pings_in_a_backup_are_dropped(world):
    job = await running_job(world)

    def due():
        yield Statement("INSERT INTO notification (job, way, state, due_ms) VALUES ($1, 'ping', 'due', 1)", job)

    await world.jobs.stop()
    await world.database.run(due)
    shown(world, job)
    await restore(world)
    await world.finish(job)
    await world.clock.advance(60)
    assert world.messenger.notified == []


async def test_normal_restart_reads_one_card(world):
    running = await running_job(world)
    await world.clock.advance(1)
    waiting = await world.order()
    private = await world.order(visibility=Visibility.PRIVATE)
    world.provider.auto = True
    await restore(world, marked=False, after_s=60)
    for job in (running, waiting, private):
        assert (await world.finish(job)).job.state is State.DONE
    assert world.messenger.compared == [running]


async def test_normal_restart_without_open_cards_reads_none(world):
    await world.accept(imagine(), world.origin())
    await restore(world, marked=False, after_s=60)
    await world.clock.advance(5)
    assert world.messenger.compared == []


async def test_normal_restart_does_not_wait_for_discord(world):
    job = await running_job(world)
    world.messenger.ends[job] = FoundCard(CardState.UNCLEAR)
    world.provider.auto = True
    await restore(world, marked=False, after_s=60)
    assert (await world.finish(job)).job.state is State.DONE


@pytest.mark.parametrize("after_s", [60, A_DAY_S])
async def test_card_that_cannot_be_read_does_not_hold_up_its_job(world, after_s):
    job = await running_job(world)

    async def failing(_job):
        raise KeyError("a message of another kind")

    world.messenger.find_end = failing
    world.provider.auto = True
    await restore(world, marked=False, after_s=after_s)
    assert (await world.finish(job)).job.state is State.DONE


@pytest.mark.parametrize("after_s", [5, A_DAY_S])
async def test_job_that_cannot_be_read_is_left_out_and_does_not_hold_up_the_others(world, after_s):
    bad = await running_job(world)
    good = (await world.accept(imagine(), world.origin(member=OTHER))).job.id  # it has no card to look at instead

    def damage():
        yield Statement("UPDATE job SET planned = 'not json' WHERE id = $1", bad)

    await world.database.run(damage)
    world.provider.auto = True
    await restore(world, marked=False, after_s=after_s)
    assert (await world.finish(good)).job.state is State.DONE
    assert await world.database.read(lambda: comparison_rows.of_job(bad)) is None  # so it can be given up


async def test_one_card_shows_for_all_jobs_that_the_database_is_a_recent_copy(world):
    first = await running_job(world)
    second = await world.order()
    shown(world, first)
    shown(world, second)
    await restore(world, marked=False, after_s=5)
    for job in (first, second):
        assert (await world.finish(job)).job.captured_mcr == PRICE_MCR
        untouched(world, job)
    assert len(world.provider.runs) == world.runs_before


async def test_long_downtime_reads_the_card_of_each_open_job_once(world):
    job = await running_job(world)
    world.provider.auto = True
    await restore(world, marked=False)
    assert (await world.finish(job)).job.state is State.DONE
    assert world.messenger.compared == [job]


async def test_mark_of_a_copy_counts_once(world):
    job = await running_job(world)
    await restore(world, after_s=1)
    await world.clock.advance(1)
    assert world.messenger.compared == [job]
    waiting = await world.order()
    await restore(world, marked=False, after_s=1)
    world.provider.auto = True
    assert (await world.finish(waiting)).job.state is State.DONE


async def test_results_of_models_that_make_one_at_a_time_are_assigned_to_their_runs(world):
    job = await running_job(world, imagine(model=ONE_PICTURE, count=2))
    quote_mcr = (await world.jobs.get(job)).job.held_mcr
    shown(world, job, count=2, charged=quote_mcr)
    await restore(world)
    done = await world.finish(job)
    assert [artefact.prediction for artefact in done.artefacts] == [1, 2]
    assert {run.state for run in done.predictions} == {"succeeded"}


async def test_receipt_names_the_message_that_shows_the_end(world):
    job = await running_job(world)
    shown(world, job, rung=Rung.NEW_MESSAGE)
    await restore(world)
    await world.finish(job)
    assert (await world.jobs.of_message(GUILD, 900)).job.id == job


async def kept_job(world):
    """Return a job whose end could not be shown on its card, because a permission was missing."""
    world.messenger.rung, world.messenger.refusal = Rung.BOT_EDIT, "50013"
    world.messenger.on_deliver = [None] * 1_000
    job = await running_job(world)
    world.provider.succeed(next(reversed(world.provider.runs)))

    async def is_kept():
        return (await world.jobs.get(job)).job.notice is EndNotice.KEPT

    await world.until(is_kept, step_s=0.25)
    return job


async def test_card_that_was_corrected_after_the_backup_is_not_edited_or_announced_again(world):
    job = await kept_job(world)
    shown(world, job)
    world.messenger.on_deliver = []
    await restore(world)
    await world.clock.advance(8 * 3_600)
    snapshot = await world.jobs.get(job)
    assert (snapshot.job.state, snapshot.job.notice) == (State.DONE, EndNotice.SHOWN)
    assert world.messenger.delivered == []
    assert world.messenger.notified == []


@pytest.mark.parametrize("after_s", [60, A_DAY_S])
async def test_card_that_is_still_wrong_after_a_restart_is_corrected(world, after_s):
    job = await kept_job(world)
    world.messenger.on_deliver = []
    await restore(world, marked=after_s == A_DAY_S, after_s=after_s)
    await world.reach(job, State.DONE, step_s=60)
    assert [snapshot.job.id for snapshot in world.messenger.delivered] == [job]
