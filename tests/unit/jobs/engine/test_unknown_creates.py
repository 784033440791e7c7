"""Tests that a create with an unknown outcome is never repeated: its run is adopted if identified, or lost."""

import pytest

from bot.errors import InputRejected, NotFound, OutcomeUnknown, ProviderDown, RunLost, StorageError
from bot.jobs.engine.loops import LOOK_AGAIN_S
from bot.jobs.engine.poll import Poller
from bot.jobs.records import State
from bot.provider.wire import RunStatus
from tests.unit.jobs.fakes import CountedBudget, FakeRun
from tests.unit.jobs.world import ONE_PICTURE, OTHER, START_MCR, imagine


async def test_without_a_run_list_the_run_is_lost_and_the_job_orphaned(world):
    world.provider.on_create = ["lost"]
    orphaned = await world.finish(await world.order())
    assert orphaned.job.state is State.ORPHANED
    assert orphaned.job.failure.key == OutcomeUnknown().key
    assert len(world.provider.runs) == 1
    assert await world.balance() == (START_MCR, 0, 0)


async def test_run_that_the_provider_lists_is_adopted(world):
    world.provider.lists = world.provider.auto = True
    world.provider.on_create = ["lost"]
    done = await world.finish(await world.order())
    assert done.job.state is State.DONE
    assert len(world.provider.runs) == 1


async def test_create_without_a_listed_run_is_lost(world):
    world.provider.lists = True
    world.provider.on_create = ["vanished"]
    orphaned = await world.finish(await world.order())
    assert orphaned.job.state is State.ORPHANED
    assert world.provider.runs == {}


async def test_run_of_another_order_is_not_adopted(world):
    world.provider.lists = True
    await world.running(await world.order(imagine("another prompt"), member=OTHER))
    world.provider.on_create = ["vanished"]
    orphaned = await world.finish(await world.order(imagine("mine")))
    assert orphaned.job.state is State.ORPHANED


async def test_run_of_another_prediction_is_not_adopted(world):
    world.provider.lists = True
    await world.running(await world.order(imagine("the same"), member=OTHER))
    world.provider.on_create = ["vanished"]
    orphaned = await world.finish(await world.order(imagine("the same")))
    assert orphaned.job.state is State.ORPHANED


async def test_run_of_another_model_with_the_same_input_is_not_adopted(world):
    world.provider.lists = True

    async def elsewhere(path, body, **more):
        now_ms = world.clock.now_ms()
        world.provider.runs["other"] = FakeRun("other", "/v1/models/a/b/predictions", dict(body["input"]), now_ms)
        raise OutcomeUnknown(detail="no answer")

    world.provider.create = elsewhere
    orphaned = await world.finish(await world.order())
    assert orphaned.job.state is State.ORPHANED
    assert await world.balance() == (START_MCR, 0, 0)


async def test_list_of_runs_is_requested_again_if_it_fails(world):
    world.provider.lists = world.provider.auto = True
    world.provider.on_create = ["lost"]
    recent, failures = world.provider.recent, [ProviderDown(detail="502"), ProviderDown(detail="502")]

    async def failing(since_ms):
        if failures:
            raise failures.pop()
        return await recent(since_ms)

    world.provider.recent = failing
    assert (await world.finish(await world.order())).job.state is State.DONE
    assert len(world.provider.runs) == 1


async def test_run_is_lost_if_the_list_of_runs_keeps_failing(world):
    world.provider.on_create = ["lost"]

    async def failing(since_ms):
        raise ProviderDown(detail="502")

    world.provider.recent = failing
    assert (await world.finish(await world.order())).job.state is State.ORPHANED
    assert await world.balance() == (START_MCR, 0, 0)


async def test_ambiguous_runs_are_not_adopted(world):
    world.provider.lists = True
    twin = world.provider.clock.now_ms()
    world.provider.on_create = ["lost"]
    create = world.provider.create

    async def twice(path, body, **more):
        try:
            return await create(path, body, **more)
        finally:
            run = next(iter(world.provider.runs.values()))
            world.provider.runs["twin"] = type(run)("twin", run.path, run.input, twin)

    world.provider.create = twice
    orphaned = await world.finish(await world.order())
    assert orphaned.job.state is State.ORPHANED


async def test_identical_requests_of_one_job_are_all_adopted(world):
    world.provider.lists = world.provider.auto = True
    world.provider.on_create = ["lost"] * 3
    done = await world.finish(await world.order(imagine(model=ONE_PICTURE, count=3)))
    assert done.job.state is State.DONE
    assert len(done.artefacts) == len(world.provider.runs) == 3
    assert len({prediction.provider_id for prediction in done.predictions}) == 3


async def test_only_listed_runs_of_identical_requests_are_adopted(world):
    world.provider.lists = world.provider.auto = True
    world.provider.on_create = ["lost", "vanished", "ok"]
    done = await world.finish(await world.order(imagine(model=ONE_PICTURE, count=3)))
    assert sorted(prediction.state for prediction in done.predictions) == ["lost", "succeeded", "succeeded"]
    assert done.job.captured_mcr == done.job.held_mcr * 2 // 3


async def test_successful_runs_are_delivered_despite_a_lost_one(world):
    world.provider.on_create = ["ok", "vanished"]
    job = await world.order(imagine(model=ONE_PICTURE, count=2))

    async def one_is_lost():
        return "lost" in [item.state for item in (await world.jobs.get(job)).predictions]

    await world.until(one_is_lost, step_s=0.25)
    world.provider.succeed("run1")
    done = await world.finish(job)
    assert done.job.state is State.DONE
    assert done.job.captured_mcr == done.job.held_mcr // 2


async def test_run_unknown_to_the_provider_for_a_moment_is_still_polled(world):
    job = await world.order()
    (run,) = await world.running(job)
    world.provider.on_fetch = [NotFound(what="prediction")] * 3
    world.provider.succeed(run)
    assert (await world.finish(job)).job.state is State.DONE


async def test_answer_that_goes_back_to_starting_is_not_believed(world, caplog):
    job = await world.order()
    (run,) = await world.running(job)
    for status, logged in ((RunStatus.RUNNING, ""), (RunStatus.STARTING, "the run goes back to starting")):
        world.provider.runs[run].status, before = status, world.provider.reads_made
        await world.until(lambda before=before: world.provider.reads_made > before + 1, step_s=0.25)
        assert logged in caplog.text
    assert await world.state(job) is State.RUNNING
    world.provider.succeed(run)
    assert (await world.finish(job)).job.state is State.DONE


async def test_read_that_fails_through_our_own_fault_is_logged_and_repeated(world, caplog):
    job = await world.order()
    (run,) = await world.running(job)
    world.provider.on_fetch = [RuntimeError("a fault of ours")] * 3
    world.provider.succeed(run)
    assert (await world.finish(job, step_s=1)).job.state is State.DONE
    assert world.provider.on_fetch == []
    assert caplog.text.count(f"read of run 1 of job {job} failed") == 3


async def test_run_unknown_to_the_provider_for_a_minute_is_lost(world):
    job = await world.order()
    (run,) = await world.running(job)
    del world.provider.runs[run]
    began_s = world.clock.monotonic_s()
    orphaned = await world.finish(job, step_s=1)
    assert orphaned.job.state is State.ORPHANED
    assert orphaned.job.failure.key == RunLost().key
    assert [loss.reason for loss in await world.jobs.losses()] == ["lost"]
    assert world.clock.monotonic_s() - began_s >= 60
    assert await world.balance() == (START_MCR, 0, 0)


async def test_run_unknown_to_the_poller_is_read_within_a_few_minutes(world, monkeypatch):
    async def fails(_poller, _run):
        raise StorageError(problem="the server is gone", fix="Wait")

    with monkeypatch.context() as patch:
        patch.setattr(Poller, "track", fails)
        job = await world.order()
        (run,) = await world.running(job)
        await world.clock.advance(1)
    world.provider.succeed(run)
    began_s = world.clock.monotonic_s()
    assert (await world.finish(job, step_s=5)).job.state is State.DONE
    assert world.clock.monotonic_s() - began_s < 2 * LOOK_AGAIN_S
    assert len(world.provider.runs) == 1


INTENT = "UPDATE prediction SET state = 'submitting'"
UNSENT = "UPDATE prediction SET state = 'intended'"
END = "UPDATE prediction SET state = $3"
"""The beginnings of the statements that record a create's intent, that a create was not sent, and the end of a run."""


class OneFailure:
    """Makes one operation with a certain statement fail, either before or after it is stored."""

    def __init__(self, database, statement, *, stored):
        self.is_due = True
        self._statement = statement
        self._stored = stored
        self._run = database.run
        database.run = self.run

    async def run(self, operation):
        met = []
        found = await self._run(lambda: self._watched(operation(), met))
        if met and self._stored and self.is_due:
            self._fail()
        return found

    def _watched(self, steps, met):
        rows = None
        try:
            while True:
                statement = next(steps) if rows is None else steps.send(rows)
                if statement.sql.startswith(self._statement):
                    met.append(statement)
                    if self.is_due and not self._stored:
                        self._fail()
                rows = yield statement
        except StopIteration as end:
            return end.value

    def _fail(self):
        self.is_due = False
        raise StorageError(problem="the server is gone", fix="Wait")


@pytest.mark.parametrize("count", [1, 2])
async def test_create_that_was_never_sent_is_sent_even_if_its_intent_may_be_stored(world, count):
    world.provider.auto = True
    failure = OneFailure(world.database, INTENT, stored=True)
    done = await world.finish(await world.order(imagine(model=ONE_PICTURE, count=count)))
    assert (failure.is_due, done.job.state, len(world.provider.runs)) == (False, State.DONE, count)
    assert await world.jobs.losses() == ()


@pytest.mark.parametrize("count", [1, 2])
async def test_create_whose_intent_could_not_be_stored_uses_no_call(world, count):
    world.provider.auto = True
    world.provider.creates = budget = CountedBudget()
    failure = OneFailure(world.database, INTENT, stored=False)
    await world.finish(await world.order(imagine(model=ONE_PICTURE, count=count)))
    assert (failure.is_due, budget.taken, len(world.provider.runs)) == (False, count, count)


@pytest.mark.parametrize(
    ("refusal", "stored_by", "end"),
    [(ProviderDown(detail="no connection"), UNSENT, State.DONE), (InputRejected(), END, State.FAILED)],
)
async def test_refused_create_is_not_lost_if_the_refusal_cannot_be_stored(world, refusal, stored_by, end):
    world.provider.auto = True
    world.provider.on_create = [refusal] if end is State.DONE else [refusal, refusal]
    failure = OneFailure(world.database, stored_by, stored=False)
    ended = await world.finish(await world.order())
    assert (failure.is_due, ended.job.state, world.provider.on_create) == (False, end, [])
    assert await world.jobs.losses() == ()
