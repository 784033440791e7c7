"""Tests of races on PostgreSQL between operations on one job, which lock it first, and on many jobs, which do not."""

import asyncio
from collections import Counter

import pytest

from bot.errors import CancelledByMember
from bot.jobs.money import approvals, transitions
from bot.jobs.records import PredictionState, State
from bot.jobs.store import prediction_rows
from bot.jobs.store.job_locks import of_job, of_slots
from bot.storage.operation import Statement
from tests.unit.jobs.world import GUILD, MEMBER, OTHER, World, imagine, limited

TASKS, SLOTS = 64, 10
FAILURE = CancelledByMember().failure


@pytest.fixture
async def idle(tmp_path, on_postgresql):
    """Return a world whose loops do not run, so that each job stays in its state."""
    world = await World.open(tmp_path, limits=limited(running_per_guild=1_000, running_per_member=1_000))
    yield world
    await world.close()


def beginning(job, *, per_guild=TASKS, per_member=TASKS):
    return of_slots(
        GUILD,
        job,
        lambda: transitions.begin(job, 1, deadline_ms=1 << 50, per_guild=per_guild, per_member=per_member),
    )


async def state_counts(world):
    def read():
        return (yield Statement("SELECT state, COUNT(*) FROM job GROUP BY state"))

    return dict(await world.database.read(read))


async def test_64_jobs_that_begin_at_once_take_as_many_slots_as_there_are(idle):
    jobs = [await idle.order(imagine(f"{n}"), member=(MEMBER, OTHER)[n % 2]) for n in range(TASKS)]
    began = await asyncio.gather(*(idle.database.run(beginning(job, per_guild=SLOTS)) for job in jobs))
    assert Counter(began) == {True: SLOTS, False: TASKS - SLOTS}
    assert (await state_counts(idle))["running"] == SLOTS


async def test_member_has_no_more_slots_than_allowed_however_many_jobs_begin_at_once(idle):
    jobs = [await idle.order(imagine(f"{n}")) for n in range(TASKS)]
    began = await asyncio.gather(*(idle.database.run(beginning(job, per_member=1)) for job in jobs))
    assert began.count(True) == 1


async def test_only_one_of_64_ends_of_a_job_counts_whether_they_take_its_lock_or_not(idle):
    """The world's check finds a hold that was released twice, or a counter that was taken back twice."""
    job = await idle.order()

    def close():
        return transitions.close(job, {State.WAITING}, State.CANCELLED, FAILURE, 1)

    ended = await asyncio.gather(*(idle.database.run(of_job(job, close) if n % 2 else close) for n in range(TASKS)))
    assert ended.count(True) == 1


async def test_job_begins_or_is_cancelled_and_never_both(idle):
    jobs = [await idle.order(imagine(f"{n}")) for n in range(TASKS // 2)]

    def cancelling(job):
        return of_job(job, lambda: transitions.cancel(job, 1, by=MEMBER))

    pairs = [pair for job in jobs for pair in (beginning(job), cancelling(job))]
    results = await asyncio.gather(*map(idle.database.run, pairs))
    assert await state_counts(idle) == {"cancelled": len(jobs)}
    assert all(outcome is transitions.CancelOutcome.ENDED for outcome in results[1::2])


async def test_create_is_sent_or_dropped_by_a_cancel_and_never_both(idle):
    """A create whose intent was written is not dropped, and for a dropped create no intent is written."""
    jobs = [await idle.order(imagine(f"{n}")) for n in range(TASKS // 2)]
    for job in jobs:
        assert await idle.database.run(beginning(job))

    def intending(job):
        return of_job(job, lambda: prediction_rows.intend(job, 1, "hash", 1))

    def cancelling(job):  # like a moderator's cancel, which also writes a case and so does not take the job's lock
        return lambda: transitions.cancel(job, 1, by=MEMBER)

    pairs = [pair for job in jobs for pair in (intending(job), cancelling(job))]
    results = await asyncio.gather(*map(idle.database.run, pairs))
    for job, intended, outcome in zip(jobs, results[::2], results[1::2], strict=True):
        (prediction,) = await idle.database.read(lambda job=job: prediction_rows.of_job(job))
        expected = PredictionState.SUBMITTING if intended else PredictionState.CANCELLED
        assert prediction.state is expected
        assert outcome is (transitions.CancelOutcome.ASKED if intended else transitions.CancelOutcome.ENDED)


async def test_all_ends_of_jobs_that_share_accounts_and_counters_succeed(idle):
    """Half of the ends take a lock, half do not; all of them change the same account and counters, as do new orders."""
    jobs = [await idle.order(imagine(f"{n}")) for n in range(TASKS)]

    def denying(job):
        return lambda: approvals.deny(job, 1, "", 1)

    def closing(job):
        def close():
            return transitions.close(job, {State.WAITING}, State.FAILED, FAILURE, 1)

        return of_job(job, close) if int(job[-1], 36) % 2 else close

    work = [idle.database.run(turn(job)) for job in jobs for turn in (denying, closing)]
    orders = [idle.order(imagine(f"new {n}")) for n in range(TASKS // 4)]
    await asyncio.gather(*work, *orders)
    assert await state_counts(idle) == {"failed": TASKS, "waiting": TASKS // 4}
