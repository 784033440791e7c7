"""Benchmark of a restart: reads every unfinished run page by page, and measures how long the event loop is blocked."""

import asyncio
import json
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

from bench import samples
from bench.lag import delays_ms
from bench.result import Result
from bench.scale import Scale
from bot.catalogue import serial
from bot.clock import SystemClock
from bot.jobs.store import prediction_rows
from bot.storage.sqlite.connection import connect_writer
from bot.storage.sqlite.driver import SqliteDatabase
from bot.storage.sqlite.schema import migrate

ROOT = Path(__file__).parents[1]
AGE_MS, AWAY_MS = 5_000, 3_000
"""How long the runs have lasted, and how long the process was away."""

WATCHED_S = 1e-4
"""How long the memory is watched, for each job: until all runs are loaded."""

_PAGE = 1_000

_JOBS = """
WITH RECURSIVE number (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < ?)
INSERT INTO job (id, short_id, guild, channel, member, payer, state, task, model, ordered, planned, held_mcr,
    visibility, locale, guild_locale, interaction, application, token, token_created_ms, filesize_limit,
    created_ms, updated_ms, deadline_ms)
SELECT printf('job%08d', n), printf('%08d', n), 1 + n % 50, 1, 1 + n % 500, 1 + n % 500, 'running', 'imagine',
    'flux-schnell', '{}', printf('%0400d', n), 75000, 'channel', 'en-US', 'en-US', n, 1, zeroblob(200), n, 10485760,
    n, n, n + 600000
FROM number
"""
_PREDICTIONS = """
INSERT INTO prediction (job, number, state, expected, provider_id, submitted_ms, created_ms)
SELECT id, 1, 'running', 1, 'p-' || id, created_ms, created_ms FROM job
"""
_RAW = """
SELECT p.job, p.number, p.provider_id, j.updated_ms, j.planned
FROM prediction p JOIN job j ON j.id = p.job WHERE p.state = 'running'
"""


async def measure(directory: Path, scale: Scale) -> list[Result]:
    path = directory / "restart.db"
    await asyncio.to_thread(_fill, path, scale.jobs)
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


def _fill(path: Path, jobs: int) -> None:
    migrate(path)
    with closing(connect_writer(path)) as connection:
        connection.execute("BEGIN")
        connection.execute(_JOBS, (jobs,))
        connection.execute(_PREDICTIONS)
        connection.execute("COMMIT")


def _resumed(directory: Path, scale: Scale) -> tuple[list[tuple[float, float]], list[tuple[float, float]]]:
    """Return the seconds to the first read and the memory, each for many jobs and for one."""
    found: list[dict[str, float]] = []
    for number, jobs in enumerate((scale.jobs, 1) * scale.repeats):
        path = directory / f"resume{number}.db"
        _fill(path, jobs)
        with closing(connect_writer(path)) as connection:
            job, now_ms = samples.running(0, 0).job, SystemClock().now_ms()
            connection.execute(
                "UPDATE job SET ordered = ?, planned = ?, created_ms = ?, updated_ms = ?, deadline_ms = ?, message = 1",
                (
                    *(serial.dump_order(job.order), serial.dump_plan(job.plan)),
                    *(now_ms - AGE_MS, now_ms - AGE_MS, now_ms + 600_000),
                ),
            )
            connection.execute("INSERT INTO uptime (id, seen_ms) VALUES (1, ?)", (now_ms - AWAY_MS,))
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
