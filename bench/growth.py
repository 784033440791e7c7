"""How Easel's costs grow with the runs in flight: `python -m bench.growth [--only PART] [--most N] [--out FOLDER]`.

For 10 to 30,000 runs in flight, it records how late their ends are noticed, the CPU time needed to watch them, and
their memory, and draws a chart of each. Time is simulated, so a busy machine affects only the CPU time. A fourth chart
shows the answer times of a whole bot while such runs are in flight.
"""

import argparse
import asyncio
import json
import logging
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import structlog
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullFormatter, StrMethodFormatter

from bench import in_flight
from bench.noticing import LIMIT, MIX, QUEUED, Load, simulate
from bench.orders import growing_answers
from bench.provider import Mixed

ROOT = Path(__file__).parents[1]
POINTS = (10, 100, 1_000, 2_000, 3_000, 10_000, 30_000)
ANSWERED = (10, 100, 1_000, 3_000, 10_000)
WARM_S, MEASURED_S = 300.0, 300.0
SEED = 1

LOADS: Mapping[str, tuple[tuple[Mixed, ...], bool, int]] = {
    "pictures and videos, by id": (MIX, False, 3_000),
    "pictures and videos, with the provider's list": (MIX, True, 3_000),
    "queued videos, by id": (QUEUED, False, 30_000),
    "queued videos, with the provider's list": (QUEUED, True, 30_000),
}
"""The runs in flight: their models, whether the provider lists its runs, and the largest simulated number."""


@dataclass(frozen=True, slots=True)
class Point:
    """The cost of a number of runs in flight. `cpu` is in seconds of CPU time per second."""

    load: str
    in_flight: int
    lag_s: float
    cpu: float
    reads_per_run: float


def points(directory: Path, most: int) -> list[Point]:
    """Simulate each load, up to its own maximum number of runs or `most`, whichever is lower."""
    return [
        _point(directory, load, count)
        for load, (_, _, own_most) in LOADS.items()
        for count in POINTS
        if count <= min(most, own_most)
    ]


def _point(directory: Path, name: str, count: int) -> Point:
    mix, lists, _ = LOADS[name]
    path = directory / f"growth{time.monotonic_ns()}.db"
    began_s = time.process_time()
    found = simulate(path, Load(name, mix, count, WARM_S, MEASURED_S, lists), SEED)
    point = Point(
        name, count, found.lag_s, (time.process_time() - began_s) / (WARM_S + MEASURED_S), found.reads_per_run
    )
    path.unlink()
    sys.stderr.write(f"{point}\n")
    return point


async def memory_kib(directory: Path, most: int) -> dict[int, float]:
    """Return the memory of all jobs in flight in KiB, by the number of jobs; each job has been read once."""
    counts = [count for count in POINTS if 1_000 <= count <= most]
    each = [await asyncio.to_thread(in_flight.measured, directory / f"memory{count}.db", count) for count in counts]
    return {count: count * found["watched_kib"] for count, found in zip(counts, each, strict=True)}


def watching(directory: Path, most: int) -> Mapping[str, object]:
    """Simulate how runs are watched, and measure their memory."""
    found = points(directory, most)
    memory = asyncio.run(memory_kib(directory, most))
    return {"points": [asdict(point) for point in found], "memory_kib": memory}


def answers(directory: Path, most: int) -> Mapping[str, object]:
    """Measure the answer times of a whole bot, in milliseconds, by the number of runs in flight."""
    found = asyncio.run(growing_answers.measure(directory, [count for count in ANSWERED if count <= most]))
    return {"answer_ms": {count: [one.within_ms(0.5), one.within_ms(0.99)] for count, one in found.items()}}


PARTS = {"watching": watching, "answers": answers}


def draw(rows: Mapping[str, Any]) -> Any:  # noqa: ANN401 - matplotlib's own annotations are incomplete
    """Draw the data recorded so far: the lag, the CPU time, the memory and the answer times."""
    figure: Any = Figure(figsize=(11, 8), layout="constrained")
    ((lag, cpu), (kept, answered)) = figure.subplots(2, 2)
    found = [Point(**row) for row in rows.get("points", [])]
    for load in LOADS:
        of = [point for point in found if point.load == load]
        counts = [point.in_flight for point in of]
        lag.plot(counts, [point.lag_s for point in of], marker="o", label=load)
        cpu.plot(counts, [100 * point.cpu for point in of], marker="o", label=load)
    memory, answer_ms = _by_count(rows.get("memory_kib", {})), _by_count(rows.get("answer_ms", {}))
    kept.plot([*memory], [kib / 1_024 for kib in memory.values()], marker="o", color="tab:gray")
    for index, (name, colour) in enumerate((("median", "tab:gray"), ("99th percentile", "tab:olive"))):
        answered.plot([*answer_ms], [one[index] for one in answer_ms.values()], marker="o", color=colour, label=name)
    answered.legend(fontsize=9)
    _label(lag, "Seconds until an end is noticed", "s")
    _label(cpu, "CPU time of watching, the simulation's included", "% of a core")
    _label(kept, "Memory of the runs", "MiB")
    _label(answered, "An answer to /imagine at 10 orders a second", "ms")
    figure.legend(*lag.get_legend_handles_labels(), loc="outside lower center", ncols=4, fontsize=9)
    return figure


def _by_count(found: Mapping[str, Any]) -> Mapping[int, Any]:
    return {int(count): value for count, value in found.items()}


def _label(axes: Any, title: str, unit: str) -> None:  # noqa: ANN401 - as above
    axes.set_visible(any(len(line.get_xdata()) for line in axes.lines))  # a log scale needs data
    axes.set_title(title, fontsize=11)
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlabel("runs in flight")
    axes.set_ylabel(unit)
    axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(StrMethodFormatter("{x:,g}"))
        axis.set_minor_formatter(NullFormatter())
    axes.grid(visible=True, which="major", alpha=0.3)


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench.growth", description=f"Reads are limited to {LIMIT:,} a minute.")
    parser.add_argument("--most", type=int, default=POINTS[-1], help="the most runs in flight")
    parser.add_argument(
        "--only", choices=[*PARTS, "drawing"], help="measure one part, or draw what was measured before"
    )
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "images", help="where growth.png and .json are")
    given = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    logging.disable(logging.CRITICAL)
    saved = given.out / "growth.json"
    rows: dict[str, Any] = json.loads(saved.read_text()) if saved.exists() else {}
    for part, measure in PARTS.items():
        if given.only in {None, part}:
            with tempfile.TemporaryDirectory() as name:
                rows |= measure(Path(name), given.most)
            saved.write_text(json.dumps(rows, indent=1) + "\n")
    draw(json.loads(saved.read_text())).savefig(given.out / "growth.png", dpi=110)


if __name__ == "__main__":
    main()
