"""Benchmark of answers: `/imagine` with policy, quote and durable hold, compared to a command that only defers."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from bench.orders import load
from bench.orders.load import Answers
from bench.orders.stage import DEFERRING, EASEL, OrderStage
from bench.result import Better, Result
from bench.scale import Scale

SLOW, FAST = 10.0, 100.0
"""The rates of orders, per second."""

IN_FLIGHT = 100
FILLED_PER_S = 60.0
LOOK_AGAIN_S = 2.0
CREATES = "60000"
"""A limit that lets all runs begin at once."""

Pairs = list[tuple[Answers, Answers]]


async def measure(directory: Path, scale: Scale) -> list[Result]:
    slow: Pairs = []
    fast: Pairs = []
    rates: Pairs = []
    for repeat in range(scale.order_runs):
        async with _both(directory / f"answers{repeat}", scale) as (easel, baseline):
            slow.append(await _interleaved(easel, baseline, SLOW, scale))
            fast.append(await _interleaved(easel, baseline, FAST, scale))
            with baseline.suspended():
                ours = await load.in_flight(easel, IN_FLIGHT, scale.order_s)
            with easel.suspended():
                rates.append((ours, await load.in_flight(baseline, IN_FLIGHT, scale.order_s)))
    note = "a real /imagine at {:.0f} a second in many guilds, compared to a discord.py command that only defers"
    note += " (time at the sandbox, to the microsecond)"
    return [
        _times("answer_p50", slow, 0.5, note.format(SLOW)),
        _times("answer_p99", slow, 0.99, note.format(SLOW)),
        _times("answer_p50_100", fast, 0.5, note.format(FAST)),
        _times("answer_p99_100", fast, 0.99, note.format(FAST)),
        Result.of(
            "answer_rate",
            [(ours.rate, theirs.rate) for ours, theirs in rates],
            unit="1/s",
            better="higher",
            note=f"answers a second with {IN_FLIGHT} in flight, compared to the same command",
        ),
        await _busy(directory, scale),
    ]


def _times(name: str, pairs: Pairs, share: float, note: str, better: Better = "lower") -> Result:
    times = [(one.within_ms(share), other.within_ms(share)) for one, other in pairs]
    return Result.of(name, times, unit="ms", better=better, note=note)


async def _interleaved(one: OrderStage, other: OrderStage, per_s: float, scale: Scale) -> tuple[Answers, Answers]:
    """Order at two bots, one after the other; the one that is not measured is suspended."""
    seconds = max(scale.order_s, scale.order_s * FAST / per_s / 4)  # with few orders, one decides the 99th percentile
    with other.suspended():
        first = await load.at_rate(one, per_s, seconds)
    with one.suspended():
        return first, await load.at_rate(other, per_s, seconds)


@asynccontextmanager
async def _both(directory: Path, scale: Scale) -> AsyncGenerator[tuple[OrderStage, OrderStage]]:
    async with (
        OrderStage.running(EASEL, directory / "easel", scale.guilds) as easel,
        OrderStage.running(DEFERRING, directory / "baseline", scale.guilds) as baseline,
    ):
        yield easel, baseline


async def _busy(directory: Path, scale: Scale) -> Result:
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
            pairs.append(await _interleaved(busy, idle, SLOW, scale))
    note = f"the same with {scale.in_flight:,} runs in flight, compared to another Easel with few"
    return _times("answer_p50_busy", pairs, 0.5, note)
