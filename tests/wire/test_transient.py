"""Tests of temporary faults between the real bot and the sandboxes: nothing is lost, run twice or paid for twice."""

from bot.errors import StorageError
from bot.jobs.records import State
from bot.money import milli
from bot.storage.artefact_folder import ArtefactFolder
from tests.pixels import picture
from tests.wire.conftest import running_stage
from tests.wire.stage import is_over, is_ready, short_id, text_of

START = milli(100_000)
PRICE = milli(75)
PASSING = [
    {"status": 404},
    {"status": 401},
    {"status": 403},
    {"status": 410},
    {"status": 202, "body": "in a moment"},
    {"status": 206, "body": "half"},
    {"status": 204},
    {"status": 409},
    {"status": 423},
    {"status": 425},
    {"status": 200, "body": ""},
    {"status": 429, "headers": {"Retry-After": "1"}},
    {"status": 500},
    {"status": 503, "body": "<html>busy</html>"},
    {"drop": "before"},
    {"drop": "after"},
]


async def provider_fault(stage, method, path, **how):
    """Let the next matching requests to the provider fail."""
    address = f"{stage._provider}/_sandbox/faults"
    async with stage.http.post(address, json=[{"method": method, "path": path, **how}]) as response:
        assert response.ok, await response.text()


async def made(stage, answer):
    """Wait for the result of an order."""
    over = await stage.message_of(answer, is_over)
    assert is_ready(over), text_of(over)
    await stage.until_state(short_id(over), State.DONE)


async def assert_made_once(stage, answer):
    """Wait for a picture, and check that it ran once and was paid for once."""
    await made(stage, answer)
    assert len(await stage.predictions()) == 1
    assert await stage.balance("mira") == (START - PRICE, 0)


async def test_results_that_appear_late_on_their_host_are_fetched_later(stage):
    """The first download of each file fails in a different way."""
    for fault in PASSING:
        await provider_fault(stage, "GET", "/files/*", **fault)
    answers = [await stage.command("mira", "imagine", prompt="a cat", count=4) for _ in range(len(PASSING) // 4)]
    for answer in answers:
        await made(stage, answer)
    assert len(await stage.predictions()) == len(answers)
    assert await stage.balance("mira") == (START - len(answers) * 4 * PRICE, 0)
    assert await stage.app.jobs.losses() == ()


async def test_input_files_that_appear_late_on_their_host_are_fetched_later(tmp_path):
    """The first download of each order fails in a different way."""
    async with running_stage(tmp_path, running_per_member=len(PASSING)) as stage:
        for fault in PASSING:
            await stage.fault("GET", "/cdn/*", **fault)
        files = {"image": ("cat.png", picture())}
        answers = [await stage.command("mira", "removebg", files=files) for _ in PASSING]
        for answer in answers:
            await made(stage, answer)
        assert len(await stage.predictions()) == len(answers)
        assert await stage.app.jobs.losses() == ()


async def test_run_survives_one_404_and_a_minute_of_bad_gateways(slow_stage):
    stage = slow_stage
    answer = await stage.command("mira", "imagine", prompt="a cat")
    card = await stage.until_running(answer)
    await provider_fault(stage, "GET", "*/v1/predictions/*", status=404, body={"detail": "not found"})
    await provider_fault(stage, "GET", "*/v1/predictions/*", times=7, status=502, body="<html>Bad Gateway</html>")
    await provider_fault(stage, "GET", "*/v1/predictions/*", status=404, body={"detail": "not found"})
    stage.advance_runs()
    await stage.until_state(short_id(card), State.DONE)
    await assert_made_once(stage, answer)


async def test_temporarily_full_disk_costs_no_result(stage, monkeypatch):
    keep, full = ArtefactFolder.keep, iter(range(2))

    async def failing(store, temporary, *, name):
        if next(full, None) is not None:
            raise StorageError(problem="the disk is full", fix="Make room")
        return await keep(store, temporary, name=name)

    monkeypatch.setattr(ArtefactFolder, "keep", failing)
    await assert_made_once(stage, await stage.command("mira", "imagine", prompt="a cat"))


async def test_run_whose_cancel_call_fails_at_the_deadline_is_stopped_afterwards(slow_stage, monkeypatch):
    stage = slow_stage
    answer = await stage.command("mira", "imagine", prompt="a cat [never]")
    card = await stage.until_running(answer)
    await provider_fault(stage, "POST", "*/cancel", times=2, status=502, body="<html>Bad Gateway</html>")
    monkeypatch.setattr(stage.app.clock, "_start_ms", stage.app.clock._start_ms + 3_600_000)  # time advances only here
    await stage.until_state(short_id(card), State.EXPIRED)
    assert await stage.balance("mira") == (START, 0)
    assert [loss.reason for loss in await stage.app.jobs.losses()] == ["expired"]

    async def stopped():
        return all(run["status"] in {"canceled", "aborted"} for run in await stage.predictions())

    await stage.writes.until(stopped)
