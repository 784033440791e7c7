"""`python -m bench.resume DATABASE SECONDS`: runs the jobs of a database for that time, and prints time and memory.

It runs as a separate process, because its memory is measured. After 0.2 s, the provider answers that a run continues.
"""

import asyncio
import json
import logging
import sys
import time
from pathlib import Path
from typing import Any, cast

import structlog

from bench.memory import resident_mib
from bench.provider import EndlessRuns
from bench.samples import SECRET_KEY
from bot.app.configured_parts import build_limits
from bot.catalogue.catalogue import Catalogue
from bot.clock import ServerClock, SystemClock
from bot.jobs.checkpoints import NoCheckpoints
from bot.jobs.dependencies import JobsDependencies
from bot.jobs.jobs import Jobs
from bot.jobs.ports import CardState, FoundCard, Messenger, Provider
from bot.jobs.records import Job, Snapshot
from bot.settings import defaults
from bot.storage.artefact_folder import ArtefactFolder
from bot.storage.secret_key import SecretKey
from bot.storage.sqlite.driver import SqliteDatabase
from bot.troubles import Troubles

READS_PER_MINUTE = 3_000
DISCORD_S = 0.2


class _Cards:
    """A messenger that counts what it would send to Discord."""

    calls = 0

    def progress(self, snapshot: Snapshot) -> None:
        del snapshot

    async def find_end(self, job: Job) -> FoundCard:
        self.calls += 1
        await asyncio.sleep(DISCORD_S)
        return FoundCard(CardState.SHOWN, message=job.message, channel=job.channel)


async def resume(path: Path, watched_s: float) -> dict[str, float]:
    """Start the jobs of this database; return the seconds to the first read, and the memory that was added."""
    clock = SystemClock()
    database = await SqliteDatabase.open(path)
    provider, cards = EndlessRuns(clock, READS_PER_MINUTE), _Cards()
    jobs = Jobs(_dependencies(database, provider, clock, path))
    before_mib = resident_mib()
    began_s = time.perf_counter()
    await jobs.prepare()
    ready_s = time.perf_counter()  # from now on, the gateway may be ready
    await jobs.start(cast("Messenger", cards))
    most_mib = before_mib
    while time.perf_counter() < ready_s + watched_s:
        await asyncio.sleep(0.02)
        most_mib = max(most_mib, resident_mib())
    if provider.first_s is None or provider.refused:
        raise RuntimeError(f"nothing was read, or {provider.refused} reads were refused")
    return {
        "prepare_s": ready_s - began_s,
        "first_s": provider.first_s - ready_s,
        "mib": most_mib - before_mib,
        "discord_calls": cards.calls,
    }


def _dependencies(database: SqliteDatabase, provider: EndlessRuns, clock: SystemClock, path: Path) -> JobsDependencies:
    nothing = cast("Any", None)
    return JobsDependencies(
        database=database,
        catalogue=Catalogue.load(),
        policy=nothing,
        guilds=nothing,
        provider=cast("Provider", provider),
        artefacts=ArtefactFolder(path.parent / "artefacts", reserve_bytes=0),
        media=nothing,
        clock=clock,
        discord_clock=ServerClock(clock),
        provider_clock=ServerClock(clock),
        secret_key=SecretKey(SECRET_KEY),
        links=None,
        limits=build_limits(defaults()),
        troubles=Troubles(clock),
        checkpoints=NoCheckpoints(),
    )


if __name__ == "__main__":
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    logging.disable(logging.CRITICAL)
    sys.stdout.write(json.dumps(asyncio.run(resume(Path(sys.argv[1]), float(sys.argv[2])))))
