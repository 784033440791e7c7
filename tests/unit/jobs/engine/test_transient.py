"""Tests that temporary faults are retried for a bounded time, and that each kind of step counts its own tries."""

import asyncio

import pytest

from bot.catalogue.order import FileRole, InputFile, Order, Task
from bot.catalogue.refusals import unusable
from bot.errors import (
    InputRejected,
    ProviderBusy,
    ProviderDown,
    ResultExpired,
    ResultNotYetThere,
    ResultReplaced,
    ResultUnusable,
    StorageError,
)
from bot.jobs.engine.build import STUCK_TRIES
from bot.jobs.engine.collect import RESULT_LIFE_S, YOUNG_S
from bot.jobs.engine.stop_runs import TRIES
from bot.jobs.engine.watched_run import MISSING_S
from bot.jobs.money import transitions
from bot.jobs.records import PredictionState, State
from bot.jobs.store import pause_rows, prediction_rows
from bot.jobs.store.pause_rows import Step
from bot.provider.wire import RunStatus
from tests.unit.jobs.engine.test_cancel import losses
from tests.unit.jobs.fakes import picture
from tests.unit.jobs.slow_create import SlowCreate
from tests.unit.jobs.world import MEMBER, ONE_PICTURE, START_MCR, UNTOUCHED, imagine

PRICE_MCR = 75_000
PAID = (START_MCR - PRICE_MCR, 0, PRICE_MCR)
FULL = StorageError(problem="the disk is full", fix="Make room")
PHOTO = InputFile("image", FileRole.IMAGE, "cat.png", "https://cdn/cat.png", 1_000, "image/png")
REMOVEBG = Order(Task.REMOVEBG, "lucataco/remove-bg", files=(PHOTO,))
PASSING = [
    ResultExpired(detail="404"),
    ResultNotYetThere(detail="202"),
    ResultReplaced(detail="a page"),
    ProviderDown(detail="reset"),
    ProviderBusy(detail="429", retry_after_s=1),
    FULL,
]


def named(error):
    return type(error).__name__


async def test_text_in_place_of_a_result_is_tried_again_while_the_run_is_young(world):
    job = await world.order()
    (run,) = await world.running(job)
    world.provider.succeed(run, data=b"not ready")
    began_s = await collecting_since(world, job)
    failed = await world.finish(job, step_s=5)
    assert (failed.job.state, failed.job.failure.key) == (State.FAILED, "result-replaced")
    assert 240 < world.clock.monotonic_s() - began_s < 420
    assert await world.balance() == UNTOUCHED


async def collecting_since(world, job):
    await world.reach(job, State.COLLECTING)
    return world.clock.monotonic_s()


@pytest.mark.parametrize("error", PASSING, ids=named)
async def test_result_that_cannot_be_fetched_at_first_is_delivered_later(world, error):
    world.provider.auto = True
    world.provider.on_download = [error] * 5
    done = await world.finish(await world.order(), step_s=1)
    assert done.job.state is State.DONE
    assert await world.balance() == PAID
    assert await losses(world) == []


@pytest.mark.parametrize(
    ("error", "longest_s"),
    [(error, YOUNG_S if isinstance(error, (ResultExpired, ResultUnusable)) else RESULT_LIFE_S) for error in PASSING],
    ids=[named(error) for error in PASSING],
)
async def test_missing_result_is_given_up_after_a_bounded_time_as_a_loss(world, error, longest_s):
    world.provider.auto = True
    world.provider.on_download = [error] * 1_000
    job = await world.order()
    began_s = await collecting_since(world, job)
    failed = await world.finish(job, step_s=5)
    assert failed.job.state is State.FAILED
    assert longest_s <= world.clock.monotonic_s() - began_s < longest_s + 90
    assert await world.balance() == UNTOUCHED
    assert await losses(world) == [(job, 1, "withheld", PRICE_MCR)]


async def test_stored_results_wait_only_a_few_minutes_for_a_failing_one(world):
    job = await world.order(imagine(count=2))
    (run,) = await world.running(job)
    world.provider.succeed(run)
    download = world.provider.download

    async def first_fails(url, into, *, max_bytes):
        if url.endswith("0.png"):
            raise ProviderDown(detail="502")
        return await download(url, into, max_bytes=max_bytes)

    world.provider.download = first_fails
    began_s = await collecting_since(world, job)
    done = await world.finish(job, step_s=5)
    assert done.job.state is State.DONE
    assert world.clock.monotonic_s() - began_s < YOUNG_S + 90
    assert await world.balance() == PAID
    assert [(number, reason) for _, number, reason, _ in await losses(world)] == [(1, "withheld")]


async def test_retry_starts_only_after_all_copies_of_the_failed_try_have_ended(world):
    job = await world.order(imagine(count=2))
    (run,) = await world.running(job)
    world.provider.succeed(run)
    slow, gate, open_copies, most = asyncio.Event(), asyncio.Event(), [], []
    download = world.provider.download

    async def watched(url, into, *, max_bytes):
        if url.endswith("0.png") and not gate.is_set():
            raise RuntimeError("a fault of ours")
        open_copies.append(url)
        most.append(open_copies.count(url))
        slow.set()
        await gate.wait()
        open_copies.remove(url)
        return await download(url, into, max_bytes=max_bytes)

    world.provider.download = watched
    await world.until(slow.is_set, step_s=0.25)
    await world.clock.advance(30)
    gate.set()
    done = await world.finish(job, step_s=1)
    assert len(done.artefacts) == 2
    assert max(most) == 1


@pytest.mark.parametrize("error", [ResultExpired(detail="404"), ResultNotYetThere(detail="202"), FULL], ids=named)
async def test_input_file_that_is_missing_at_first_is_copied_later(world, error):
    world.provider.auto = True
    world.provider.files[PHOTO.url] = picture()
    world.provider.on_download = [error] * 3
    done = await world.finish(await world.order(REMOVEBG), step_s=1)
    assert done.job.state is State.DONE


async def test_page_in_place_of_an_input_file_fails_the_job_at_once(world):
    world.provider.on_download = [ResultReplaced(detail="a page")]
    failed = await world.finish(await world.order(REMOVEBG))
    assert failed.job.failure.facts == unusable("cat.png", "file-unreadable").facts
    assert len(world.provider.downloads_made) == 1


async def test_input_file_that_stays_missing_fails_the_job_after_a_few_minutes(world):
    job = await world.order(REMOVEBG)
    began_s = world.clock.monotonic_s()
    failed = await world.finish(job, step_s=5)
    assert (failed.job.state, failed.job.failure.key) == (State.FAILED, "unusable-file")
    assert 240 < world.clock.monotonic_s() - began_s < 420
    assert await world.balance() == UNTOUCHED


async def test_single_miss_followed_by_failed_reads_does_not_lose_a_run(world):
    job = await world.order()
    (run,) = await world.running(job)
    kept = world.provider.runs.pop(run)
    await world.clock.advance(1)
    world.provider.runs[run] = kept
    world.provider.on_fetch = [ProviderDown(detail="502")] * 8
    await world.clock.advance(3 * MISSING_S)
    world.provider.runs.pop(run)
    await world.clock.advance(20)
    assert await world.state(job) is State.RUNNING
    world.provider.runs[run] = kept
    world.provider.succeed(run)
    assert (await world.finish(job, step_s=1)).job.state is State.DONE


async def test_run_that_stays_unknown_is_lost_and_stopped(world):
    stopped = watch_cancels(world)
    job = await world.order()
    (run,) = await world.running(job)
    world.provider.runs.pop(run)
    orphaned = await world.finish(job, step_s=1)
    assert orphaned.job.state is State.ORPHANED
    assert await losses(world) == [(job, 1, "lost", PRICE_MCR)]
    await world.until(lambda: run in stopped, step_s=1)


def watch_cancels(world, *, failing=0):
    """Record which runs the provider is asked to stop, and let the first requests fail."""
    asked, cancel = [], world.provider.cancel

    async def watched(run):
        asked.append(run)
        if len(asked) <= failing:
            raise ProviderDown(detail="502")
        return await cancel(run)

    world.provider.cancel = watched
    return asked


async def test_run_past_its_deadline_is_stopped_even_if_the_provider_fails_at_first(world):
    watch_cancels(world, failing=4)
    job = await world.order()
    (run,) = await world.running(job)
    expired = await world.finish(job, step_s=5)
    assert expired.job.state is State.EXPIRED
    await world.until(lambda: world.provider.runs[run].status is RunStatus.CANCELLED, step_s=5)
    assert await losses(world) == [(job, 1, "expired", PRICE_MCR)]


async def test_run_that_cannot_be_stopped_gets_a_limited_number_of_requests_to_stop(world):
    asked = watch_cancels(world, failing=1_000)
    job = await world.order()
    await world.running(job)
    await world.jobs.cancel(job, by=MEMBER)
    cancelled = await world.finish(job, step_s=5)
    assert cancelled.job.state is State.CANCELLED
    await world.clock.advance(3_600)
    assert TRIES <= len(asked) < 2 * TRIES  # some requests came while the job waited, and TRIES after it had ended
    before = len(asked)
    await world.clock.advance(3_600)
    assert len(asked) == before
    assert await world.balance() == UNTOUCHED
    assert await losses(world) == [(job, 1, "cancelled", PRICE_MCR)]


async def test_job_given_up_because_of_a_bug_stops_its_run_even_after_a_restart(world, monkeypatch):
    world.provider.on_create = ["ok", ProviderBusy(detail="throttled", retry_after_s=1)]
    job = await world.order(imagine(model=ONE_PICTURE, count=2))
    await world.until(lambda: len(world.provider.runs) == 1 and not world.provider.on_create)

    def broken(*_):
        raise RuntimeError("a fault of ours")

    monkeypatch.setattr("bot.jobs.engine.submit.fill", broken)
    watch_cancels(world, failing=1)
    await world.reach(job, State.FAILED, step_s=1)
    await world.crash()
    await world.until(lambda: world.provider.runs["run1"].status is RunStatus.CANCELLED, step_s=1)
    assert await world.balance() == UNTOUCHED
    assert [reason for *_, reason, _ in await losses(world)] == ["failed"]


async def test_run_whose_job_ended_before_its_id_was_known_is_stopped(world):
    slow = SlowCreate(world.provider)
    job = await world.order()
    await world.until(slow.asked.is_set)
    await world.database.run(
        lambda: prediction_rows.ended(job, 1, PredictionState.FAILED, failure=InputRejected().failure)
    )
    slow.answer()
    await world.until(lambda: world.provider.runs["run1"].status is RunStatus.CANCELLED, step_s=1)
    await world.database.run(lambda: transitions.conclude(job, world.clock.now_ms()))
    failed = await world.finish(job)
    assert (failed.job.state, failed.job.failure.key) == (State.FAILED, InputRejected().failure.key)
    assert list(world.provider.runs) == ["run1"]
    assert await world.balance() == UNTOUCHED


async def test_run_is_recorded_even_if_the_database_fails_for_a_few_seconds(world):
    run_operation, failures = world.database.run, iter([FULL] * 3)
    created = asyncio.Event()
    create = world.provider.create

    async def noted(path, body, **more):
        made = await create(path, body, **more)
        created.set()
        return made

    async def failing(operation):
        if created.is_set() and (error := next(failures, None)):
            raise error
        return await run_operation(operation)

    world.provider.create, world.database.run = noted, failing
    job = await world.order()
    await world.until(created.is_set)
    run = await until_running(world, job)
    world.provider.succeed(run)
    assert (await world.finish(job)).job.state is State.DONE
    assert len(world.provider.runs) == 1


async def until_running(world, job):
    async def sent():
        return (await world.jobs.get(job)).predictions[0].provider_id

    return await world.until(sent, step_s=0.5)


async def test_database_failure_of_half_an_hour_does_not_end_a_job(world):
    world.provider.auto = True
    outline, until_s = world.jobs._snapshots.outline, world.clock.monotonic_s() + 1_800
    collecting = asyncio.Event()

    async def failing(job):
        snapshot = await outline(job)
        if snapshot.job.state is State.COLLECTING and world.clock.monotonic_s() < until_s:
            collecting.set()
            raise FULL
        return snapshot

    world.jobs._snapshots.outline = failing
    job = await world.order()
    await world.until(collecting.is_set, step_s=0.25)
    await world.clock.advance(1_800)
    assert (await world.finish(job, step_s=1)).job.state is State.DONE


async def test_each_kind_of_step_counts_its_own_tries(world):
    job = await world.order()
    await world.running(job)
    now_ms = world.clock.now_ms()

    def postpone(step):
        return world.database.run(lambda: pause_rows.postpone(job, step, now_ms, jitter=0))

    for _ in range(STUCK_TRIES - 1):
        await postpone(Step.COPY)
    assert await postpone(Step.STOP) == 1
    assert await postpone(Step.SUBMIT_FAULT) == 1
    assert await postpone(Step.COPY) == STUCK_TRIES


async def test_postponed_create_does_not_delay_a_request_to_stop(world):
    world.provider.on_create = ["ok", ProviderBusy(detail="throttled", retry_after_s=600)]
    stopped = watch_cancels(world)
    job = await world.order(imagine(model=ONE_PICTURE, count=2))
    await world.until(lambda: len(world.provider.runs) == 1 and not world.provider.on_create)
    now_ms = world.clock.now_ms()
    for _ in range(5):
        await world.database.run(lambda: pause_rows.postpone(job, Step.COPY, now_ms, jitter=1))
    await world.jobs.cancel(job, by=MEMBER)
    await world.until(lambda: stopped == ["run1"])
    assert (await world.finish(job)).job.state is State.CANCELLED


@pytest.mark.parametrize("written", [False, True])
async def test_charge_is_made_once_if_the_database_fails_with_it(world, monkeypatch, written):
    """The last result and the charge are written together, so a failed write looks like a failed copy of the result."""
    run_operation, capture, charges, failed = world.database.run, transitions.capture, [], []

    def charging(*charge):
        charges.append(charge)
        if not written and len(charges) == 1:
            raise FULL
        return (yield from capture(*charge))

    async def failing(operation):
        before = len(charges)
        result = await run_operation(operation)
        if written and len(charges) > before and not failed:
            failed.append(operation)
            raise FULL
        return result

    monkeypatch.setattr(transitions, "capture", charging)
    world.database.run = failing
    world.provider.auto = True
    done = await world.finish(await world.order(), step_s=1)
    assert (done.job.state, len(done.artefacts)) == (State.DONE, 1)
    assert len(charges) == (1 if written else 2)
    assert await world.balance() == PAID
