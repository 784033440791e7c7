"""Tests that the bot stops in time even if something hangs, and resumes everything once when it is started again."""

import asyncio
import os
import time
from typing import ClassVar

import pytest

from bot.app.shutdown import BoundedShutdown
from tests.wire import stage as staging
from tests.wire.conftest import running_stage
from tests.wire.shared_workers import shared_workers
from tests.wire.stage import PAUSED_SPEED, is_ready, short_id

STOPPED_S = 10.0
"""The time that supervisors commonly allow for a stop, and that docs/operate.md promises."""

HELD_S = 3_600
RUNNING = int(os.environ.get("EASEL_RUNNING_JOBS", "2"))
"""How many jobs run when the bot is stopped; it can be raised for a manual measurement."""


class DeafWorker:
    """A media worker that from some point on ignores everything, even a kill, as if in an uninterruptible call."""

    deaf = False
    asked = asyncio.Event()
    left: ClassVar[set["DeafWorker"]] = set()

    def __init__(self, worker):
        self._worker = worker
        DeafWorker.left.add(self)

    def __getattr__(self, name):
        return getattr(self._worker, name)

    async def ask(self, request, wall_s):
        if DeafWorker.deaf:
            DeafWorker.asked.set()
            await asyncio.Event().wait()
        return await self._worker.ask(request, wall_s)

    async def end(self):
        if DeafWorker.deaf:
            await asyncio.Event().wait()
        DeafWorker.left.discard(self)
        await self._worker.end()


class DeafWorkers:
    async def start(self):
        return DeafWorker(await shared_workers().start())


@pytest.fixture
async def busy_stage(tmp_path, monkeypatch):
    """Open a stage with room for many jobs, whose media workers can be made deaf."""
    monkeypatch.setattr(staging, "shared_workers", DeafWorkers)
    monkeypatch.setattr(DeafWorker, "deaf", False)
    monkeypatch.setattr(DeafWorker, "asked", asyncio.Event())
    limits = {"running_per_guild": 1_000, "running_per_member": 1_000}
    async with running_stage(tmp_path, speed=PAUSED_SPEED, shutdown=BoundedShutdown, **limits) as stage:
        yield stage
        for worker in [*DeafWorker.left]:
            await worker.end()


def endless():
    """Read forever, as a check of a huge ledger would."""
    from bot.storage.operation import Statement  # noqa: PLC0415

    yield Statement("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT COUNT(*) FROM n")


async def test_stop_ends_in_time_while_everything_hangs_and_nothing_is_lost_or_duplicated(busy_stage):
    stage = busy_stage
    ended = [await stage.command("mira", "imagine", prompt=f"a lighthouse {number}") for number in range(RUNNING)]
    cards = [await stage.until_running(one) for one in ended]
    # All result uploads and card edits are held up.
    await stage.fault("PATCH", "*/messages/*", delay_s=HELD_S, times=None)
    stage.advance_runs()
    for card in cards:
        await stage.until_state(short_id(card), "delivering")
    running = await stage.command("mira", "imagine", prompt="a boat")
    await stage.until_submitted(short_id(await stage.message_of(running)))
    DeafWorker.deaf = True
    collecting = await stage.command("mira", "imagine", prompt="a gull")
    await stage.until_submitted(short_id(await stage.message_of(collecting)))
    stage.advance_runs()
    await DeafWorker.asked.wait()
    await stage.provider_fault("GET", "*/predictions/*", delay_s=HELD_S, times=None)
    await stage.provider_fault("POST", "*/predictions", delay_s=HELD_S, times=None)
    created = await stage.command("mira", "imagine", prompt="a paper boat")
    unsent = short_id(await stage.message_of(created))
    await stage.until_state(unsent, "running")
    await stage.fault("POST", "*/callback", delay_s=HELD_S, times=None)
    await stage.begin_interaction("mira", "command", name="balance", options={}, files={})
    async with asyncio.timeout(staging.PATIENCE_S):
        while not stage.app.client.answering.count:
            await stage.messages("mira")
    reading = asyncio.ensure_future(stage.app.database.read(endless))
    await asyncio.sleep(0)

    began_s = time.monotonic()
    await stage.app.stop()
    took_s = time.monotonic() - began_s

    assert took_s < STOPPED_S, f"it took {took_s:.1f} s to stop with {RUNNING} uploads"

    assert isinstance((await asyncio.gather(reading, return_exceptions=True))[0], Exception)
    DeafWorker.deaf = False
    await stage.heal()
    await stage.heal_provider()
    await stage.start_bot()
    every = [*ended, running, collecting]
    for answer in every:
        await stage.message_of(answer, is_ready)
    await stage.until_state(unsent, "orphaned")  # the provider never received its create, which is not repeated
    shown = [one for one in await stage.messages("mira") if one["attachments"]]
    assert len(shown) == len(every)
    assert len(await stage.predictions()) == len(every)
    stage.discord.clock.advance(HELD_S)  # so that the sandbox can close, too
    stage.advance_provider(HELD_S)
