"""How long a start takes with many guilds: `python -m bench.shards [--guilds N] [--shards N …] [--max-concurrency N]`.

For each number of shards, it prints when the first one and when all were connected, and the bot's memory use then.
"""

import argparse
import asyncio
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from bench.orders.stage import EASEL, OrderStage

SETTLED_S = 10.0
"""How long the bot is left idle before its memory is read: it sets up its last guilds during that time."""


@dataclass(frozen=True, slots=True)
class Start:
    """A start of a bot that has never run before."""

    shards: int
    first_shard_s: float
    all_shards_s: float
    memory_mib: float


async def measured(folder: Path, guilds: int, shards: int, max_concurrency: int) -> Start:
    """Start a bot with this many guilds and shards."""
    gateway = ("--shards", str(shards), "--max-concurrency", str(max_concurrency))
    place = folder / str(shards)
    async with OrderStage.running(EASEL, place, 1, silent=guilds - 2, gateway=gateway) as stage:  # one already exists
        await asyncio.sleep(SETTLED_S)
        return Start(shards, stage.first_shard_s, stage.ready_s, stage.bot.memory_mib())


async def _all(guilds: int, shards: list[int], max_concurrency: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        for number in shards:
            sys.stdout.write(f"{await measured(Path(name), guilds, number, max_concurrency)}\n")


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench.shards")
    parser.add_argument("--guilds", type=int, default=10_000)
    parser.add_argument("--shards", type=int, nargs="+", default=[4, 8])
    parser.add_argument("--max-concurrency", type=int, default=1, help="how many sessions may start in 5 seconds")
    given = parser.parse_args()
    asyncio.run(_all(given.guilds, given.shards, given.max_concurrency))


if __name__ == "__main__":
    main()
