"""Tests that supervised loops report errors, are restarted, and stop quickly."""

import asyncio

import pytest

from bot.jobs.engine.loops import LOOK_AGAIN_S, RESTART_S, Loop, Worker
from bot.jobs.engine.wakeups import SlotsWanted, WakeUp
from bot.jobs.store.due_jobs import Due
from bot.storage.background import is_in_background
from tests.idle_loop import settle
from tests.manual_clock import ManualClock
from tests.patience import PATIENCE_S
from tests.present import present


class Dying:
    """A loop body that raises the first few times it runs."""

    def __init__(self, deaths):
        self.deaths = deaths
        self.runs = 0
        self.drained = False

    async def run(self, beat):
        beat()
        self.runs += 1
        if self.runs <= self.deaths:
            raise RuntimeError("out of luck")
        await asyncio.Event().wait()

    async def drain(self):
        self.drained = True


async def test_dead_loop_is_reported_and_restarted():
    clock, body = ManualClock(), Dying(deaths=2)
    loop = Loop("test", body, clock)
    loop.start()
    await clock.advance(0.4)
    assert body.runs == 1
    assert not loop.health.alive
    await clock.advance(2)
    assert body.runs == 3
    assert loop.health.alive
    assert "out of luck" in present(loop.health.problem)
    await loop.stop()
    assert not loop.health.alive
    assert body.drained


async def test_loops_and_the_steps_of_their_jobs_work_in_the_background():
    clock, seen = ManualClock(), {}

    async def due(_):
        seen["due"] = is_in_background()
        return [] if "step" in seen else [Due("job", 0)]

    async def step(_):
        seen["step"] = is_in_background()

    async def stuck(*_):
        raise NotImplementedError

    worker = Worker("test", due=due, step=step, stuck=stuck, wakeup=WakeUp(), clock=clock, width=1, drain_s=1.0)
    loop = Loop("test", worker, clock)
    loop.start()
    await settle()
    assert seen == {"due": True, "step": True}
    assert not is_in_background()
    await loop.stop()


async def test_hanging_loop_is_reported_as_not_alive():
    clock, body = ManualClock(), Dying(deaths=0)
    loop = Loop("test", body, clock)
    loop.start()
    await clock.advance(100)
    assert loop.health.alive
    await clock.advance(100)
    assert not loop.health.alive
    await loop.stop()


async def test_restart_pauses_of_a_failing_loop_grow():
    clock, body = ManualClock(), Dying(deaths=1_000)
    loop = Loop("test", body, clock)
    loop.start()
    await clock.advance(60)
    assert body.runs < 10
    await loop.stop()


async def test_loop_that_returns_is_reported_and_restarted():
    clock, body = ManualClock(), Dying(deaths=0)

    async def returning(beat):
        body.runs += 1

    body.run = returning
    loop = Loop("test", body, clock)
    loop.start()
    await clock.advance(0.4)
    assert not loop.health.alive
    assert loop.health.problem == "returned"
    await clock.advance(1)
    assert body.runs > 1
    await loop.stop()


async def test_loop_that_ran_well_for_a_long_time_is_restarted_soon_after_it_dies():
    clock, body = ManualClock(), Dying(deaths=10)
    run, last = body.run, asyncio.Event()

    async def finally_dying(beat):
        if body.runs == 10:
            body.runs += 1
            await last.wait()
            raise RuntimeError("out of luck")
        await run(beat)

    body.run = finally_dying
    loop = Loop("test", body, clock)
    loop.start()
    await clock.advance(600)
    assert body.runs == 11
    last.set()
    await clock.advance(2 * RESTART_S)
    assert body.runs == 12
    assert loop.health.alive
    await loop.stop()


class Counter:
    """A source of jobs due at given times; a step can be kept from finishing."""

    def __init__(self, due, *, width=2, fail=()):
        self.clock = ManualClock()
        self.due = dict(due)
        self.reads = 0
        self.over = False
        self.steps = []
        self.again = set()  # these are due once more, although their step reports that it is over
        self.stuck = []
        self.fail = fail
        self.open = asyncio.Event()
        self.open.set()
        self.wakeup = WakeUp()
        self.worker = Worker(
            "test",
            due=self.read,
            step=self.step,
            stuck=self.put_off,
            wakeup=self.wakeup,
            clock=self.clock,
            width=width,
            drain_s=0.01,
        )
        self.loop = Loop("test", self.worker, self.clock)

    async def read(self, most):
        self.reads += 1
        return sorted((Due(job, at_ms) for job, at_ms in self.due.items()), key=lambda due: due.at_ms)[:most]

    async def step(self, job):
        self.steps.append(job)
        await self.open.wait()
        if job in self.fail:
            raise RuntimeError("a fault of ours")
        if job in self.again:
            self.again.discard(job)
        else:
            self.due.pop(job)
        return self.over

    async def put_off(self, job, error):
        self.stuck.append((job, str(error)))
        self.due[job] = self.clock.now_ms() + 10_000


def at(seconds):
    return ManualClock().now_ms() + round(seconds * 1_000)


async def test_worker_takes_a_step_when_it_is_due():
    counter = Counter({"a": 0, "b": at(5)})
    counter.loop.start()
    await settle()
    assert counter.steps == ["a"]
    await counter.clock.advance(4.9)
    assert counter.steps == ["a"]
    await counter.clock.advance(0.2)
    assert counter.steps == ["a", "b"]
    await counter.loop.stop()


async def test_wakeup_starts_a_worker_at_once():
    counter = Counter({})
    counter.loop.start()
    await settle()
    counter.due["new"] = 0
    counter.wakeup.set()
    await settle()
    assert counter.steps == ["new"]
    await counter.loop.stop()


async def test_named_job_is_begun_without_a_query():
    counter = Counter({})
    counter.over = True
    counter.loop.start()
    await settle()
    counter.due["new"] = 0
    counter.wakeup.begin("new")
    await settle()
    assert (counter.steps, counter.reads) == (["new"], 1)
    await counter.loop.stop()


async def test_named_job_that_finds_no_room_is_begun_when_another_ends():
    counter = Counter({"a": 0}, width=1)
    counter.over = True
    counter.open.clear()
    counter.loop.start()
    await settle()
    for job in ("b", "c"):
        counter.due[job] = 1
        counter.wakeup.begin(job)
        await settle()
    assert counter.steps == ["a"]
    counter.open.set()
    await settle()
    assert counter.steps == ["a", "b", "c"]
    await counter.loop.stop()


async def test_named_job_whose_step_is_being_taken_gets_another_one():
    counter = Counter({"a": 0})
    counter.over = True
    counter.open.clear()
    counter.loop.start()
    await settle()
    counter.wakeup.begin("a")
    await settle()
    counter.open.set()
    counter.due["b"] = 0
    await settle()
    assert counter.steps == ["a", "b"]  # it has queried for due jobs again
    await counter.loop.stop()


@pytest.mark.parametrize("name", [True, False])
async def test_job_that_is_made_due_again_during_its_step_gets_another_one_at_once(name):
    counter = Counter({"a": 0})
    counter.over = True
    counter.open.clear()
    counter.loop.start()
    await settle()
    if name:
        counter.wakeup.begin("a")
        await settle()
    counter.wakeup.set()  # a query finds the job due, but its step is being taken
    await settle()
    counter.open.set()
    counter.steps.clear()
    counter.again.add("a")
    await settle()
    assert counter.steps == ["a"]
    await counter.loop.stop()


async def test_finished_step_causes_no_query_if_nothing_happened_in_the_meantime():
    counter = Counter({"a": 0})
    counter.over = True
    counter.open.clear()
    counter.loop.start()
    await settle()
    counter.open.set()
    await settle()
    assert (counter.steps, counter.reads) == (["a"], 1)
    await counter.loop.stop()


async def test_step_after_which_a_job_may_be_due_again_is_followed_by_a_query():
    counter = Counter({"a": 0})
    counter.loop.start()
    await settle()
    assert counter.reads == 2
    await counter.loop.stop()


async def test_worker_queries_in_time_for_named_jobs_and_otherwise_once_a_minute():
    counter = Counter({})
    counter.loop.start()
    await settle()
    counter.wakeup.look_within(20)
    await counter.clock.advance(19)
    assert counter.reads == 1
    counter.wakeup.look_within(40)
    await counter.clock.advance(2)
    assert counter.reads == 2
    await counter.clock.advance(LOOK_AGAIN_S + 1)
    assert counter.reads == 3
    await counter.loop.stop()


def test_free_slot_wakes_the_loop_while_a_job_waits_or_was_just_refused_one():
    slots = SlotsWanted()
    assert slots.wanted
    slots.seen(slots.mark, waiting=False)
    assert not slots.wanted
    mark = slots.mark
    slots.refused()
    slots.seen(mark, waiting=False)
    assert slots.wanted
    slots.seen(slots.mark, waiting=True)
    assert slots.wanted


def test_other_processes_are_told_once_that_a_job_waits_even_if_it_was_not_refused():
    told = []
    slots = SlotsWanted(lambda: told.append(1))
    for waiting, expected in ((False, 0), (True, 1), (True, 1), (False, 1), (True, 2)):
        slots.seen(slots.mark, waiting=waiting)
        assert (slots.wanted, len(told)) == (waiting, expected)
    slots.seen(slots.mark, waiting=False)
    slots.refused_elsewhere()
    slots.seen(slots.mark, waiting=True)
    assert len(told) == 2  # all of them were told by the other process


async def test_worker_takes_one_step_at_a_time_per_job_and_respects_its_width():
    counter = Counter({"a": 0, "b": 1, "c": 2})
    counter.open.clear()
    counter.loop.start()
    for _ in range(3):
        await settle()
        counter.wakeup.set()
    assert counter.steps == ["a", "b"]
    counter.open.set()
    await settle()
    assert counter.steps == ["a", "b", "c"]
    await counter.loop.stop()


async def test_failed_step_is_reported_and_does_not_stop_the_others():
    counter = Counter({"a": 0, "b": 1}, fail={"a"})
    counter.loop.start()
    await settle()
    assert counter.steps == ["a", "b"]
    assert counter.stuck == [("a", "a fault of ours")]
    await counter.loop.stop()


async def test_step_that_cannot_even_be_postponed_waits_a_moment_and_is_tried_again():
    counter = Counter({"a": 0, "b": at(10)}, fail={"a"})

    async def broken(job, error):
        counter.fail = ()
        raise RuntimeError("the database fails too")

    counter.worker._stuck = broken
    counter.loop.start()
    await settle()
    assert counter.steps == ["a"]
    await counter.clock.advance(RESTART_S)
    assert counter.steps == ["a", "a"]
    await counter.loop.stop()


async def test_stopping_ends_a_hanging_step():
    counter = Counter({"a": 0})
    counter.open.clear()
    counter.loop.start()
    await settle()
    await asyncio.wait_for(counter.loop.stop(), PATIENCE_S)
    assert counter.due == {"a": 0}
