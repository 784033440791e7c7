"""How Easel's costs grow with the number of guilds: `python -m bench.guilds [--most N] [--draw-only] [--out FOLDER]`.

For 1 to 10,000 guilds, it records how long a start takes, the memory, the CPU time of a bot that nobody uses, and how
long answers take while members of some guilds order, and draws a chart of each.
"""

import argparse
import asyncio
import json
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter, StrMethodFormatter

from bench.orders import load
from bench.orders.stage import EASEL, OrderStage

ROOT = Path(__file__).parents[1]
POINTS = (1, 10, 100, 1_000, 2_500, 10_000)
ORDERING = 100
"""The number of guilds whose members order."""

ORDERS_PER_S, ORDERED_S = 10.0, 20.0
WARM_S, IDLE_S = 15.0, 20.0


@dataclass(frozen=True, slots=True)
class Point:
    """The cost of a number of guilds. `idle_cpu` is in seconds of CPU time per second."""

    guilds: int
    first_start_s: float
    memory_mib: float
    idle_cpu: float
    p50_ms: float
    p99_ms: float


async def measured(folder: Path, guilds: int) -> Point:
    """Start a new bot that is in this many guilds, leave it idle, and then order."""
    ordering = min(guilds, ORDERING)
    async with OrderStage.running(EASEL, folder / str(guilds), ordering, silent=guilds - ordering) as stage:
        await asyncio.sleep(WARM_S)
        before = stage.bot.cpu_s()
        await asyncio.sleep(IDLE_S)
        idle_cpu, memory_mib = (stage.bot.cpu_s() - before) / IDLE_S, stage.bot.memory_mib()
        answers = await load.at_rate(stage, ORDERS_PER_S, ORDERED_S)
        return Point(guilds, stage.ready_s, memory_mib, idle_cpu, answers.within_ms(0.5), answers.within_ms(0.99))


def draw(found: Sequence[Point]) -> Any:  # noqa: ANN401 - matplotlib's own annotations are incomplete
    """Draw the startup time, the memory, the CPU time and the answer times, side by side."""
    figure: Any = Figure(figsize=(13, 3.6), layout="constrained")
    start, memory, cpu, answers = figure.subplots(1, 4)
    counts = [point.guilds for point in found]
    start.plot(counts, [point.first_start_s for point in found], marker="o", color="tab:gray")
    memory.plot(counts, [point.memory_mib for point in found], marker="o", color="tab:gray")
    cpu.plot(counts, [100 * point.idle_cpu for point in found], marker="o", color="tab:gray")
    answers.plot(counts, [point.p50_ms for point in found], marker="o", label="median")
    answers.plot(counts, [point.p99_ms for point in found], marker="o", label="99th percentile")
    answers.legend(fontsize=9)
    for axes, title, unit in (
        (start, "First start, until connected", "s"),
        (memory, "Memory", "MiB"),
        (cpu, "CPU time without orders", "% of a core"),
        (answers, f"Answers at {ORDERS_PER_S:.0f} orders a second", "ms"),
    ):
        _label(axes, title, unit)
    return figure


def _label(axes: Any, title: str, unit: str) -> None:  # noqa: ANN401 - as above
    axes.set_title(title, fontsize=11)
    axes.set_xscale("log")
    axes.set_ylim(bottom=0)
    axes.set_xlabel("guilds")
    axes.set_ylabel(unit)
    axes.xaxis.set_major_formatter(StrMethodFormatter("{x:,g}"))
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.grid(visible=True, which="major", alpha=0.3)


async def _all(most: int) -> list[Point]:
    found: list[Point] = []
    with tempfile.TemporaryDirectory() as name:
        for guilds in POINTS:
            if guilds <= most:
                found.append(await measured(Path(name), guilds))
                sys.stderr.write(f"{found[-1]}\n")
    return found


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench.guilds")
    parser.add_argument("--most", type=int, default=POINTS[-1], help="the most guilds")
    parser.add_argument("--draw-only", action="store_true", help="draw what was measured before")
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "images", help="where guilds.png and .json are")
    given = parser.parse_args()
    saved = given.out / "guilds.json"
    if not given.draw_only:
        given.out.mkdir(parents=True, exist_ok=True)
        found = asyncio.run(_all(given.most))
        saved.write_text(json.dumps([asdict(point) for point in found], indent=1) + "\n")
    draw([Point(**row) for row in json.loads(saved.read_text())]).savefig(given.out / "guilds.png", dpi=110)


if __name__ == "__main__":
    main()
