"""Benchmark of whole jobs, from the order to the shown result, compared to Easel before it was made faster."""

import asyncio
import io
import subprocess
import tarfile
from pathlib import Path

from bench.orders import load
from bench.orders.processes import ROOT
from bench.orders.stage import EASEL, BotKind, OrderStage
from bench.result import Result
from bench.scale import Scale

BEFORE = "b8d8d1a3"
"""The last commit before the first one that made Easel faster."""

IN_FLIGHT = 50
PROVIDER = ("--speed", "20", "--creates", "60000")
"""Makes runs short and the rate limit high, because the benchmark would otherwise measure the provider."""

Cost = tuple[float, float]
"""The jobs per second, and the CPU seconds per job."""


async def measure(directory: Path, scale: Scale) -> list[Result]:
    before = await asyncio.to_thread(_earlier, directory / "before")
    if before is None:
        return []
    costs: list[tuple[Cost, Cost]] = []
    async with (
        OrderStage.running(EASEL, directory / "jobs-now", scale.guilds, *PROVIDER) as now,
        OrderStage.running(before, directory / "jobs-before", scale.guilds, *PROVIDER) as earlier,
    ):
        for _ in range(scale.order_runs):
            with earlier.suspended():
                cost = await _cost(now, scale)
            with now.suspended():
                costs.append((cost, await _cost(earlier, scale)))
    note = f"with {IN_FLIGHT} in flight, all processes of the bot, compared to commit {BEFORE}"
    rates, cpu = ([(now[part], earlier[part]) for now, earlier in costs] for part in (0, 1))
    return [
        Result.of("jobs_rate", rates, unit="1/s", better="higher", note=f"from orders to shown results {note}"),
        Result.of("cpu_per_job", cpu, unit="s", better="lower", note=f"CPU time of a picture {note}"),
    ]


async def _cost(stage: OrderStage, scale: Scale) -> Cost:
    used_s = stage.bot.cpu_s()
    seconds = await load.make_jobs(stage, IN_FLIGHT, scale.whole_jobs)
    return scale.whole_jobs / seconds, (stage.bot.cpu_s() - used_s) / scale.whole_jobs


def _earlier(folder: Path) -> BotKind | None:
    """Put the earlier code into a folder; return None if the repository's history is missing."""
    archived = subprocess.run(["git", "archive", BEFORE], cwd=ROOT, capture_output=True, check=False)
    if archived.returncode:
        return None
    with tarfile.open(fileobj=io.BytesIO(archived.stdout)) as archive:
        archive.extractall(folder, filter="data")
    return BotKind(EASEL.module, folder)
