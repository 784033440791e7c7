"""`python -m bench [--quick] [--out FILE]`: runs all benchmarks, saves the results and prints a table."""

import argparse
import asyncio
import logging
import tempfile
from pathlib import Path

import structlog
from rich.console import Console

from bench import answers, calls, idle, in_flight, ledger, noticing, policy, progress, restart, video
from bench.result import Result, show, write
from bench.scale import FULL, QUICK, Scale

ROOT = Path(__file__).parents[1]
PARTS = (ledger, policy, answers, restart, progress, calls, noticing, in_flight, idle, video)


async def measure(scale: Scale) -> list[Result]:
    """Run all benchmarks on the repository's disk: temporary folders may be in memory, where commits cost nothing."""
    (ROOT / "build").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=ROOT / "build", prefix="bench-") as name:
        return [result for part in PARTS for result in await part.measure(Path(name), scale)]


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench", description="Compare Easel to baselines measured in the same run.")
    parser.add_argument("--quick", action="store_true", help="only show that the benchmarks run")
    parser.add_argument("--out", type=Path, default=ROOT / "bench" / "results.json", help="where to save")
    given = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    results = asyncio.run(measure(QUICK if given.quick else FULL))
    write(results, given.out)
    show(results, Console())


if __name__ == "__main__":
    main()
