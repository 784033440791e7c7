"""Tests that every job ends, every member is notified and the ledger balances, whatever the order of events."""

import asyncio
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.errors import InputRejected, InsufficientCredit, NotFound, ProviderBusy, ProviderDown
from bot.jobs.ports import CardState
from bot.jobs.records import TERMINAL, EndNotice, State
from tests.idle_loop import IdleLoop
from tests.invariants import assert_ledger_is_sound
from tests.unit.jobs.world import GUILD, MEMBER, ONE_PICTURE, SCHNELL, START_MCR, World, imagine

FATES = {
    "ok": lambda: "ok",
    "lost": lambda: "lost",
    "vanished": lambda: "vanished",
    "busy": lambda: ProviderBusy(detail="throttled", retry_after_s=3),
    "down": lambda: ProviderDown(detail="refused"),
    "rejected": lambda: InputRejected(detail="no"),
}

which = st.integers(0, 3)
events = st.one_of(
    st.tuples(st.just("order"), st.sampled_from([SCHNELL, ONE_PICTURE]), st.integers(1, 3)),
    st.tuples(st.just("card"), which, st.sampled_from(["card_accepted", "card_refused", "card_unclear"])),
    st.tuples(st.just("create"), st.sampled_from(sorted(FATES)), st.just(0)),
    st.tuples(st.just("succeed"), which, st.integers(0, 3)),
    st.tuples(st.just("fail"), which, st.just(0)),
    st.tuples(st.just("deny"), which, st.just(0)),
    st.tuples(st.just("expire files"), which, st.just(0)),
    st.tuples(st.just("break downloads"), which, st.just(0)),
    st.tuples(st.just("deliver"), st.sampled_from(["ok", "none", "error"]), st.just(0)),
    st.tuples(st.just("card says"), st.sampled_from(list(CardState)), st.just(0)),
    st.tuples(st.just("cancel"), which, st.just(0)),
    st.tuples(st.just("lists"), st.booleans(), st.just(0)),
    st.tuples(st.just("cancels"), st.booleans(), st.just(0)),
    st.tuples(st.just("pass"), st.sampled_from([0.1, 1, 10, 130, 700]), st.just(0)),
    st.tuples(st.just("restart"), st.just(0), st.just(0)),
)


class Story:
    """Applies a script of events to a world."""

    def __init__(self, world):
        self.world = world
        self.jobs = []

    async def play(self, what, first, second):
        await getattr(self, what.replace(" ", "_"))(first, second)

    async def order(self, model, count):
        try:
            accepted = await self.world.accept(imagine(model=model, count=count), self.world.origin())
        except InsufficientCredit:
            return
        self.jobs.append(accepted.job.id)

    async def card(self, index, how):
        if self.jobs:
            job = self.jobs[-1 - index % len(self.jobs)]
            answer = getattr(self.world.jobs, how)
            await (answer(job, 900) if how == "card_accepted" else answer(job))

    async def create(self, fate, _):
        self.world.provider.on_create.append(FATES[fate]())

    def run_of(self, index):
        open_runs = [run.id for run in self.world.provider.runs.values() if not run.status.ended]
        return open_runs[index % len(open_runs)] if open_runs else None

    async def succeed(self, index, outputs):
        if run := self.run_of(index):
            self.world.provider.succeed(run, outputs=outputs)

    async def fail(self, index, _):
        if run := self.run_of(index):
            self.world.provider.fail(run)

    async def deny(self, index, _):
        self.world.provider.on_fetch += [NotFound(what="prediction"), ProviderDown(detail="502")][: index % 2 + 1]

    async def expire_files(self, *_):
        self.world.provider.files.clear()

    async def break_downloads(self, index, _):
        self.world.provider.on_download += [ProviderDown(detail="reset")] * (index + 1)

    async def deliver(self, how, _):
        fates = {"ok": "ok", "none": None, "error": RuntimeError("a fault of ours")}
        self.world.messenger.on_deliver.append(fates[how])

    async def card_says(self, state, _):
        self.world.messenger.card_says.append(state)

    async def cancel(self, index, _):
        if self.jobs:
            await self.world.jobs.cancel(self.jobs[index % len(self.jobs)], by=MEMBER)

    async def lists(self, yes, _):
        self.world.provider.lists = yes

    async def cancels(self, yes, _):
        self.world.provider.cancels = yes

    async def restart(self, *_):
        await self.world.crash()

    async def pass_(self, seconds):
        await self.world.clock.advance(seconds)

    async def end(self):
        """Let everything finish, whatever has happened so far."""
        self.world.provider.auto = True

        async def all_told():
            snapshots = [await self.world.jobs.get(job) for job in self.jobs]
            return all(
                snapshot.job.state in TERMINAL and snapshot.job.notice is not EndNotice.DUE for snapshot in snapshots
            )

        await self.world.until(all_told, step_s=2)


async def assert_script_ends_well(path, script):
    world = await World.open(path)
    await world.start()
    story = Story(world)
    for what, first, second in script:
        if what == "pass":
            await story.pass_(first)
        else:
            await story.play(what, first, second)
    await story.end()
    await assert_jobs_ended(world, story)
    await world.close()


async def assert_jobs_ended(world, story):
    await assert_ledger_is_sound(world.database)
    snapshots = [await world.jobs.get(job) for job in story.jobs]
    available, held, spent = await world.balance()
    assert held == 0
    assert spent == sum(snapshot.job.captured_mcr for snapshot in snapshots)
    assert available + spent == START_MCR
    wanted = sum(len(snapshot.predictions) for snapshot in snapshots)
    assert len(world.provider.runs) <= wanted
    for snapshot in snapshots:
        paid = snapshot.job.captured_mcr > 0
        assert paid == (snapshot.job.state in {State.DONE, State.UNDELIVERED})
        if paid:
            assert snapshot.artefacts
        assert snapshot.job.guild == GUILD


@pytest.mark.timeout(300)  # thirty long scripts take minutes on a busy machine
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(events, min_size=4, max_size=25))
def test_every_job_ends_and_the_ledger_balances(script):
    with tempfile.TemporaryDirectory() as folder, asyncio.Runner(loop_factory=IdleLoop) as runner:
        runner.run(
            assert_script_ends_well(Path(folder), [("order", SCHNELL, 1), ("card", 0, "card_accepted"), *script])
        )
