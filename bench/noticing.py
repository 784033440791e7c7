"""Benchmark of how late the end of a run is noticed, with the real poller and budget in simulated time.

The baseline is one loop per job that reads it every 5 seconds, with the same limit at the provider.
"""

import asyncio
import heapq
import itertools
import random
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

from bench import samples, simulated_time
from bench.inline_database import InlineDatabase
from bench.provider import ONE_WAY_S, Bucket, Mixed, SimulatedProvider, SimulatedRun, took
from bench.result import Result
from bench.scale import Scale
from bench.simulated_time import SimulatedClock
from bot.catalogue import serial
from bot.catalogue.catalogue import Catalogue
from bot.clock import ServerClock, end
from bot.jobs.checkpoints import NoCheckpoints
from bot.jobs.durations import MAX_RUNS
from bot.jobs.engine.card_updates import CardUpdates
from bot.jobs.engine.context import EngineContext
from bot.jobs.engine.list_sweep import ListSweep
from bot.jobs.engine.outcome import RunOutcomes
from bot.jobs.engine.poll import Poller
from bot.jobs.engine.wakeups import WakeUps
from bot.jobs.engine.watched_run import Run
from bot.jobs.job_log import JobLog
from bot.jobs.limits import JobLimits
from bot.jobs.ports import Messenger, Provider
from bot.jobs.store.duration_rows import Kind
from bot.jobs.store.snapshots import Snapshots
from bot.media.media_tools import MediaTools
from bot.storage.artefacts import ArtefactStore
from bot.storage.operation import Database
from bot.storage.sqlite.connection import connect_writer
from bot.storage.sqlite.schema import migrate
from bot.tracing import NoTracer
from bot.troubles import Troubles

FAST = (
    Mixed("black-forest-labs/flux-schnell", 0.30, 0.3, 0.9, 0.4),
    Mixed("black-forest-labs/flux-dev", 0.20, 0.5, 3.0, 0.4),
    Mixed("stability-ai/sdxl", 0.15, 0.5, 5.0, 0.4),
)
MUSIC = Mixed("meta/musicgen", 0.05, 1.0, 15.0, 0.25)
VIDEO = (
    Mixed("kling", 0.10, 2.0, 145.0, 0.26),
    Mixed("veo", 0.08, 2.0, 78.0, 0.29),
    Mixed("hailuo", 0.12, 2.0, 195.0, 0.3),
)
MIX = (*FAST, MUSIC, *VIDEO)
QUEUED = tuple(Mixed(one.name, one.share, one.start_s, one.run_s, one.spread, queue_s=720.0) for one in VIDEO)

LIMIT = 3_000
LOOP_S, BACK_OFF_S = 5.0, 1.0


@dataclass(frozen=True, slots=True)
class Load:
    """A number of runs in flight; whenever one ends, a new one begins. Times are in seconds.

    `lists`: the provider can list its runs; the official host can, and gateways usually cannot.
    """

    name: str
    mix: tuple[Mixed, ...]
    in_flight: int
    warm_s: float
    measured_s: float
    lists: bool = False


LOADS = (
    Load("noticing_10", MIX, 10, 60, 3_600),
    Load("noticing_1000", MIX, 1_000, 120, 600, lists=True),
    Load("noticing_queued_10000", QUEUED, 10_000, 300, 600, lists=True),
    Load("noticing_1000_by_id", MIX, 1_000, 120, 600),
    Load("noticing_queued_10000_by_id", QUEUED, 10_000, 300, 600),
)


async def measure(directory: Path, scale: Scale) -> list[Result]:
    results: list[Result] = []
    for whole in LOADS:
        load = replace(
            whole,
            in_flight=max(10, round(whole.in_flight * scale.simulated)),
            warm_s=whole.warm_s * scale.simulated,
            measured_s=max(100.0, whole.measured_s * scale.simulated),
        )
        pairs: list[tuple[float, float]] = []
        for seed in range(scale.simulations):
            found = await asyncio.to_thread(simulate, directory / f"{load.name}{seed}.db", load, seed)
            pairs.append((found.lag_s, loops_lag_s(load, seed)))
            if found.refused:
                raise RuntimeError(f"{load.name}: the provider refused {found.refused} reads")
        where = "a provider with a list" if load.lists else "a gateway without a list"
        note = f"{load.in_flight:,} runs in flight at {where}, {LIMIT:,} reads a minute, no 429; compared to 5 s loops"
        results.append(Result.of(load.name, pairs, unit="s", better="lower", note=note))
    return results


@dataclass(frozen=True, slots=True)
class Found:
    """The mean lag, the reads per run, and the number of reads that the provider refused."""

    lag_s: float
    reads_per_run: float
    refused: int


def simulate(path: Path, load: Load, seed: int) -> Found:
    """Simulate a load."""

    async def main() -> Found:
        return await _Simulation(path, load, seed).run(load.warm_s, load.measured_s)

    return simulated_time.run(main())


class _NoCards(CardUpdates):
    def changed(self, job: str) -> None:
        del job


class _Simulation:
    """The real poller, budget and database, and a simulated provider."""

    def __init__(self, path: Path, load: Load, seed: int) -> None:
        migrate(path)
        self._connection = connect_writer(path)
        self._connection.execute("PRAGMA synchronous = OFF")
        self._load = load
        self._chance = random.Random(seed)
        self._numbers = itertools.count(1)
        self._clock = SimulatedClock()
        self._provider = SimulatedProvider(self._clock, LIMIT, lists=load.lists)
        self._plan = samples.running(0, 0).job.plan
        context = self._context()
        outcomes = RunOutcomes(context, _NoCards(context, cast("Messenger", None)))
        self._poller = Poller(context, outcomes)
        self._sweep = ListSweep(context, self._poller)

    async def run(self, warm_s: float, measured_s: float) -> Found:
        self._learn()
        for _ in range(self._load.in_flight):
            self._insert(self._began())
        poll = asyncio.create_task(self._poller.run(lambda: None))
        sweep = asyncio.create_task(self._sweep.run(lambda: None))
        ends = asyncio.create_task(self._replace())
        await asyncio.sleep(warm_s)
        reads, noticed = self._provider.reads_made, len(self._provider.lags_s)
        since_s = self._clock.now_ms() / 1_000
        await asyncio.sleep(measured_s)
        reads, noticed = self._provider.reads_made - reads, len(self._provider.lags_s) - noticed
        # A run whose end has not been noticed yet counts with the time since it ended.
        now_s = self._clock.now_ms() / 1_000
        late = [now_s - run.completed_ms / 1_000 for run in self._provider.runs.values() if not run.noticed]
        lags = [lag_s for ended_s, lag_s in self._provider.lags_s if ended_s >= since_s]
        lags += [lag_s for lag_s in late if 0 < lag_s <= measured_s]
        await end([poll, sweep, ends])
        await self._poller.drain()
        return Found(sum(lags) / len(lags), reads / noticed, self._provider.refused)

    def _learn(self) -> None:
        for model in self._load.mix:
            for number in range(MAX_RUNS):
                start_s, run_s = took(model, self._chance)
                values = (model.name, "-/-/1", f"old{number}", 1, round(start_s * 1_000), round(run_s * 1_000))
                self._connection.execute(
                    "INSERT INTO duration (model, size, job, prediction, start_ms, run_ms) VALUES (?, ?, ?, ?, ?, ?)",
                    (*values[:2], f"{model.name}{values[2]}", *values[3:]),
                )

    def _began(self) -> tuple[Mixed, float, float, float]:
        """Return a run that is in flight at a random moment: its model, its start-up and run time, and its age."""
        weights = [one.share for one in self._load.mix]
        longest = 4_000.0
        while True:  # long runs are more likely to be in flight
            model = self._chance.choices(self._load.mix, weights)[0]
            start_s, run_s = took(model, self._chance)
            age_s = self._chance.uniform(0, longest)
            if age_s < start_s + run_s:
                return model, start_s, run_s, age_s

    def _insert(self, begun: tuple[Mixed, float, float, float]) -> Run:
        model, start_s, run_s, age_s = begun
        number = next(self._numbers)
        job, created_ms = f"job{number:08}", self._clock.now_ms() - round(age_s * 1_000)
        started_ms = created_ms + round(start_s * 1_000)
        run = SimulatedRun(f"run{number:08}", created_ms, started_ms, started_ms + round(run_s * 1_000))
        self._provider.add(run)
        ordered = serial.dump_order(samples.order(model.name))
        self._connection.execute(
            "INSERT INTO job (id, short_id, guild, channel, member, payer, state, task, model, ordered, planned, "
            "held_mcr, visibility, locale, guild_locale, interaction, application, token, token_created_ms, "
            "filesize_limit, message, created_ms, updated_ms, deadline_ms) VALUES (?, ?, 1, 1, 1, 1, 'running', "
            "'imagine', ?, ?, ?, 75000, 'channel', 'en-US', 'en-US', ?, 1, x'00', 1, 1, 1, ?, ?, ?)",
            (job, job, model.name, ordered, serial.dump_plan(self._plan), number, created_ms, created_ms, 1 << 50),
        )
        self._connection.execute(
            "INSERT INTO prediction (job, number, state, expected, provider_id, created_ms) "
            "VALUES (?, 1, 'running', 1, ?, ?)",
            (job, run.id, created_ms),
        )
        heapq.heappush(self._ends, (run.completed_ms, run.id))
        return Run(job, 1, run.id, created_ms, Kind(model.name, "-/-/1"), self._plan.typical_s)

    async def _replace(self) -> None:
        """Start a new run whenever one ends."""
        weights = [one.share for one in self._load.mix]
        while True:
            completed_ms, _ = heapq.heappop(self._ends)
            await asyncio.sleep((completed_ms - self._clock.now_ms()) / 1_000)
            model = self._chance.choices(self._load.mix, weights)[0]
            start_s, run_s = took(model, self._chance)
            await self._poller.track(self._insert((model, start_s, run_s, 0.0)))

    def _context(self) -> EngineContext:
        self._ends: list[tuple[int, str]] = []
        database = cast("Database", InlineDatabase(self._connection))
        return EngineContext(
            database=database,
            snapshots=cast("Snapshots", None),
            catalogue=Catalogue.load(),
            provider=cast("Provider", self._provider),
            artefacts=cast("ArtefactStore", None),
            media=cast("MediaTools", None),
            clock=self._clock,
            discord_clock=ServerClock(self._clock),
            provider_clock=ServerClock(self._clock),
            limits=JobLimits(running_per_guild=8, running_per_member=3, result_max_bytes=1, keep_days=1),
            checkpoints=NoCheckpoints(),
            wakeups=WakeUps(),
            troubles=Troubles(self._clock),
            job_log=JobLog(database),
            tracer=NoTracer(),
        )


def loops_lag_s(load: Load, seed: int) -> float:
    """Return the mean lag of one loop per job that reads it every 5 seconds, and waits for a second after a 429."""
    chance, bucket = random.Random(seed), Bucket(LIMIT)
    weights = [one.share for one in load.mix]
    warm_s, until_s = load.warm_s, load.warm_s + load.measured_s
    lags: list[float] = []
    due: list[tuple[float, float]] = []

    def begin(now_s: float, *, resumed: bool) -> None:
        model = chance.choices(load.mix, weights)[0]
        last_s = sum(took(model, chance))
        # A run that was already in flight has completed some part of its time.
        heapq.heappush(due, (now_s + chance.uniform(0, LOOP_S), now_s + last_s * (chance.random() if resumed else 1)))

    for _ in range(load.in_flight):
        begin(0.0, resumed=True)
    while due and due[0][0] < until_s:
        now_s, ends_s = heapq.heappop(due)
        if not bucket.take(now_s + ONE_WAY_S):
            heapq.heappush(due, (now_s + 2 * ONE_WAY_S + BACK_OFF_S, ends_s))
        elif now_s + ONE_WAY_S < ends_s:
            heapq.heappush(due, (now_s + 2 * ONE_WAY_S + LOOP_S, ends_s))
        else:
            if ends_s >= warm_s:
                lags.append(now_s + 2 * ONE_WAY_S - ends_s)
            begin(now_s, resumed=False)
    lags += [until_s - ends_s for _, ends_s in due if warm_s <= ends_s < until_s]
    return sum(lags) / len(lags)
