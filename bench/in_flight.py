"""Benchmark of the memory that a job in flight costs: `python -m bench.in_flight DATABASE JOBS`.

It runs as a separate process, because its memory is measured. The jobs are there when it starts, as after a restart,
and each is read once, in simulated time, from a provider whose runs do not end.
"""

import asyncio
import gc
import json
import logging
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import cast

import structlog

from bench import simulated_time
from bench.inline_database import InlineDatabase
from bench.memory import resident_mib
from bench.provider import EndlessRuns
from bench.result import Result
from bench.samples import SECRET_KEY
from bench.scale import Scale
from bench.simulated_time import BEGAN_MS, SimulatedClock
from bench.stored_jobs import fill, make_current
from bot.catalogue.catalogue import Catalogue
from bot.clock import ServerClock, end
from bot.jobs.checkpoints import NoCheckpoints
from bot.jobs.engine.card_updates import CardUpdates
from bot.jobs.engine.context import EngineContext
from bot.jobs.engine.outcome import RunOutcomes
from bot.jobs.engine.poll import Poller
from bot.jobs.engine.wakeups import WakeUps
from bot.jobs.job_log import JobLog
from bot.jobs.limits import JobLimits
from bot.jobs.ports import Messenger, Provider
from bot.jobs.records import Snapshot
from bot.jobs.store.snapshots import Snapshots
from bot.jobs.waits import SlotLimits
from bot.media.media_tools import MediaTools
from bot.storage.artefacts import ArtefactStore
from bot.storage.operation import Database
from bot.storage.secret_key import SecretKey
from bot.storage.sqlite.connection import connect_writer
from bot.tracing import NoTracer
from bot.troubles import Troubles

ROOT = Path(__file__).parents[1]
READS_PER_MINUTE = 3_000
AGE_MS = 5_000
KIB = 1_024
BOUND_KIB = 2.0
"""The maximum cost of a job."""


async def measure(directory: Path, scale: Scale) -> list[Result]:
    watched: list[tuple[float, float]] = []
    shown: list[tuple[float, float]] = []
    for number in range(scale.repeats):
        path = directory / f"in-flight{number}.db"
        found = await asyncio.to_thread(measured, path, scale.cards)
        watched.append((found["watched_kib"], BOUND_KIB))
        shown.append((found["shown_kib"], BOUND_KIB))
    note = f"KiB for each of {scale.cards:,} jobs in flight, each read once"
    return [
        Result.of(
            "job_memory", watched, unit="KiB", better="lower", note=f"{note}: what its reads need, compared to 2 KiB"
        ),
        Result.of(
            "job_memory_with_card",
            shown,
            unit="KiB",
            better="lower",
            note=f"{note}: the same while its card waits for an edit",
        ),
    ]


def measured(path: Path, jobs: int) -> dict[str, float]:
    fill(path, jobs)
    make_current(path, began_ms_ago=AGE_MS, away_ms=0, now_ms=BEGAN_MS)
    command = [sys.executable, "-m", "bench.in_flight", str(path), str(jobs)]
    return json.loads(subprocess.run(command, capture_output=True, check=True, cwd=ROOT).stdout)


class _Cards:
    """A messenger that records the jobs whose progress it would show."""

    def __init__(self, jobs: int) -> None:
        self.not_shown = {f"job{number:08}" for number in range(1, jobs + 1)}

    def progress(self, snapshot: Snapshot) -> None:
        self.not_shown.discard(snapshot.job.id)


async def cost(path: Path, jobs: int) -> dict[str, float]:
    """Read each job once; return the KiB per job, without and with the snapshots that are waiting to be shown."""
    with closing(connect_writer(path)) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        database, clock, cards = cast("Database", InlineDatabase(connection)), SimulatedClock(), _Cards(jobs)
        provider = EndlessRuns(clock, READS_PER_MINUTE)
        context = _context(database, provider, clock)
        updates = CardUpdates(context, cast("Messenger", cards))
        poller = Poller(context, RunOutcomes(context, updates))
        await context.snapshots.get("job00000001")  # the first read loads things that all jobs share
        before_mib = _settled_mib()
        loops = [asyncio.create_task(body.run(lambda: None)) for body in (poller, updates)]
        while cards.not_shown:  # noqa: ASYNC110 - in simulated time
            await asyncio.sleep(1)
        await end(loops)
        await poller.drain()
        watched_mib = _settled_mib()
        waiting = [await context.snapshots.get(f"job{number:08}") for number in range(1, jobs + 1)]
        shown_mib = _settled_mib()
    if provider.refused or len(waiting) < jobs:
        raise RuntimeError(f"{provider.refused} reads were refused")
    return {
        "watched_kib": (watched_mib - before_mib) * KIB / jobs,
        "shown_kib": (shown_mib - before_mib) * KIB / jobs,
    }


def _settled_mib() -> float:
    gc.collect()
    return resident_mib()


def _context(database: Database, provider: EndlessRuns, clock: SimulatedClock) -> EngineContext:
    return EngineContext(
        database=database,
        snapshots=Snapshots(database, SecretKey(SECRET_KEY), clock, SlotLimits(8, 3)),
        catalogue=Catalogue.load(),
        provider=cast("Provider", provider),
        artefacts=cast("ArtefactStore", None),
        media=cast("MediaTools", None),
        clock=clock,
        discord_clock=ServerClock(clock),
        provider_clock=ServerClock(clock),
        limits=JobLimits(running_per_guild=8, running_per_member=3, result_max_bytes=1, keep_days=1),
        checkpoints=NoCheckpoints(),
        wakeups=WakeUps(),
        troubles=Troubles(clock),
        job_log=JobLog(database),
        tracer=NoTracer(),
    )


if __name__ == "__main__":
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    logging.disable(logging.CRITICAL)
    sys.stdout.write(json.dumps(simulated_time.run(cost(Path(sys.argv[1]), int(sys.argv[2])))))
