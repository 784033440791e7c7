"""If a process is killed at startup while it moves stored times by the downtime, the next finishes the move exactly."""

import pytest

from bot.jobs.engine import preparation
from bot.jobs.store import job_rows, uptime_rows
from bot.storage.operation import Statement
from tests.idle_loop import WatchedDatabase
from tests.unit.jobs.world import World

AT_ONCE = 2
DOWN_S = 60.0
JOBS = 5
HOUR_MS = 3_600_000


class Killed(Exception):
    """Raised where the process is killed."""


class KilledDatabase(WatchedDatabase):
    """A database of a process that is killed after some transactions; it notes how many jobs each one changed."""

    def __init__(self, real, after):
        super().__init__(real)
        self.left = after
        self.changed = []

    async def run(self, operation):
        if not self.left:
            raise Killed
        self.left -= 1
        before = await times(self._real)
        result = await self._real.run(operation)
        after = await times(self._real)
        self.changed.append(sum(before[job] != after[job] for job in before))
        return result


async def times(database):
    """Return the stored times of each job that are moved at startup, in milliseconds."""

    def read():
        return (yield Statement("SELECT id, deadline_ms, cancel_asked_ms, updated_ms, retry_ms FROM job"))

    return {row[0]: tuple(row[1:]) for row in await database.read(read)}


@pytest.fixture
async def world(tmp_path, monkeypatch):
    """Return a world with jobs in the states whose times are moved, after the first startup."""
    monkeypatch.setattr(preparation, "AT_ONCE", AT_ONCE)
    world = await World.open(tmp_path)
    await world.jobs.prepare()
    jobs = [await world.order() for _ in range(JOBS)]

    def write():
        yield Statement("UPDATE job SET state = 'running', cancel_asked_ms = 7000 WHERE id = $1", jobs[1])
        yield Statement("UPDATE job SET state = 'collecting', updated_ms = 9000 WHERE id = $1", jobs[2])
        for job in jobs[3:]:
            yield Statement("UPDATE job SET retry_ms = 99000 WHERE id = $1", job)

    await world.database.run(write)
    yield world

    def back():
        yield Statement("UPDATE job SET state = 'waiting', cancel_asked_ms = NULL")

    await world.database.run(back)
    await world.close()


def moved(before, by_ms):
    """Return the times after a downtime: a deadline and a cancel request are later, and no job is postponed."""
    return {
        job: (deadline, asked, updated + by_ms, 0)
        if updated == 9_000
        else (deadline + by_ms, asked and asked + by_ms, updated, 0)
        for job, (deadline, asked, updated, _) in before.items()
    }


async def start(world, *, killed_after=1_000):
    """Prepare as a new process does, and return how many jobs each of its transactions changed."""
    real = world.database
    world.database = KilledDatabase(real, killed_after)
    try:
        await world.build().prepare()
        return world.database.changed
    finally:
        world.database = real
        world.build()


@pytest.mark.parametrize("kills", [[], [0], [1], [2], [3], [4], [5], [3, 3], [2, 0, 4, 1], [4, 3, 2]])
async def test_each_time_is_moved_by_the_whole_downtime_no_matter_when_processes_are_killed_at_startup(world, kills):
    before, began_ms = await times(world.database), world.clock.now_ms()
    for after in kills:
        await world.clock.advance(DOWN_S)
        with pytest.raises(Killed):
            await start(world, killed_after=after)
    await world.clock.advance(DOWN_S)
    await start(world)
    assert await times(world.database) == moved(before, world.clock.now_ms() - began_ms)
    assert not await world.database.run(lambda: uptime_rows.move_some(AT_ONCE))


async def test_no_transaction_at_startup_changes_more_jobs_than_fit_into_memory(world):
    await world.clock.advance(DOWN_S)
    changed = await start(world)
    assert max(changed) == AT_ONCE
    assert sum(changed) == JOBS + 2  # two of them were postponed, too


async def test_order_that_is_accepted_while_times_are_moved_keeps_its_deadline(world):
    await world.clock.advance(DOWN_S)
    await world.database.run(lambda: uptime_rows.resume(world.clock.now_ms()))
    late = await world.order()
    deadline_ms = (await times(world.database))[late]
    while await world.database.run(lambda: uptime_rows.move_some(AT_ONCE)):
        pass
    assert (await times(world.database))[late] == deadline_ms


async def test_postponed_order_whose_answer_is_being_sent_does_not_hold_up_startup(world):
    late = await world.order()

    def postpone():
        yield Statement("UPDATE job SET state = 'accepted', retry_ms = 99000 WHERE id = $1", late)

    await world.database.run(postpone)
    created_ms = (await world.jobs.get(late)).job.created_ms
    rounds = 1
    while await world.database.run(lambda: job_rows.make_some_due(created_ms - 1, 1)):
        rounds += 1
    found = await times(world.database)
    assert rounds == 3
    assert [job for job in found if found[job][3]] == [late]


async def test_cancel_that_a_member_requests_during_startup_is_not_moved_into_the_future(world):
    database, now_ms = world.database, world.clock.now_ms() + HOUR_MS
    (job, *_) = sorted(await times(database))

    def ask():
        yield Statement("UPDATE job SET cancel_asked_ms = $2 WHERE id = $1", job, now_ms)

    await database.run(lambda: uptime_rows.resume(now_ms))
    await database.run(ask)
    while await database.run(lambda: uptime_rows.move_some(AT_ONCE)):
        pass
    assert (await times(database))[job][1] == now_ms
