"""Damages generated files and passes them to the media tools, as the bot would; `make fuzz` runs it.

    python -m tests.fuzz [--seconds 60] [--seed 1] [--keep FOLDER]

Exits with 1 if any exception outside the error tree reached this process, or if a worker did not start. Files that
crashed or hung a worker, or made it raise something unexpected, are counted and kept in FOLDER, so that they can become
tests.
"""

import argparse
import asyncio
import json
import logging
import random
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from bot.errors import EaselError, InternalError, UnusableFile
from bot.media.media_tools import MediaTools
from bot.media.provenance.label_content import Mark
from bot.media.workers.pool import WorkerPool
from tests.fuzz.mutation import mutated
from tests.fuzz.seeds import write_seeds

MARK = Mark("a/model", "01JFUZZ", "K7QF-2M")
LANES = 2


@dataclass
class Figures:
    """The counts of outcomes."""

    files: int = 0
    ends: Counter[str] = field(default_factory=Counter)
    worker: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)


class Watch(logging.Handler):
    """Counts the pool's log lines about crashes, timeouts and unexpected exceptions of workers."""

    def __init__(self, figures: Figures) -> None:
        super().__init__()
        self._figures = figures
        self._noticed = ""

    def emit(self, record: logging.LogRecord) -> None:
        text = record.getMessage()
        first, last = text.splitlines()[0], text.strip().splitlines()[-1]
        self._figures.worker[first if first == last else f"{first} {last[:160]}"] += 1
        self._noticed += text

    def noticed(self, name: str) -> bool:
        """Return whether anything was logged for a file since the last call for any file."""
        found = name in self._noticed
        self._noticed = self._noticed.replace(name, "")
        return found


async def use(tools: MediaTools, path: Path, dice: random.Random) -> None:
    """Process a file as the bot processes inputs and results."""
    await tools.inspect(path)
    into = path.with_name(f"{path.name}-made")
    for step in dice.sample((tools.preview, tools.alpha_mask, tools.upright, tools.repair), 2):
        try:
            await step(path, into)
        except UnusableFile:
            continue
    await tools.label(path, MARK)
    await tools.inspect(path)
    await tools.to_fit(path, max(200, path.stat().st_size * 2 // 3), into)


async def lane(number: int, args: argparse.Namespace, folder: Path, figures: Figures, watch: Watch) -> None:
    """Damage and use files until the time is up."""
    dice = random.Random(args.seed * 1_000 + number)
    originals = [path.read_bytes() for path in write_seeds(folder / f"seeds-{number}")]
    until = time.monotonic() + args.seconds
    async with WorkerPool(width=2) as pool:
        tools = MediaTools(pool)
        while time.monotonic() < until and not figures.wrong:
            path = folder / f"lane-{number}"
            data = mutated(dice.choice(originals), dice, originals)
            path.write_bytes(data)
            figures.files += 1
            figures.ends[await judged(tools, path, dice, figures)] += 1
            if watch.noticed(path.name) and args.keep:
                (args.keep / f"{args.seed}-{number}-{figures.files}").write_bytes(data)


async def judged(tools: MediaTools, path: Path, dice: random.Random, figures: Figures) -> str:
    """Process a file, and return the outcome."""
    try:
        await use(tools, path, dice)
    except InternalError as error:
        figures.wrong.append(repr(error))
    except EaselError as error:
        return str(error.facts.get("reason", error.key))
    except Exception as error:
        figures.wrong.append(repr(error))
    return "accepted"


async def main(args: argparse.Namespace) -> int:
    """Run all lanes and print the figures."""
    figures = Figures()
    watch = Watch(figures)
    log = logging.getLogger("bot.media.workers.pool")
    log.addHandler(watch)
    log.propagate = False
    if args.keep:
        args.keep.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="easel-fuzz-") as folder:
        await asyncio.gather(*(lane(number, args, Path(folder), figures, watch) for number in range(LANES)))
    shown = {"files": figures.files, "ends": figures.ends, "worker": figures.worker, "wrong": figures.wrong}
    sys.stdout.write(json.dumps(shown, indent=2) + "\n")
    return 1 if figures.wrong else 0


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(asyncio.run(main(arguments())))
