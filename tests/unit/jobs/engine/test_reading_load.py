from itertools import pairwise
from typing import cast

import pytest

from bot.clock import Clock
from bot.errors import StorageError
from bot.jobs.engine.outcome import RunOutcomes
from bot.jobs.engine.reading_load import BUSY, FREE, LEAST_PER_S, SAVED_UP_S, SLOWER, ReadingLoad
from bot.jobs.records import State
from tests.unit.jobs.fakes import FreeBudget
from tests.unit.jobs.world import World, imagine, limited

MOST = 128
MANY = 120


class Machine:
    """A clock, and a process that uses a given share of the processor's time."""

    def __init__(self):
        self.now_s = self.used_s = 0.0
        self.load = ReadingLoad(cast("Clock", self), lambda: self.used_s)

    def monotonic_s(self):
        return self.now_s

    def run(self, seconds, share, *, reads_per_s=0.0, find_ends=False):
        """Let time pass while as many of the wanted reads begin as are allowed; return how many began."""
        begun = wanted = 0.0
        for _ in range(round(seconds * 20)):
            self.now_s += 1 / 20
            self.used_s += share / 20
            wanted += reads_per_s / 20
            for _ in range(self.load.allowed(int(wanted))):
                self.load.begin()
                if find_ends:
                    self.load.found_end()
                begun, wanted = begun + 1, wanted - 1
            wanted = min(wanted, MOST)
        return begun


def test_reads_are_not_limited_while_the_process_has_time():
    machine = Machine()
    assert machine.load.allowed(MOST) == MOST
    assert machine.run(10, FREE - 0.1, reads_per_s=300) == pytest.approx(3_000, rel=0.01)
    assert machine.load.allowed(0) == 0


def test_busy_process_reads_less_and_less_but_never_less_than_the_documented_limit_allows():
    machine = Machine()
    machine.run(2, BUSY + 0.1, reads_per_s=300)
    assert machine.load.per_s <= 300 * SLOWER
    assert machine.run(3, BUSY + 0.1, reads_per_s=300) < 3 * 300 * SLOWER
    machine.run(10, 1.0, reads_per_s=300)
    assert machine.load.per_s == LEAST_PER_S
    assert machine.run(10, 1.0, reads_per_s=300) == pytest.approx(10 * LEAST_PER_S, rel=0.1)


def test_free_process_reads_more_again():
    machine = Machine()
    machine.run(20, 1.0, reads_per_s=300)
    machine.run(20, 0.0, reads_per_s=300)
    assert machine.run(1, 0.0, reads_per_s=300) == pytest.approx(300, rel=0.1)


def test_reads_that_were_not_made_are_saved_up_only_for_a_moment():
    machine = Machine()
    machine.run(20, 1.0, reads_per_s=300)
    machine.run(5, 1.0)
    assert machine.load.allowed(MOST) == int(LEAST_PER_S * SAVED_UP_S)


def test_share_between_free_and_busy_changes_nothing():
    machine = Machine()
    machine.run(20, 1.0, reads_per_s=300)
    machine.run(10, (BUSY + FREE) / 2, reads_per_s=300)
    assert machine.load.per_s == LEAST_PER_S


def test_reads_that_find_ends_are_not_limited():
    machine = Machine()
    assert machine.run(20, 1.0, reads_per_s=150, find_ends=True) == pytest.approx(20 * 150, rel=0.05)
    assert machine.run(10, 1.0, reads_per_s=300) == pytest.approx(10 * LEAST_PER_S, rel=0.1)


def test_announced_ends_do_not_allow_more_reads_that_find_nothing():
    machine = Machine()
    machine.run(20, 1.0, reads_per_s=300)
    begun = 0.0
    for _ in range(20 * 10):
        for _ in range(8):  # as the poller reads runs whose end a webhook or a list shows
            machine.load.begin()
        for _ in range(8):
            machine.load.found_end()
        begun += machine.run(1 / 20, 1.0, reads_per_s=300)
    assert begun == pytest.approx(10 * LEAST_PER_S, rel=0.1)


def test_ends_that_were_found_lately_are_counted():
    machine = Machine()
    machine.run(10, 1.0, reads_per_s=150, find_ends=True)
    assert machine.load.ends_per_s == pytest.approx(150, rel=0.1)
    machine.run(2, 1.0)
    assert machine.load.ends_per_s == 0


async def test_busy_process_notices_many_ends_at_once(tmp_path):
    world = await World.open(tmp_path, limits=limited(running_per_guild=MANY, running_per_member=MANY))
    world.provider.reads = FreeBudget()
    world.processor_s = world.clock.monotonic_s
    world.build()
    await world.start()
    jobs = [await world.order(imagine()) for _ in range(MANY)]
    for job in jobs:
        await world.running(job)
    await world.clock.advance(30)
    for job in jobs:
        for run in await world.running(job):
            world.provider.succeed(run)
    ended_s = world.clock.monotonic_s()
    for job in jobs:
        await world.reach(job, State.COLLECTING, State.DELIVERING, State.DONE)
    assert world.clock.monotonic_s() - ended_s < 0.5 * MANY / LEAST_PER_S
    await world.close()


async def test_run_whose_end_cannot_be_stored_is_read_less_and_less_often(tmp_path, monkeypatch):
    world = await World.open(tmp_path)
    await world.start()
    (run,) = await world.running(await world.order(imagine()))
    tried_s = []

    async def refuse(*_):
        tried_s.append(world.clock.monotonic_s())
        raise StorageError(problem="full", fix="")

    with monkeypatch.context() as patched:
        patched.setattr(RunOutcomes, "ended", refuse)
        world.provider.succeed(run)
        await world.clock.advance(60)
    assert [round(later - sooner) for sooner, later in pairwise(tried_s)] == [1, 2, 4, 8, 16]
    await world.close()
