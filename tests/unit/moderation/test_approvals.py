"""Orders that wait for a moderator: one decision counts, and the credits agree with it."""

import asyncio
from dataclasses import replace

import pytest

from bot.errors import ApprovalDecided, ApprovalForbidden, DeadlinePassed, NotAllowed
from bot.jobs.checkpoints import Checkpoint
from bot.jobs.money import approvals
from bot.jobs.records import State
from bot.jobs.waits import WaitReason
from bot.moderation.moderation import Act, Moderation
from bot.moderation.order_decisions import OrderDecisions
from bot.policy.policy_records import ApprovalRule
from bot.policy.rule_book import RuleBook
from bot.storage.operation import Statement
from tests.invariants import assert_ledger_is_sound
from tests.unit.jobs.world import CATALOGUE, GUILD, MEMBER, START_MCR, UNTOUCHED, StopAt, World, imagine, limited

MODERATOR = 77
PRICE_MCR = 75_000


@pytest.fixture
async def world(tmp_path):
    # Less than a day, because advancing the clock takes time, but longer than a job may wait for its turn.
    world = await World.open(tmp_path, limits=replace(limited(), approval_s=40 * 60))
    await RuleBook(world.database, world.policy, CATALOGUE, world.clock).add_approval(
        GUILD, ApprovalRule(fewer_than_jobs=1), by=1
    )
    await world.start()
    yield world
    await world.close()


def lane(world):
    return OrderDecisions(world.database, world.policy, world.jobs, world.clock, world.limits)


async def test_64_presses_of_approve_submit_the_order_once(world):
    job = await world.order()
    await world.clock.advance(60)
    snapshot = await world.jobs.get(job)
    assert snapshot.wait is not None
    assert (snapshot.wait.reason, world.provider.runs) == (WaitReason.APPROVAL, {})
    presses = (lane(world).approve(GUILD, job, by, is_admin=False) for by in range(3_000, 3_064))
    results = await asyncio.gather(*presses, return_exceptions=True)
    told = [one for one in results if isinstance(one, BaseException)]
    assert {type(one) for one in told} == {ApprovalDecided}
    assert len(told) == 63
    (run,) = await world.running(job)
    world.provider.succeed(run)
    await world.finish(job)
    another = await world.order(imagine("another"))  # the member is no longer new
    await world.running(another)


async def test_approve_cancel_and_deny_at_once_have_one_outcome(world):
    for number in range(8):
        job = await world.order(imagine(f"{number}"))
        decisions = lane(world)
        calls = [
            decisions.approve(GUILD, job, MODERATOR, is_admin=False),
            world.jobs.cancel(job, by=MEMBER),
            decisions.deny(GUILD, job, MODERATOR, "no"),
        ]
        await asyncio.gather(*(calls[number % 3 :] + calls[: number % 3]), return_exceptions=True)
        if await world.state(job) in {State.WAITING, State.RUNNING}:
            await world.jobs.cancel(job, by=MEMBER)
            await world.clock.advance(300)
        assert await world.state(job) in {State.CANCELLED, State.FAILED}
    assert (await world.balance())[0] == UNTOUCHED[0]


async def test_deadline_and_approve_at_once_leave_one_winner_for_each_of_64_orders(world):
    jobs = [await world.order(imagine(f"{number}")) for number in range(64)]
    await world.jobs.stop()  # so that the test decides when deadlines are noticed
    await world.clock.advance(41 * 60)
    failure, at_ms = DeadlinePassed(waited_s=1).failure, world.clock.now_ms()

    async def expires(job, reads):
        for _ in range(reads):  # as many reads as an approval needs, more, or fewer
            await world.jobs.get(job)
        return await world.database.run(lambda: approvals.expire(job, failure, at_ms))

    async def approves(job):
        try:
            await lane(world).approve(GUILD, job, MODERATOR, is_admin=False)
        except ApprovalDecided:
            return False
        return True

    races = [asyncio.gather(approves(job), expires(job, number % 6)) for number, job in enumerate(jobs[2:], start=2)]
    won = [(await approves(jobs[0]), await expires(jobs[0], 0))]
    expired = await expires(jobs[1], 0)
    won += [(await approves(jobs[1]), expired), *await asyncio.gather(*races)]
    assert set(won[:2]) == {(True, False), (False, True)}
    assert {sum(pair) for pair in won} == {1}
    approved = [job for job, (by_moderator, _) in zip(jobs, won, strict=True) if by_moderator]
    assert {await world.state(job) for job in approved} == {State.WAITING}
    assert {await world.state(job) for job in jobs if job not in approved} == {State.EXPIRED}
    assert await world.balance() == (START_MCR - len(approved) * PRICE_MCR, len(approved) * PRICE_MCR, 0)
    await assert_ledger_is_sound(world.database)
    for job in approved[1:]:
        await world.jobs.cancel(job, by=MEMBER)
    world.build()
    await world.start()
    (run,) = await world.running(approved[0])
    world.provider.succeed(run)
    assert (await world.finish(approved[0])).job.state is State.DONE
    assert await world.balance() == (START_MCR - PRICE_MCR, 0, PRICE_MCR)


async def test_order_expires_at_its_deadline_even_across_a_restart_and_costs_nothing(world):
    job = await world.order()
    await world.crash()
    await world.clock.advance(35 * 60)
    assert await world.state(job) is State.WAITING
    await world.clock.advance(10 * 60)
    ended = (await world.jobs.get(job)).job
    assert (ended.state, ended.failure and ended.failure.key) == (State.EXPIRED, "approval-expired")
    assert await world.balance() == UNTOUCHED
    with pytest.raises(ApprovalDecided) as refused:
        await lane(world).approve(GUILD, job, MODERATOR, is_admin=False)
    assert refused.value.facts["state"] == "expired"


async def test_only_admins_approve_their_own_orders_and_paused_tasks_are_not_approved(world):
    job = await world.order()
    moderation = Moderation(world.database, world.policy, world.jobs, world.clock)
    with pytest.raises(NotAllowed):
        await lane(world).approve(GUILD, job, MEMBER, is_admin=False)
    await moderation.pause(Act(GUILD, MODERATOR, "a contest"), None)
    with pytest.raises(ApprovalForbidden) as refused:
        await lane(world).approve(GUILD, job, MODERATOR, is_admin=False)
    assert refused.value.facts["hindrance"] == "paused"
    await moderation.resume(Act(GUILD, MODERATOR, "over"), None)
    await lane(world).approve(GUILD, job, MEMBER, is_admin=True)
    await world.running(job)


async def test_block_ends_orders_that_wait_for_a_moderator(world):
    job = await world.order()
    moderation = Moderation(world.database, world.policy, world.jobs, world.clock)
    await moderation.block(Act(GUILD, MODERATOR, "spam"), MEMBER, until_ms=None)
    assert await world.state(job) is State.FAILED
    assert await world.balance() == UNTOUCHED


@pytest.mark.parametrize("approved", [True, False])
async def test_kill_right_after_a_decision_loses_neither_it_nor_the_credits(world, approved):
    job = await world.order()
    await world.jobs.stop()
    stop = StopAt(Checkpoint.DECIDED)
    world.build(stop)  # its loops do not run: nothing follows from the decision in this process
    decide = lane(world).approve(GUILD, job, MODERATOR, is_admin=False)
    if not approved:
        decide.close()
        decide = lane(world).deny(GUILD, job, MODERATOR, "no")
    deciding = asyncio.ensure_future(decide)
    await stop.hit.wait()
    deciding.cancel()
    await world.crash()
    if approved:
        (run,) = await world.running(job)
        world.provider.succeed(run)
    ended = await world.finish(job)
    assert ended.job.state is (State.DONE if approved else State.FAILED)


async def test_usage_of_an_expired_order_is_taken_back(world):
    await world.order()
    await world.clock.advance(45 * 60)

    def read():
        return (yield Statement("SELECT SUM(month_mcr), SUM(running) FROM policy_usage"))

    assert await world.database.read(read) == [(0, 0)]
