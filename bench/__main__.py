"""`python -m bench [--quick] [--out FILE]`: measure, write the results, show the table."""

import argparse
import asyncio
import logging
import tempfile
from pathlib import Path

import structlog
from rich.console import Console

from bench import ledger, restart
from bench.result import Result, show, write
from bench.scale import FULL, QUICK, Scale

ROOT = Path(__file__).parents[1]


async def measure(scale: Scale) -> list[Result]:
    """Measure everything, on the disk of the repository: a disk in memory would flatter."""
    (ROOT / "build").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=ROOT / "build", prefix="bench-") as name:
        return [result for part in (ledger, restart) for result in await part.measure(Path(name), scale)]


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench", description="Measure Easel against baselines of the same run.")
    parser.add_argument("--quick", action="store_true", help="only show that it runs")
    parser.add_argument("--out", type=Path, default=ROOT / "bench" / "results.json")
    given = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    results = asyncio.run(measure(QUICK if given.quick else FULL))
    write(results, given.out)
    show(results, Console())


if __name__ == "__main__":
    main()
