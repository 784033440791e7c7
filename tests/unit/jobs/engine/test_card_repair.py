"""An end that could not be shown on its public card is shown there later, with bounded effort."""

from itertools import pairwise

import pytest

from bot.errors import InputRejected
from bot.jobs.engine import list_sweep, loops, poll, queue_cards, uptime
from bot.jobs.engine.card_repair import LONGEST_PAUSE_MS, CardRepair
from bot.jobs.records import EndNotice, Rung, State, Visibility
from bot.jobs.store.kept_cards import MAY_PASS, REPAIRED_FOR_MS
from bot.storage.operation import Statement
from tests.unit.jobs.world import CHANNEL, GUILD, imagine

HOUR_S = 3_600


def refuse(world, times, outcome="50013"):
    world.provider.auto = True
    world.messenger.rung = Rung.BOT_EDIT
    world.messenger.refusal = outcome
    world.messenger.on_deliver = [None] * times


async def kept(world, *, times=1, outcome="50013", **origin):
    """Return a job whose end was refused, so that it was kept."""
    refuse(world, times, outcome)
    job = await world.order(**origin)

    async def is_kept():
        return (await world.jobs.get(job)).job.notice is EndNotice.KEPT

    await world.until(is_kept, step_s=0.25)
    return job


@pytest.mark.parametrize("outcome", MAY_PASS)
async def test_end_that_was_refused_for_a_reason_that_may_pass_is_shown_later(world, outcome):
    job = await kept(world, outcome=outcome)
    await world.reach(job, State.DONE, step_s=10)
    assert (await world.jobs.get(job)).job.notice is EndNotice.SHOWN
    assert len(world.messenger.delivered) == 1


@pytest.mark.parametrize("outcome", ["10008", "10003", "200000", "50027", "50035", "too-large"])
async def test_end_that_was_permanently_refused_stays_kept(world, outcome):
    job = await kept(world, outcome=outcome)
    world.jobs.permissions_changed(GUILD)
    await world.clock.advance(HOUR_S)
    assert await world.state(job) is State.UNDELIVERED
    assert world.messenger.delivered == []


async def test_failure_can_also_be_shown_later(world):
    refuse(world, 1)
    world.provider.on_create = [InputRejected(detail="no")]
    job = await world.order()
    await world.until(lambda: world.messenger.delivered, step_s=10)
    assert world.messenger.delivered[0].job.state is State.FAILED
    assert (await world.finish(job)).job.notice is EndNotice.SHOWN


@pytest.mark.parametrize("visibility", [Visibility.PRIVATE, Visibility.DM])
async def test_private_end_is_not_tried_again(world, visibility):
    job = await kept(world, visibility=visibility)
    await world.clock.advance(HOUR_S)
    assert await world.state(job) is State.UNDELIVERED


async def test_pauses_between_tries_double_up_to_six_hours(world, monkeypatch):
    tried = []
    deliver = world.messenger.deliver

    async def noted(snapshot, log):
        tried.append(world.clock.monotonic_s())
        return await deliver(snapshot, log)

    monkeypatch.setattr(world.messenger, "deliver", noted)
    # No other loop deals with the card.
    monkeypatch.setattr(uptime, "EVERY_S", HOUR_S)
    monkeypatch.setattr(list_sweep, "BEAT_S", HOUR_S)
    for module in (loops, poll, queue_cards):
        monkeypatch.setattr(module, "LOOK_AGAIN_S", HOUR_S)
    await kept(world, times=1_000)
    await world.clock.advance(20 * HOUR_S)
    pauses = [after - before for before, after in pairwise(tried)]
    assert pauses[:6] == pytest.approx([60, 60, 120, 240, 480, 960], rel=0.05)
    assert all(pause <= LONGEST_PAUSE_MS / 1_000 * 1.01 for pause in pauses)
    assert len(tried) < 15


async def test_card_is_left_alone_after_a_week(world):
    job = await kept(world)
    await world.jobs.stop()
    world.clock._elapsed_s += REPAIRED_FOR_MS / 1_000
    world.build()
    await world.start()
    world.jobs.permissions_changed(GUILD)
    await world.clock.advance(HOUR_S)
    assert await world.state(job) is State.UNDELIVERED


async def test_restart_finds_the_cards_again_and_keeps_their_pauses(world):
    job = await kept(world)
    await world.clock.advance(20)
    await world.crash()
    await world.clock.advance(20)
    assert world.messenger.delivered == []
    await world.reach(job, State.DONE, step_s=5)
    assert world.clock.monotonic_s() < 120


async def test_change_of_permissions_before_the_refusal_is_remembered_causes_a_quick_retry(world, monkeypatch):
    remember = CardRepair.kept

    async def changed_meanwhile(repair, job):
        world.jobs.permissions_changed(GUILD)
        await remember(repair, job)

    monkeypatch.setattr(CardRepair, "kept", changed_meanwhile)
    job = await kept(world)
    await world.clock.advance(20)
    assert await world.state(job) is State.DONE


async def test_changed_permissions_cause_a_quick_retry_but_not_constant_retries(world):
    await kept(world, times=1_000)
    before = len(world.messenger.refused)
    for _ in range(60):
        world.jobs.permissions_changed(GUILD)
        await world.clock.advance(1)
    assert 3 <= len(world.messenger.refused) - before <= 7


async def test_only_cards_in_the_same_server_and_channel_are_tried(world):
    job = await kept(world)
    await world.clock.advance(15)
    world.jobs.permissions_changed(GUILD + 1)
    await world.jobs.offer(imagine(), world.origin(channel=CHANNEL + 1))
    await world.clock.advance(1)
    assert await world.state(job) is State.UNDELIVERED
    await world.jobs.offer(imagine(), world.origin())
    await world.clock.advance(1)
    assert await world.state(job) is State.DONE


async def test_result_without_files_is_not_tried(world):
    job = await kept(world)
    await world.clock.advance(1)

    def remove():
        yield Statement("UPDATE artefact SET removed_ms = 1 WHERE job = $1", job)

    await world.database.run(remove)
    await world.clock.advance(HOUR_S)
    assert await world.state(job) is State.UNDELIVERED
    assert len(world.messenger.refused) == 1
