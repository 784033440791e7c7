"""Benchmark of answer times while many runs are in flight, compared to another Easel with few runs."""

import asyncio
from pathlib import Path

from bench.orders import load
from bench.orders.answers import SLOW, Pairs, interleaved, times
from bench.orders.stage import EASEL, OrderStage
from bench.result import Result
from bench.scale import Scale

FILLED_PER_S = 60.0
LOOK_AGAIN_S = 2.0
CREATES = "60000"
"""A limit on creates that lets all runs begin at once."""


async def measure(directory: Path, scale: Scale) -> list[Result]:
    options = ("--creates", CREATES)
    pairs: Pairs = []
    async with (
        OrderStage.running(EASEL, directory / "idle", scale.guilds, *options) as idle,
        OrderStage.running(EASEL, directory / "busy", scale.guilds, *options) as busy,
    ):
        with idle.suspended():
            await load.fill(busy, scale.in_flight, FILLED_PER_S)
            while await busy.runs_in_flight() < scale.in_flight:  # noqa: ASYNC110 - in another process
                await asyncio.sleep(LOOK_AGAIN_S)
        for _ in range(scale.order_runs):
            pairs.append(await interleaved(busy, idle, SLOW, scale))
    note = f"an answer at {SLOW:.0f} orders a second with {scale.in_flight:,} runs in flight, compared to few"
    return [times("answer_p50_busy", pairs, 0.5, note)]
