"""Benchmarks of the ledger: holds and captures per second, and the time for verification and for a statement page."""

import asyncio
import sqlite3
import time
from contextlib import closing
from functools import partial
from pathlib import Path

from bench.floor import floor
from bench.result import Result
from bench.scale import Scale
from bot.ledger import transfers
from bot.ledger.accounts import Ledger
from bot.ledger.verify import verify
from bot.storage.sqlite.connection import connect_writer, drive
from bot.storage.sqlite.driver import SqliteDatabase
from bot.storage.sqlite.schema import migrate

TASKS = (1, 8, 64)
GUILDS = 8


async def measure(directory: Path, scale: Scale) -> list[Result]:
    rates: dict[int, list[tuple[float, float]]] = {tasks: [] for tasks in TASKS}
    waits: list[tuple[float, float]] = []
    for repeat in range(scale.repeats):
        base, base_took = await asyncio.to_thread(floor, directory / f"floor{repeat}.db", scale.seconds)
        took: list[float] = []
        for tasks in TASKS:
            rate, took = await _throughput(directory / f"ledger{repeat}-{tasks}.db", tasks, scale.seconds)
            rates[tasks].append((rate, base))
        waits.append((_p99_ms(took), _p99_ms(base_took)))
    note = "holds and captures, each on disk before it returns, compared to plain sqlite3 with a commit for each"
    results = [
        Result.of(
            f"ledger_{tasks}_task{'s' if tasks > 1 else ''}", rates[tasks], unit="op/s", better="higher", note=note
        )
        for tasks in TASKS
    ]
    note = f"99th percentile with {TASKS[-1]} tasks at full load, compared to plain sqlite3"
    results.append(Result.of("ledger_p99", waits, unit="ms", better="lower", note=note))
    return results + await _large_ledger(directory / "large.db", scale)


async def _throughput(path: Path, tasks: int, seconds: float) -> tuple[float, list[float]]:
    database = await SqliteDatabase.open(path)
    ledger = Ledger(database)
    for guild in range(1, GUILDS + 1):
        await ledger.mint(guild, 10**12, key=f"m:{guild}", actor=1, reason="bench", at_ms=1)
    for task in range(tasks):
        await ledger.allot(1 + task % GUILDS, 1 + task, 10**9, key=f"a:{task}", actor=1, reason="bench", at_ms=1)
    took: list[float] = []
    begin = time.perf_counter()
    await asyncio.gather(*(_member(database, task, begin + seconds, took) for task in range(tasks)))
    elapsed = time.perf_counter() - begin
    await database.close()
    return len(took) / elapsed, took


async def _member(database: SqliteDatabase, task: int, until: float, took: list[float]) -> None:
    guild, member, number = 1 + task % GUILDS, 1 + task, 0
    while (begin := time.perf_counter()) < until:
        number += 1
        job = f"{task}-{number}"
        about = {"job": job, "at_ms": 1}
        await database.run(partial(transfers.hold, guild, member, 10, key=f"i:{job}", actor=member, **about))
        middle = time.perf_counter()
        await database.run(partial(transfers.capture, guild, member, 7, key=f"cap:{job}", hold_key=f"i:{job}", **about))
        took += (middle - begin, time.perf_counter() - middle)


def _p99_ms(seconds: list[float]) -> float:
    return sorted(seconds)[len(seconds) * 99 // 100] * 1_000


async def _large_ledger(path: Path, scale: Scale) -> list[Result]:
    await asyncio.to_thread(_fill, path, scale.transfers)
    database = await SqliteDatabase.open(path)
    checks: list[tuple[float, float]] = []
    pages: list[tuple[float, float]] = []
    for _ in range(scale.repeats):
        checks.append((await _verify(database), await asyncio.to_thread(_scan, path)))
        pages.append((await _page(database, 1), await _page(database, 2)))
    await database.close()
    return [
        Result.of(
            "ledger_verify",
            checks,
            unit="s",
            better="lower",
            note=f"every invariant over {scale.transfers:,} transfers, compared to only fetching them",
        ),
        Result.of(
            "statement_page",
            pages,
            unit="ms",
            better="lower",
            note=f"20 lines for a member with {scale.transfers:,} transfers, compared to 20: near 1 means no scan",
        ),
    ]


def _fill(path: Path, how_many: int) -> None:
    """Create that many transfers for member 1 and one page of them for member 2."""
    migrate(path)
    with closing(connect_writer(path)) as connection:
        connection.execute("BEGIN")
        drive(connection, transfers.mint(1, 10**12, key="m", actor=1, reason="bench", at_ms=1))
        for member, count in ((1, how_many), (2, 20)):
            drive(connection, transfers.allot(1, member, 10**9, key=f"a:{member}", actor=1, reason="bench", at_ms=1))
            for number in range(count // 2):
                job = f"{member}-{number}"
                drive(connection, transfers.hold(1, member, 9, key=f"i:{job}", job=job, actor=member, at_ms=1))
                drive(
                    connection,
                    transfers.capture(1, member, 5, key=f"cap:{job}", hold_key=f"i:{job}", job=job, at_ms=1),
                )
        connection.execute("COMMIT")


async def _verify(database: SqliteDatabase) -> float:
    begin = time.perf_counter()
    problems = await verify(database)
    if problems:
        raise RuntimeError(f"the ledger has errors: {problems[0]}")
    return time.perf_counter() - begin


def _scan(path: Path) -> float:
    begin = time.perf_counter()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("SELECT * FROM transfer").fetchall()
    return time.perf_counter() - begin


async def _page(database: SqliteDatabase, member: int, times: int = 20) -> float:
    ledger = Ledger(database)
    begin = time.perf_counter()
    for _ in range(times):
        await ledger.statement(1, member)
    return (time.perf_counter() - begin) / times * 1_000
