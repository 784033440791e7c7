"""Blocks and pauses are enforced in the transaction that accepts an order, and end automatically."""

import pytest

from bot.catalogue.order import Task
from bot.errors import MemberBlocked, OrdersPaused
from bot.jobs.records import State
from bot.moderation import case_rows
from bot.moderation.case_records import CaseKind, Told
from tests.unit.jobs.world import GUILD, MEMBER, OTHER, UNTOUCHED, imagine
from tests.unit.moderation.conftest import MODERATOR
from tests.unit.moderation.test_takedown import values

HOUR_MS = 60 * 60_000


async def test_blocked_member_is_refused_with_reason_and_end_and_others_are_not(court):
    world = court.world
    until_ms = world.clock.now_ms() + HOUR_MS
    number = await court.moderation.block(court.act("spam"), MEMBER, until_ms=until_ms)
    with pytest.raises(MemberBlocked) as refused:
        await world.jobs.offer(imagine(), world.origin())
    assert refused.value.facts == {"because": "spam", "case": number, "until_at": until_ms // 1_000}
    assert await world.order(member=OTHER)
    await world.clock.advance(HOUR_MS / 1_000)
    assert await world.order()


async def test_block_between_offer_and_acceptance_refuses_the_order_and_holds_nothing(court):
    world = court.world
    offer = await world.jobs.offer(imagine(), world.origin())
    await court.moderation.block(court.act(), MEMBER, until_ms=None)
    with pytest.raises(MemberBlocked):
        await world.jobs.accept(offer)
    assert await world.balance() == UNTOUCHED
    await court.moderation.unblock(court.act(), MEMBER)
    await world.jobs.accept(offer)


async def test_block_replaces_an_earlier_one_and_its_audit_has_both(court):
    await court.moderation.block(court.act("first"), MEMBER, until_ms=None)
    await court.moderation.block(court.act("second"), MEMBER, until_ms=5)
    assert await court.moderation.unblock(court.act("sorry"), MEMBER) == 3
    assert await court.moderation.unblock(court.act("sorry"), MEMBER) is None
    kinds = [(case.number, case.kind) for case in await court.moderation.cases(GUILD, MEMBER)]
    assert kinds == [(3, CaseKind.UNBLOCK), (2, CaseKind.BLOCK), (1, CaseKind.BLOCK)]
    rows = await values(court.world, "SELECT before FROM audit ORDER BY id")
    assert rows[0][0] is None
    assert '"first"' in rows[1][0]
    assert '"second"' in rows[2][0]


@pytest.mark.parametrize(("task", "refused"), [(None, True), (Task.IMAGINE, True), (Task.VIDEO, False)])
async def test_pause_refuses_its_tasks_with_the_reason_until_it_ends(court, task, refused):
    world = court.world
    offer = await world.jobs.offer(imagine(), world.origin())
    await court.moderation.pause(court.act("a contest"), task)
    if refused:
        with pytest.raises(OrdersPaused) as error:
            await world.jobs.accept(offer)
        assert error.value.facts == {"because": "a contest", "paused": task.value if task else "everything"}
        with pytest.raises(OrdersPaused):
            await world.jobs.offer(imagine(), world.origin())
        assert await court.moderation.resume(court.act("over"), task)
    await world.jobs.accept(offer)
    assert not await court.moderation.resume(court.act("over"), Task.MUSIC)


async def test_moderators_cancel_releases_the_hold_and_tells_the_member_why(court):
    world = court.world
    job = await world.order()
    snapshot = await world.jobs.get(job)
    await court.moderation.cancel(court.act("not today"), snapshot.job)
    ended = await world.finish(job)
    assert ended.job.state is State.CANCELLED
    assert await world.balance() == UNTOUCHED
    case = await court.moderation.case(GUILD, 1)
    assert (case.kind, case.told, case.reason, case.actor) == (CaseKind.CANCEL, Told.DUE, "not today", MODERATOR)


async def test_warning_waits_for_a_member_whose_messages_are_closed_and_a_note_is_never_sent(court):
    await court.moderation.warn(court.act("be kind"), MEMBER)
    await court.moderation.note(court.act("watch"), MEMBER)
    (warning,) = await court.moderation.untold()
    await court.moderation.told(warning, Told.CLOSED)
    assert await court.moderation.untold() == ()
    untold = await court.world.database.read(lambda: case_rows.untold_of(GUILD, MEMBER))
    assert [case.reason for case in untold] == ["be kind"]
    await court.moderation.told(warning, Told.TOLD)
    assert await court.world.database.read(lambda: case_rows.untold_of(GUILD, MEMBER)) == ()


async def test_cases_are_numbered_in_each_guild(court):
    numbers = [await court.moderation.note(court.act(), MEMBER) for _ in range(3)]
    elsewhere = await court.moderation.note(type(court.act())(GUILD + 1, MODERATOR, "x"), MEMBER)
    assert (numbers, elsewhere) == ([1, 2, 3], 1)
