"""Tests that stop the process at each checkpoint; the next process finishes the job correctly."""

import asyncio

import pytest

from bot.catalogue.catalogue import Catalogue
from bot.catalogue.order import FileRole, InputFile, Order, Task
from bot.errors import InputRejected, ProviderBusy
from bot.jobs.checkpoints import Checkpoint
from bot.jobs.ports import CardState, FoundCard
from bot.jobs.records import Receipt, Rung, State
from bot.jobs.store import job_rows
from tests.invariants import assert_ledger_is_sound
from tests.paid_checkpoints import PAID_CHECKPOINTS
from tests.unit.jobs.fakes import DM_CHANNEL, picture
from tests.unit.jobs.world import CHANNEL, KEY, MEMBER, START_MCR, UNTOUCHED, StopAt, World, imagine, limited

PRICE_MCR = 75_000
PAID = (START_MCR - PRICE_MCR, 0, PRICE_MCR)
OTHER_KEY = b"D" * 43 + b"="
TWICE = "black-forest-labs/flux-kontext-dev"
"""A model that makes one picture per run, so that two pictures need two creates."""


@pytest.fixture
async def stopped(tmp_path):
    """Return a world whose Jobs the test itself builds and starts."""
    world = await World.open(tmp_path)
    world.provider.auto = world.provider.lists = True
    yield world
    await world.close()


async def killed_at(world, step, order=None):
    """Run an order until the process stops at a checkpoint, and start another process; return the job's id."""
    watch = StopAt(step)
    world.build(watch)
    await world.start()

    async def ask():
        accepted = await world.accept(order or imagine(), world.origin(7))
        await world.jobs.card_accepted(accepted.job.id, 900)

    asking = asyncio.create_task(ask())
    await world.until(watch.hit.is_set, step_s=0.25)
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    await world.crash()
    known = await world.jobs.of_member(1_001, MEMBER)
    return known[0].job.id


@pytest.mark.parametrize("step", [Checkpoint.HELD, *PAID_CHECKPOINTS])
async def test_job_continues_after_a_restart_at_each_checkpoint(stopped, step):
    job = await killed_at(stopped, step)
    done = await stopped.finish(job)
    assert done.job.state is State.DONE
    assert await stopped.balance() == PAID
    assert len(stopped.provider.runs) == 1
    assert len(stopped.messenger.messages) == 1
    assert len(done.artefacts) == 1


async def test_create_that_may_have_been_sent_is_not_sent_again(stopped):
    job = await killed_at(stopped, Checkpoint.SUBMITTING)
    orphaned = await stopped.finish(job)
    assert orphaned.job.state is State.ORPHANED
    assert stopped.provider.runs == {}
    assert await stopped.balance() == UNTOUCHED


async def test_without_a_run_list_a_run_of_a_dead_process_is_lost(stopped):
    stopped.provider.lists = False
    job = await killed_at(stopped, Checkpoint.CREATED)
    orphaned = await stopped.finish(job)
    assert orphaned.job.state is State.ORPHANED
    assert len(stopped.provider.runs) == 1
    assert await stopped.balance() == UNTOUCHED


async def test_card_that_never_reached_discord_releases_its_hold(stopped):
    stopped.messenger.card_says = [CardState.UNCLEAR, CardState.ABSENT]
    job = await killed_at(stopped, Checkpoint.HELD)
    failed = await stopped.finish(job)
    assert failed.job.state is State.FAILED
    assert stopped.messenger.messages == {}
    assert await stopped.balance() == UNTOUCHED


async def test_card_whose_state_stays_unknown_releases_its_hold_in_the_end(stopped):
    stopped.messenger.card_says = [CardState.UNCLEAR] * 1_000
    job = await killed_at(stopped, Checkpoint.HELD)
    failed = await stopped.finish(job, step_s=10)
    assert failed.job.state is State.FAILED
    assert stopped.clock.monotonic_s() > 15 * 60
    assert await stopped.balance() == UNTOUCHED


async def test_card_that_follows_another_answer_gets_time_to_appear_before_its_member_is_told(stopped):
    stopped.messenger.card_says = [CardState.UNSENT] * 1_000
    job = await killed_at(stopped, Checkpoint.HELD)
    await stopped.clock.advance(20)
    assert await stopped.state(job) is State.ACCEPTED
    failed = await stopped.finish(job, step_s=1)
    assert failed.job.state is State.FAILED
    assert [snapshot.job.state for snapshot in stopped.messenger.delivered] == [State.FAILED]
    assert stopped.clock.monotonic_s() < 120
    assert await stopped.balance() == UNTOUCHED


@pytest.mark.parametrize("step", [Checkpoint.HELD, Checkpoint.SHOWN])
async def test_card_that_comes_to_light_after_its_jobs_end_shows_that_end(stopped, step):
    stopped.messenger.card_says = [CardState.UNSENT] * 1_000
    job = await killed_at(stopped, Checkpoint.HELD)
    await stopped.finish(job, step_s=1)
    if step is Checkpoint.SHOWN:  # killed after the card was edited, before that was recorded
        watch = StopAt(step)
        await stopped.jobs.stop()
        stopped.build(watch)
        await stopped.start()
        await stopped.jobs.card_accepted(job, 901)
        await stopped.until(watch.hit.is_set, step_s=0.25)
        await stopped.crash()
    else:
        await stopped.jobs.card_accepted(job, 901)
    await stopped.finish(job)
    assert [snapshot.job.message for snapshot in stopped.messenger.delivered] == [0, 901]
    assert await stopped.balance() == UNTOUCHED


@pytest.mark.parametrize(("rung", "channel"), [(Rung.BOT_EDIT, CHANNEL), (Rung.DM, DM_CHANNEL)])
async def test_receipt_names_the_channel_of_its_message_even_after_a_crash(stopped, rung, channel):
    stopped.messenger.rung = rung
    job = await killed_at(stopped, Checkpoint.SHOWN)
    await stopped.finish(job)
    found = await stopped.database.read(lambda: job_rows.receipt(job))
    assert found == Receipt(rung, channel, 900)
    assert len(stopped.messenger.delivered) == 1


async def test_cancel_request_survives_a_restart(stopped):
    stopped.provider.auto = False
    watch = StopAt(Checkpoint.CANCEL_ASKED)
    stopped.build(watch)
    await stopped.start()
    job = await stopped.order()
    await stopped.running(job)
    asking = asyncio.create_task(stopped.jobs.cancel(job, by=MEMBER))
    await watch.hit.wait()
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    await stopped.crash()
    assert (await stopped.finish(job)).job.state is State.CANCELLED
    assert await stopped.balance() == UNTOUCHED


async def test_failure_is_shown_by_the_next_process(stopped):
    stopped.provider.on_create = [InputRejected(detail="no")]
    job = await killed_at(stopped, Checkpoint.RELEASED)
    failed = await stopped.finish(job)
    assert failed.job.state is State.FAILED
    assert list(stopped.messenger.messages) == [job]


async def test_stopping_gives_a_create_in_progress_time_to_finish(tmp_path):
    world = await World.open(tmp_path)
    sending, answer = asyncio.Event(), asyncio.Event()
    create = world.provider.create

    async def slow(path, body, **more):
        sending.set()
        await answer.wait()
        return await create(path, body, **more)

    world.provider.create = slow
    world.limits = limited(drain_s=5)
    world.build()
    await world.start()
    job = await world.order()
    await sending.wait()
    stopping = asyncio.create_task(world.jobs.stop())
    await asyncio.sleep(0)
    answer.set()
    await stopping
    assert [item.state for item in (await world.jobs.get(job)).predictions] == ["running"]
    await assert_ledger_is_sound(world.database)
    world.build()
    await world.start()
    world.provider.auto = True
    assert (await world.finish(job)).job.state is State.DONE
    await world.close()


async def test_job_whose_token_was_encrypted_with_another_key_is_still_shown(stopped):
    stopped.key = OTHER_KEY
    job = await killed_at(stopped, Checkpoint.HELD)
    stopped.key = KEY
    await stopped.crash()
    done = await stopped.finish(job)
    assert (done.job.state, done.job.token) == (State.DONE, "")


async def test_card_being_sent_when_the_loops_start_is_not_checked_yet(tmp_path):
    world = await World.open(tmp_path)
    old = (await world.accept(imagine(), world.origin())).job.id
    world.build()
    await world.clock.advance(1)
    young = (await world.accept(imagine(), world.origin())).job.id
    world.messenger.card_says = [CardState.SHOWN, CardState.ABSENT]  # Discord has not received the second answer yet
    await world.start()
    await world.running(old)
    assert world.messenger.card_says == [CardState.ABSENT]
    assert await world.state(young) is State.ACCEPTED
    await world.jobs.card_accepted(young, 901)
    await world.running(young)
    await world.close()


@pytest.mark.timeout(60)
async def test_unsent_part_of_an_order_is_dropped_if_the_next_process_has_its_model_switched_off(
    stopped, tmp_path, monkeypatch
):
    photo = InputFile("image", FileRole.IMAGE, "cat.png", "https://cdn/cat.png", 1_000, "image/png")
    stopped.provider.files[photo.url] = picture()
    stopped.provider.on_create = ["ok", ProviderBusy(detail="throttled", retry_after_s=60)]
    await stopped.start()
    job = await stopped.order(Order(Task.EDIT, TWICE, prompt="at dusk", count=2, files=(photo,)))
    await stopped.until(lambda: not stopped.provider.on_create)
    await stopped.clock.advance(1)
    switched_off = tmp_path / "models.toml"
    switched_off.write_text(f'[models."{TWICE}"]\nenabled = false\n')
    monkeypatch.setattr("tests.unit.jobs.world.CATALOGUE", Catalogue.load(switched_off))
    stopped.provider.auto = True
    await stopped.crash()
    done = await stopped.finish(job)
    assert (done.job.state, len(done.artefacts), len(stopped.provider.runs)) == (State.DONE, 1, 1)
    assert done.job.captured_mcr == done.job.held_mcr // 2


async def test_end_that_a_progress_edit_has_overwritten_is_shown_again_after_a_restart(stopped):
    job = await killed_at(stopped, Checkpoint.SHOWN)
    stopped.messenger.ends[job] = FoundCard(CardState.SHOWN, message=900)  # the card does not show the outcome
    done = await stopped.finish(job)
    assert done.job.state is State.DONE
    assert [one.job.id for one in stopped.messenger.delivered] == [job, job]
    assert await stopped.balance() == PAID


@pytest.mark.parametrize("state", [CardState.ABSENT, CardState.UNCLEAR])
async def test_end_that_was_shown_is_not_shown_again_if_the_card_cannot_be_read(stopped, state):
    job = await killed_at(stopped, Checkpoint.SHOWN)
    stopped.messenger.ends[job] = FoundCard(state)
    assert (await stopped.finish(job)).job.state is State.DONE
    assert len(stopped.messenger.delivered) == 1
