"""Benchmark of the ways to run Easel: one process on SQLite, one on PostgreSQL, and several on PostgreSQL.

All of them share this machine's cores with the sandboxes, the load and the database server, so more processes cannot be
faster here. Compare the CPU time per order: it shows how many orders a core can handle.
"""

import base64
import tempfile
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from bench.orders import load
from bench.orders.processes import cpu_s
from bench.orders.stage import EASEL, OrderStage
from bench.orders.whole_jobs import IN_FLIGHT, PROVIDER
from bench.result import Better, Result
from bench.scale import Scale
from bot.cli.sandbox_postgres import start_server

WORKERS = 3
ANSWERS_IN_FLIGHT = 100
SLOW = 10.0
SECRET_KEY = base64.urlsafe_b64encode(bytes(32)).decode()


@dataclass(frozen=True, slots=True)
class Measured:
    """The results of one set-up: answers and jobs per second, answer times in milliseconds, and CPU seconds per job."""

    answers_per_s: float
    p50_ms: float
    p99_ms: float
    jobs_per_s: float
    bot_s: float
    workers_s: float
    server_s: float


async def measure(directory: Path, scale: Scale) -> list[Result]:
    found: dict[str, list[Measured]] = {"sqlite": [], "postgresql": [], "processes": []}
    for repeat in range(scale.order_runs):
        for name, measured in found.items():
            measured.append(await _one(directory / f"{name}{repeat}", name, scale))
    return [
        *_compared("postgresql", "one process on PostgreSQL", found),
        *_compared("processes", f"one gateway process and {WORKERS} workers on PostgreSQL", found),
    ]


async def _one(folder: Path, name: str, scale: Scale) -> Measured:
    async with AsyncExitStack() as stack:
        kind, server = EASEL, 0
        if name != "sqlite":
            address, server = await stack.enter_async_context(_server())
            kind = replace(kind, settings={"DATABASE_URL": address, "SECRET_KEY": SECRET_KEY})
        if name == "processes":
            kind = replace(kind, workers=WORKERS)
        stage = await stack.enter_async_context(OrderStage.running(kind, folder, scale.guilds, *PROVIDER))
        slow = await load.at_rate(stage, SLOW, 4 * scale.order_s)
        await load.make_jobs(stage, IN_FLIGHT, scale.whole_jobs)  # earlier orders end in the meantime
        before = _used(stage, server)
        seconds = await load.make_jobs(stage, IN_FLIGHT, scale.whole_jobs)
        used = [(now - then) / scale.whole_jobs for now, then in zip(_used(stage, server), before, strict=True)]
        answers = await load.in_flight(stage, ANSWERS_IN_FLIGHT, scale.order_s)
        jobs_per_s = scale.whole_jobs / seconds
        return Measured(answers.rate, slow.within_ms(0.5), slow.within_ms(0.99), jobs_per_s, *used)


def _used(stage: OrderStage, server: int) -> tuple[float, float, float]:
    """Return the CPU seconds of the process that answers, of its worker processes, and of the database server."""
    workers_s = sum(one.cpu_s() for one in stage.workers)
    return stage.bot.cpu_s(), workers_s, cpu_s(server) if server else 0.0


@asynccontextmanager
async def _server() -> AsyncGenerator[tuple[str, int]]:
    """Start a server with durable commits, and yield its address and the id of its first process."""
    with tempfile.TemporaryDirectory(prefix="easel-pg-") as name:
        async with AsyncExitStack() as stack:
            address = await start_server(Path(name), stack)
            yield address, int((Path(name) / "postmaster.pid").read_text().split()[0])


def _compared(name: str, said: str, found: dict[str, list[Measured]]) -> list[Result]:
    """Return the results of a set-up, compared to one process on SQLite."""

    both = list(zip(found[name], found["sqlite"], strict=True))

    def result(what: str, field: str, unit: str, better: Better, note: str) -> Result:
        pairs = [(getattr(one, field), getattr(base, field)) for one, base in both]
        return Result.of(f"{name}_{what}", pairs, unit=unit, better=better, note=f"{said}, compared to SQLite: {note}")

    def cpu(what: str, field: str, note: str) -> Result:
        pairs = [(getattr(one, field), base.bot_s) for one, base in both]
        note = f"{said}: CPU time for each job {note}, compared to all of one process on SQLite"
        return Result.of(f"{name}_{what}", pairs, unit="s", better="lower", note=note)

    return [
        result("answers", "answers_per_s", "1/s", "higher", f"answers a second with {ANSWERS_IN_FLIGHT} in flight"),
        result("p50", "p50_ms", "ms", "lower", f"answers at {SLOW:.0f} a second"),
        result("p99", "p99_ms", "ms", "lower", f"answers at {SLOW:.0f} a second"),
        result("jobs", "jobs_per_s", "1/s", "higher", f"jobs a second with {IN_FLIGHT} in flight"),
        cpu("cpu", "bot_s", "of the process that answers"),
        cpu("cpu_workers", "workers_s", "of the workers beside it"),
        cpu("cpu_server", "server_s", "of the database server"),
    ]
