"""Benchmark of a restart: reads every unfinished run page by page, and measures how long the event loop is blocked."""

import asyncio
import json
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

from bench.lag import delays_ms
from bench.result import Result
from bench.scale import Scale
from bench.stored_jobs import fill, make_current
from bot.jobs.store import prediction_rows
from bot.storage.sqlite.driver import SqliteDatabase

ROOT = Path(__file__).parents[1]
AGE_MS, AWAY_MS = 5_000, 3_000
"""How long the runs have lasted, and how long the process was down."""

WATCHED_S = 1e-4
"""How long the memory is watched, per job: long enough for all runs to be loaded."""

_PAGE = 1_000

_RAW = """
SELECT p.job, p.number, p.provider_id, j.updated_ms, j.planned
FROM prediction p JOIN job j ON j.id = p.job WHERE p.state = 'running'
"""


async def measure(directory: Path, scale: Scale) -> list[Result]:
    path = directory / "restart.db"
    await asyncio.to_thread(fill, path, scale.jobs)
    database = await SqliteDatabase.open(path)
    scans: list[tuple[float, float]] = []
    lags: list[tuple[float, float]] = []
    for _ in range(scale.repeats):
        whole = await asyncio.to_thread(_raw, path)
        idle = (await delays_ms(asyncio.sleep(whole)))[-1]
        begin = time.perf_counter()
        lag = (await delays_ms(_scan(database, scale.jobs)))[-1]
        scans.append((time.perf_counter() - begin, whole))
        lags.append((lag, idle))
    await database.close()
    firsts, memory = await asyncio.to_thread(_resumed, directory, scale)
    return [
        Result.of(
            "restart_first_poll",
            firsts,
            unit="s",
            better="lower",
            note=f"from a ready gateway to the first read with {scale.jobs:,} unfinished jobs, compared to 1 job",
        ),
        Result.of(
            "restart_memory",
            memory,
            unit="MiB",
            better="lower",
            note=f"memory added by resuming {scale.jobs:,} unfinished jobs, compared to 1 job",
        ),
        Result.of(
            "restart_scan",
            scans,
            unit="s",
            better="lower",
            note=f"{scale.jobs:,} unfinished runs in pages of {_PAGE:,}, compared to sqlite3 fetching all at once",
        ),
        Result.of(
            "restart_loop_lag", lags, unit="ms", better="lower", note="the event loop's longest delay, compared to idle"
        ),
    ]


def _resumed(directory: Path, scale: Scale) -> tuple[list[tuple[float, float]], list[tuple[float, float]]]:
    """Return the seconds to the first read and the memory, each for many jobs and for one."""
    found: list[dict[str, float]] = []
    for number, jobs in enumerate((scale.jobs, 1) * scale.repeats):
        path = directory / f"resume{number}.db"
        fill(path, jobs)
        make_current(path, began_ms_ago=AGE_MS, away_ms=AWAY_MS)
        command = [sys.executable, "-m", "bench.resume", str(path), str(1 + jobs * WATCHED_S)]
        output = subprocess.run(command, capture_output=True, check=True, cwd=ROOT).stdout
        found.append(json.loads(output))
    pairs = list(zip(found[::2], found[1::2], strict=True))
    return (
        [(many["first_s"], one["first_s"]) for many, one in pairs],
        [(many["mib"], max(one["mib"], 1.0)) for many, one in pairs],
    )


def _raw(path: Path) -> float:
    begin = time.perf_counter()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(_RAW).fetchall()
    return time.perf_counter() - begin


async def _scan(database: SqliteDatabase, expected: int) -> None:
    after, count = ("", 0), 0
    while page := await database.read(lambda after=after: prediction_rows.running(*after, _PAGE)):
        count += len(page)
        after = (page[-1].job, page[-1].number)
    if count != expected:
        raise RuntimeError(f"expected {expected} runs, found {count}")
