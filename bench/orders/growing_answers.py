"""Measures the answer times of one bot while more and more runs are in flight."""

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path

from bench.orders import load
from bench.orders.answers import SLOW
from bench.orders.busy_answers import CREATES, FILLED_PER_S, LOOK_AGAIN_S
from bench.orders.load import Answers
from bench.orders.stage import EASEL, OrderStage

GUILDS = 120
MEASURED_S = 60.0
"""At 10 orders a second, this makes 600 orders, so the slowest six decide the 99th percentile."""


async def measure(directory: Path, counts: Sequence[int]) -> dict[int, Answers]:
    """Return the answer times at 10 orders a second with each of these ascending numbers of runs in flight."""
    found: dict[int, Answers] = {}
    async with OrderStage.running(EASEL, directory / "growing", GUILDS, "--creates", CREATES) as stage:
        filled = 0
        for count in counts:
            await load.fill(stage, count - filled, FILLED_PER_S)
            while await stage.runs_in_flight() < count:  # noqa: ASYNC110 - in another process
                await asyncio.sleep(LOOK_AGAIN_S)
            filled = count
            found[count] = await load.at_rate(stage, SLOW, MEASURED_S)
            sys.stderr.write(f"{count:,} runs: {found[count].within_ms(0.5):.1f} ms\n")
    return found
