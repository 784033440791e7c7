"""Tests that reading jobs needs a fixed number of statements, however many jobs there are."""

from contextlib import asynccontextmanager

import pytest

from bot.jobs.durations import MIN_RUNS
from bot.jobs.job_lines import AskedPage
from bot.jobs.records import Parent, Relation, State, Visibility
from bot.jobs.store import spoiler_rows
from bot.jobs.store.duration_rows import Kind
from bot.jobs.waits import Wait, WaitReason
from bot.preferences.preference_records import Ping, Preference
from bot.preferences.preferences import Preferences
from bot.storage.operation import Statement
from tests.idle_loop import WatchedDatabase
from tests.unit.jobs.world import GUILD, MEMBER, ONE_PICTURE, OTHER, World, imagine


class CountedStatements(WatchedDatabase):
    """A database that counts reads and their statements."""

    def __init__(self, real):
        super().__init__(real)
        self.reads = 0
        self.statements = 0

    async def read(self, operation):
        self.reads += 1
        return await self._real.read(lambda: self._count(operation()))

    def _count(self, operation):
        try:
            statement = next(operation)
            while True:
                self.statements += 1
                statement = operation.send((yield statement))
        except StopIteration as end:
            return end.value


class CountedWorld(World):
    """A world whose reads and statements are counted."""

    counted: CountedStatements

    @classmethod
    @asynccontextmanager
    async def opened(cls, folder):
        """Open a world whose loops do not run, so that each job stays in its state."""
        world = await cls.open(folder)
        world.counted = world.database = CountedStatements(world.database)
        world.build()
        yield world
        await world.close()


@pytest.fixture
async def world(tmp_path):
    async with CountedWorld.opened(tmp_path) as world:
        yield world


async def spent(world, reading):
    """Return the result of `reading`, and the number of reads and statements that it needed."""
    world.counted.reads = world.counted.statements = 0
    found = await reading
    return found, world.counted.reads, world.counted.statements


async def test_forty_jobs_of_a_member_cost_at_most_twelve_statements(world):
    for _ in range(40):
        await world.order()
    found, reads, statements = await spent(world, world.jobs.of_member(GUILD, MEMBER, limit=40))
    assert len(found) == 40
    assert reads == 1
    assert statements <= 12  # two of them estimate when the waiting jobs will get their turn


ORDERS = (
    imagine(),
    imagine("a\nlighthouse in \u201cfog\u201d", count=2, model=ONE_PICTURE, aspect="16:9"),
    imagine(seed=7, advanced=(("go_fast", "false"),)),
)


@pytest.mark.parametrize("order", ORDERS)
async def test_new_job_equals_the_stored_one(world, order):
    """An order's card is drawn from what was written, without reading it back."""
    accepted = await world.accept(order, world.origin(visibility=Visibility.PRIVATE))
    assert await world.jobs.get(accepted.job.id) == accepted


async def test_new_job_with_a_parent_or_spoiler_equals_the_stored_one(world):
    source = await world.order()
    await world.database.run(lambda: spoiler_rows.put(source, on=True))
    accepted = await world.accept(imagine(), world.origin(parent=Parent(source, Relation.REROLL)))
    assert accepted.job.spoiler
    assert accepted.lineage
    assert await world.jobs.get(accepted.job.id) == accepted


async def test_usual_time_is_read_again_after_another_run(world):
    job = await world.order()
    kind = Kind.of((await world.jobs.get(job)).job.order, (await world.jobs.get(job)).job.plan)
    for number in range(2, MIN_RUNS + 3):
        known = (await world.jobs.get(job)).usual
        assert (known.learned if known else 0) == (number - 2 if number - 2 >= MIN_RUNS else 0)
        await world.database.run(lambda number=number: learned(kind, job, number))


def learned(kind, job, number):
    yield Statement(
        "INSERT INTO duration (model, size, job, prediction, start_ms, run_ms) VALUES ($1, $2, $3, $4, 100, 1000)",
        *(kind.model, kind.size, job, number),
    )


async def test_waiting_job_costs_at_most_eight_statements(world):
    job = await world.order()
    found, reads, statements = await spent(world, world.jobs.get(job))
    assert (found.job.id, found.wait) == (job, Wait(WaitReason.TURN))
    assert reads == 1
    assert statements <= 8


async def test_list_has_the_same_snapshots_as_single_reads(world):
    first = await world.order()
    await world.clock.advance(1)
    await world.order(imagine(count=2), parent=Parent(first, Relation.REROLL, 1))
    await world.clock.advance(1)
    cancelled = await world.order()
    await world.jobs.cancel(cancelled, by=MEMBER)
    listed = await world.jobs.of_member(GUILD, MEMBER, limit=10)
    assert [snapshot.job.state for snapshot in listed] == [State.CANCELLED, State.WAITING, State.WAITING]
    assert list(listed) == [await world.jobs.get(snapshot.job.id) for snapshot in listed]


async def test_jobs_of_several_members_keep_their_own_facts(world):
    preferences = Preferences(world.database, world.clock)
    await preferences.set(GUILD, OTHER, Preference(ping=Ping.NEVER))
    mine = await world.order()
    await world.clock.advance(1)
    theirs = await world.order(imagine(count=4), member=OTHER)
    for job in (mine, theirs):
        await world.jobs.mark(job, MEMBER, marked=True)
    page = await world.jobs.lists.page_of_favourites(GUILD, MEMBER, 10, AskedPage(1, 10))
    listed = {snapshot.job.id: snapshot for snapshot in page.shown}
    assert [listed[job].ping for job in (mine, theirs)] == [Ping.LONG, Ping.NEVER]
    assert [listed[job].balance_mcr for job in (mine, theirs)] == [
        (await world.balance(member))[0] for member in (MEMBER, OTHER)
    ]
    assert [listed[job].wait for job in (mine, theirs)] == [Wait(WaitReason.TURN)] * 2
