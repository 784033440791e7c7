"""A takedown ends every use of a result, gives credits back once, and is finished after a crash."""

import asyncio
import io

import pytest

from bot.catalogue.order import FileRole, InputFile, Order, Task
from bot.errors import FilesUnreachable, PictureBanned, ResultBanned, ResultTakenDown, SourceHidden
from bot.jobs.checkpoints import Checkpoint
from bot.jobs.records import Parent, Receipt, Relation, Rung, State
from bot.jobs.store import takedown_rows
from bot.moderation.case_records import CaseKind, Told
from bot.moderation.moderation import Act
from bot.moderation.report_records import ReportOutcome
from bot.moderation.reports import Reports
from bot.storage.operation import Statement
from sandbox.provider.drawing.painter import paint
from sandbox.provider.drawing.scenes import compose
from tests.invariants import assert_ledger_is_sound
from tests.unit.jobs.world import CHANNEL, GUILD, MEMBER, OTHER, START_MCR, UNTOUCHED, StopAt, World, imagine
from tests.unit.moderation.conftest import MODERATOR, Court

PRICE_MCR = 75_000
PAID = (START_MCR - PRICE_MCR, 0, PRICE_MCR)
KONTEXT = "black-forest-labs/flux-kontext-dev"


def scene(prompt="a fox", seed=1, kind="PNG", side=128, **how):
    """Return the bytes of a drawn picture."""
    data = io.BytesIO()
    paint(compose(prompt, seed, 1.0), (256, 256), fine=False).resize((side, side)).save(data, kind, **how)
    return data.getvalue()


async def result(world, order=None, data=None, **origin):
    """Return the id of a job whose result was shown."""
    job = await world.order(order, **origin)
    for run in await world.running(job):
        world.provider.succeed(run, data=data or scene())
    await world.reach(job, State.DONE)
    return job


def edit(source, number=1):
    file = InputFile("image", FileRole.IMAGE, "a.png", "", 1_000, "image/png", 128, 128, artefact=f"{source}/{number}")
    return Order(Task.EDIT, KONTEXT, prompt="make it blue", files=(file,))


async def values(world, sql, *more):
    def read():
        return (yield Statement(sql, *more))

    return await world.database.read(read)


async def finished(world, job):
    async def over():
        return await world.database.read(lambda: takedown_rows.left(job)) is None

    await world.until(over, step_s=1)


async def test_takedown_erases_the_file_and_the_texts_and_keeps_the_price(court):
    world = court.world
    job = await result(world, imagine("something awful and not nice"))
    file = (await world.jobs.get(job)).artefacts[0].path
    assert world.store.path(file).exists()
    done = await court.take_down(job, refund=False)
    assert (done.case, done.jobs, done.refunded_mcr) == (1, (job,), 0)
    await finished(world, job)
    assert not world.store.path(file).exists()
    stored = await values(world, "SELECT ordered, planned, captured_mcr FROM job")
    assert stored[0][2] == PRICE_MCR
    assert not any(word in f"{stored[0][:2]}" for word in ("awful", "nice"))
    assert world.messenger.deleted == [(job, CHANNEL, 900)]
    gone = await world.jobs.get(job)
    assert gone.artefacts == ()
    assert gone.job.was_removed_by_moderator
    assert await world.balance() == PAID


@pytest.mark.parametrize(("refund", "balance"), [(True, UNTOUCHED), (False, PAID)])
async def test_refund_gives_the_charge_back_once_even_if_requested_again(court, refund, balance):
    world = court.world
    job = await result(world)
    await court.take_down(job, refund=refund)
    assert await world.balance() == balance
    with pytest.raises(ResultTakenDown) as refused:
        await court.take_down(job, refund=True)
    assert refused.value.facts == {"case": 1}
    await finished(world, job)
    assert await world.balance() == balance
    assert len(await values(world, "SELECT number FROM moderation_case")) == 1


async def test_two_moderators_at_once_make_one_case_and_one_refund(court):
    job = await result(court.world)
    ends = await asyncio.gather(*(court.take_down(job) for _ in range(8)), return_exceptions=True)
    assert sum(isinstance(end, ResultTakenDown) for end in ends) == 7
    assert await court.world.balance() == UNTOUCHED
    assert len(await values(court.world, "SELECT number FROM moderation_case")) == 1


async def test_results_made_from_a_result_are_also_removed_and_refunded(court):
    world = court.world
    first = await result(world)
    await world.policy.allow(GUILD, KONTEXT, 1)
    second = await result(world, edit(first), scene("a wolf"), member=OTHER, parent=Parent(first, Relation.EDIT))
    third = await result(world, imagine("again"), scene("a bear"), parent=Parent(second, Relation.AGAIN))
    other = await result(world, imagine("else"), scene("a boat"))
    done = await court.take_down(first)
    assert len(done.jobs) == 3
    for job in (first, second, third):
        await finished(world, job)
        assert (await world.jobs.get(job)).artefacts == ()
    assert (await world.jobs.get(other)).artefacts
    assert await world.balance() == PAID
    assert await world.balance(OTHER) == UNTOUCHED
    assert len(await values(world, "SELECT look FROM banned_look")) == 3
    assert {one[0] for one in world.messenger.deleted} == {first, second, third}


async def test_job_that_uses_a_picture_by_attaching_an_earlier_result_is_found_without_lineage(court):
    world = court.world
    first = await result(world)
    await world.policy.allow(GUILD, KONTEXT, 1)
    second = await result(world, edit(first), scene("a wolf"))
    assert len((await court.take_down(first)).jobs) == 2
    await finished(world, second)
    assert await world.balance() == UNTOUCHED


async def test_running_job_is_cancelled_and_costs_nothing_even_without_refund(court):
    world = court.world
    job = await world.order()
    await world.running(job)
    await court.take_down(job, refund=False)
    await finished(world, job)
    assert await world.state(job) is State.CANCELLED
    assert await world.balance() == UNTOUCHED


async def test_result_that_is_ready_before_the_provider_stops_is_refunded_and_never_shown(court):
    world = court.world
    job = await world.order()
    world.provider.cancels = False
    (run,) = await world.running(job)
    await court.take_down(job, refund=False)
    world.provider.succeed(run, data=scene())
    await finished(world, job)
    assert world.messenger.delivered == []
    assert await world.balance() == UNTOUCHED
    await assert_ledger_is_sound(world.database)


async def test_result_is_deleted_everywhere_it_was_posted(court):
    world = court.world
    job = await result(world)
    snapshot = await world.jobs.get(job)
    for channel, message in ((6_001, 901), (6_002, 902)):
        await world.jobs.posted_again(snapshot, channel, message)
    await world.jobs.posted(job, 8_008, 903)
    await world.jobs.shown(job, Receipt(Rung.KEPT, CHANNEL, 999))  # only its reader sees that message
    await court.take_down(job)
    await finished(world, job)
    assert world.messenger.deleted == [(job, CHANNEL, 900), (job, 6_001, 901), (job, 6_002, 902), (job, 8_008, 903)]


async def test_message_that_cannot_be_deleted_now_is_tried_again_and_the_file_is_removed_anyway(court):
    world = court.world
    job = await result(world)
    world.messenger.on_delete = [False, False, True]
    await court.take_down(job)
    await finished(world, job)
    assert world.messenger.deleted == [(job, CHANNEL, 900)]
    assert (await world.jobs.get(job)).artefacts == ()


@pytest.mark.parametrize("step", [Checkpoint.LOOKS_KEPT, Checkpoint.TAKEN_DOWN])
async def test_takedown_that_was_killed_is_finished_by_the_next_process(tmp_path, step):
    world = await World.open(tmp_path)
    watch = StopAt(step)
    world.build(watch)
    await world.start()
    court = Court(world)
    job = await result(world)
    path = world.store.path((await world.jobs.get(job)).artefacts[0].path)
    await court.take_down(job)
    await world.until(watch.hit.is_set, step_s=0.25)
    await world.crash()
    await finished(world, job)
    assert not path.exists()
    assert len(await values(world, "SELECT look FROM banned_look")) == 1
    assert await world.balance() == UNTOUCHED
    await world.close()


async def test_picture_that_cannot_be_read_now_is_erased_only_when_its_look_is_known(court, monkeypatch):
    world = court.world
    job = await result(world)
    (artefact,) = (await world.jobs.get(job)).artefacts
    fetch, failures = world.store.fetch, iter(range(3))

    async def unreachable(kept, into):
        if next(failures, None) is not None:
            raise FilesUnreachable(problem="the bucket does not answer", fix="Wait")
        return await fetch(kept, into)

    monkeypatch.setattr(world.store, "fetch", unreachable)
    await court.take_down(job)
    await finished(world, job)
    assert len(await values(world, "SELECT look FROM banned_look")) == 1
    assert await world.store.size(artefact.path) is None


async def test_same_picture_is_not_shown_again_and_costs_nothing(court):
    world = court.world
    job = await result(world)
    await court.take_down(job, refund=False)
    await finished(world, job)
    again = await world.order(member=OTHER)
    (run,) = await world.running(again)
    world.provider.succeed(run, data=scene(kind="JPEG", quality=30, side=300))
    ended = await world.finish(again)
    assert ended.job.state is State.FAILED
    assert ended.job.failure.key == ResultBanned().key
    assert await world.balance(OTHER) == UNTOUCHED
    other = await result(world, imagine(), scene("a boat on the sea"), member=OTHER)
    assert (await world.jobs.get(other)).artefacts


async def test_same_picture_cannot_be_an_input_but_another_one_can(court):
    world = court.world
    await world.policy.allow(GUILD, KONTEXT, 1)
    job = await result(world)
    await court.take_down(job)
    await finished(world, job)
    for data, url, state in ((scene(kind="WEBP"), "https://a/1", State.FAILED), (scene("a sea"), "https://a/2", None)):
        world.provider.files[url] = data
        file = InputFile("image", FileRole.IMAGE, "mine.png", url, len(data), "image/png", 128, 128)
        made = await world.order(Order(Task.EDIT, KONTEXT, prompt="x", files=(file,)))
        if state is None:
            assert await world.running(made)
        else:
            ended = await world.finish(made)
            assert ended.job.failure.key == PictureBanned().key
            assert await world.balance() == UNTOUCHED


async def test_taken_down_result_cannot_be_ordered_from_even_if_the_offer_was_made_before(court):
    world = court.world
    await world.policy.allow(GUILD, KONTEXT, 1)
    job = await result(world)
    offer = await world.jobs.offer(edit(job), world.origin())
    await court.take_down(job)
    with pytest.raises(SourceHidden):
        await world.jobs.accept(offer)
    assert await world.balance() == UNTOUCHED


async def test_moderator_cannot_use_their_own_removed_result(court):
    job = await result(court.world, member=MEMBER)
    snapshot = await court.world.jobs.get(job)
    act = court.act()
    await court.moderation.take_down(type(act)(GUILD, MEMBER, "mine"), snapshot.job, refund=False)
    assert (await court.world.jobs.get(job)).job.was_removed_by_moderator


async def test_case_is_audited_and_logged_in_its_transaction(court):
    job = await result(court.world)
    await court.take_down(job, reason="gore", tells=True)
    ((action, subject, actor),) = await values(court.world, "SELECT action, subject, actor FROM audit")
    assert (action, subject, actor) == ("cases.takedown", "1", MODERATOR)
    ((kind, state),) = await values(court.world, "SELECT kind, state FROM log_entry")
    assert (kind, state) == ("takedown", "due")
    case = await court.moderation.case(GUILD, 1)
    assert (case.reason, case.member, case.told.value, case.refunded_mcr) == ("gore", MEMBER, "due", PRICE_MCR)


async def test_deletion_by_two_moderators_at_once_is_one_case_and_closes_the_report(court):
    world = court.world
    job = (await world.jobs.get(await result(world))).job
    reports = Reports(world.database, world.jobs, world.clock)
    await reports.add(job, OTHER, "a copy", link="")
    await world.jobs.removed(job.id, by=MEMBER)  # the member deletes it first, for others only
    numbers = await asyncio.gather(*(court.moderation.delete(court.act(""), job) for _ in range(8)))
    assert sorted(numbers, key=str) == [1, *[None] * 7]
    (case,) = await court.moderation.cases(GUILD, MEMBER)
    assert (case.kind, case.job, case.actor, case.told) == (CaseKind.DELETION, job.id, MODERATOR, Told.NONE)
    assert (await world.jobs.get(job.id)).job.was_removed_by_moderator
    assert [one.outcome for one in await reports.untold()] == [ReportOutcome.TAKEN_DOWN]
    assert await values(world, "SELECT subject FROM audit WHERE action = 'cases.deletion'") == [("1",)]
    assert await world.balance() == PAID


async def test_moderator_gets_nothing_back_for_their_own_result(court):
    """Moderators could make pictures, keep them, and take them down again for free."""
    world = court.world
    job = await result(world)
    await world.policy.allow(GUILD, KONTEXT, 1)
    theirs = await result(world, edit(job), scene("a wolf"), member=OTHER, parent=Parent(job, Relation.EDIT))
    act = Act(GUILD, MEMBER, "my own")
    done = await court.moderation.take_down(act, (await world.jobs.get(job)).job, refund=True)
    await finished(world, job)
    await finished(world, theirs)
    assert done.jobs == (job, theirs)
    assert done.refunded_mcr == (await world.jobs.get(theirs)).job.captured_mcr
    assert await world.balance() == PAID
    assert await world.balance(OTHER) == UNTOUCHED


async def test_moderator_pays_nothing_for_their_own_result_that_was_not_shown(court):
    world = court.world
    job = await world.order()
    await world.running(job)
    await court.moderation.take_down(Act(GUILD, MEMBER, "my own"), (await world.jobs.get(job)).job, refund=False)
    await finished(world, job)
    assert await world.balance() == UNTOUCHED
