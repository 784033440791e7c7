"""`python -m bench [--quick] [--only PART …] [--out FILE]`: runs benchmarks, saves the results and prints a table.

If only some parts run, earlier results of the others stay in the file.
"""

import argparse
import asyncio
import logging
import tempfile
from collections.abc import Sequence
from pathlib import Path

import structlog
from rich.console import Console

from bench import calls, idle, in_flight, ledger, lists, noticing, policy, progress, restart, video
from bench.orders import answers, busy_answers, setups, whole_jobs
from bench.result import Result, show, write
from bench.scale import FULL, QUICK, Scale

ROOT = Path(__file__).parents[1]
PARTS = {
    "ledger": ledger,
    "policy": policy,
    "lists": lists,
    "restart": restart,
    "progress": progress,
    "calls": calls,
    "noticing": noticing,
    "memory": in_flight,
    "idle": idle,
    "video": video,
    "answers": answers,
    "busy": busy_answers,
    "jobs": whole_jobs,
    "setups": setups,
}


async def measure(scale: Scale, parts: Sequence[str], out: Path) -> list[Result]:
    """Run these benchmarks, and save the results of each part as soon as it ends.

    They use the repository's disk: temporary folders may be in memory, where commits cost nothing.
    """
    (ROOT / "build").mkdir(exist_ok=True)
    results: list[Result] = []
    with tempfile.TemporaryDirectory(dir=ROOT / "build", prefix="bench-") as name:
        for part in parts:
            results += await PARTS[part].measure(Path(name), scale)
            write(results, out)
    return results


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench", description="Compare Easel to baselines measured in the same run.")
    parser.add_argument("--quick", action="store_true", help="only show that the benchmarks run")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=[*PARTS], metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--out", type=Path, default=ROOT / "bench" / "results.json", help="where to save")
    given = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    show(asyncio.run(measure(QUICK if given.quick else FULL, given.only, given.out)), Console())


if __name__ == "__main__":
    main()
