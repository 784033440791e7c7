"""A free slot goes to the oldest job that can use it. A job that no worker takes now does not keep others waiting."""

import pytest

from bot.jobs.money import transitions
from bot.jobs.records import State
from bot.jobs.store import comparison_rows, due_jobs, job_rows, pause_rows
from bot.jobs.store.pause_rows import Step
from bot.storage.operation import Statement
from tests.unit.jobs.world import World

pytestmark = pytest.mark.usefixtures("each_driver")

PER_GUILD, PER_MEMBER = 4, 1


@pytest.fixture
async def idle(tmp_path):
    """Return a world whose loops do not run, so that each job stays in its state."""
    world = await World.open(tmp_path)
    yield world
    await world.close()


async def first_in_line(world):
    """Return the job that the worker would take first, or None."""
    now_ms = world.clock.now_ms()
    found = await world.database.read(lambda: due_jobs.to_submit(1, PER_GUILD, PER_MEMBER, now_ms))
    return found[0].job if found and found[0].at_ms <= now_ms else None


async def begins(world, job):
    now_ms = world.clock.now_ms()
    return await world.database.run(
        lambda: transitions.begin(job, now_ms, deadline_ms=now_ms + 1, per_guild=PER_GUILD, per_member=PER_MEMBER)
    )


def send_later(job, now_ms):
    yield from job_rows.retry_at(job, State.WAITING, now_ms + 5_000)


def postpone_copy(job, now_ms):
    yield from pause_rows.postpone(job, Step.COPY, now_ms, jitter=0, first_ms=5_000)


def postpone_fault(job, now_ms):
    yield from pause_rows.postpone(job, Step.SUBMIT_FAULT, now_ms, jitter=0, first_ms=5_000)


def compare(job, now_ms):
    yield Statement("INSERT INTO comparison (job, seen_ms, brief, restored) VALUES ($1, $2, 0, 0)", job, now_ms)


def lack_a_file(job, _now_ms):
    yield Statement("UPDATE job SET files = 1 WHERE id = $1", job)


async def test_slot_goes_to_the_older_of_two_jobs_from_the_same_moment(idle):
    older, newer = await idle.order(), await idle.order()
    assert await first_in_line(idle) == older
    assert not await begins(idle, newer)
    assert await begins(idle, older)


@pytest.mark.parametrize("hinder", [send_later, postpone_copy, postpone_fault, compare, lack_a_file])
async def test_older_job_that_cannot_begin_now_does_not_keep_the_slot(idle, hinder):
    older, newer = await idle.order(), await idle.order()
    now_ms = idle.clock.now_ms()
    await idle.database.run(lambda: hinder(older, now_ms))
    assert await begins(idle, newer)


@pytest.mark.parametrize("hinder", [send_later, postpone_copy, postpone_fault])
async def test_job_whose_pause_is_over_comes_before_newer_ones(idle, hinder):
    older, newer = await idle.order(), await idle.order()
    now_ms = idle.clock.now_ms()
    await idle.database.run(lambda: hinder(older, now_ms))
    await idle.clock.advance(6)
    assert await first_in_line(idle) == older
    assert not await begins(idle, newer)
    assert await begins(idle, older)


async def test_compared_job_comes_before_newer_ones(idle):
    older, newer = await idle.order(), await idle.order()
    await idle.database.run(lambda: compare(older, idle.clock.now_ms()))
    assert await first_in_line(idle) == newer
    await idle.database.run(lambda: comparison_rows.over(older))
    assert await first_in_line(idle) == older
    assert not await begins(idle, newer)
