"""Benchmark of answer times: `/imagine` with policy, quote and durable hold, compared to a command that only defers."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from bench.orders import load
from bench.orders.load import Answers
from bench.orders.stage import DEFERRING, EASEL, OrderStage
from bench.result import Better, Result
from bench.scale import Scale

SLOW, FAST = 10.0, 100.0
"""The order rates, per second."""

IN_FLIGHT = 100

Pairs = list[tuple[Answers, Answers]]


async def measure(directory: Path, scale: Scale) -> list[Result]:
    slow: Pairs = []
    fast: Pairs = []
    rates: Pairs = []
    for repeat in range(scale.order_runs):
        async with _both(directory / f"answers{repeat}", scale) as (easel, baseline):
            slow.append(await interleaved(easel, baseline, SLOW, scale))
            fast.append(await interleaved(easel, baseline, FAST, scale))
            with baseline.suspended():
                ours = await load.in_flight(easel, IN_FLIGHT, scale.order_s)
            with easel.suspended():
                rates.append((ours, await load.in_flight(baseline, IN_FLIGHT, scale.order_s)))
    note = "a real /imagine at {:.0f} a second in many guilds, compared to a discord.py command that only defers"
    note += " (time at the sandbox, to the microsecond)"
    return [
        times("answer_p50", slow, 0.5, note.format(SLOW)),
        times("answer_p99", slow, 0.99, note.format(SLOW)),
        times("answer_p50_100", fast, 0.5, note.format(FAST)),
        times("answer_p99_100", fast, 0.99, note.format(FAST)),
        Result.of(
            "answer_rate",
            [(ours.rate, theirs.rate) for ours, theirs in rates],
            unit="1/s",
            better="higher",
            note=f"answers a second with {IN_FLIGHT} in flight, compared to the same command",
        ),
    ]


def times(name: str, pairs: Pairs, share: float, note: str, better: Better = "lower") -> Result:
    """Compare the times within which this share of the answers was given."""
    took = [(one.within_ms(share), other.within_ms(share)) for one, other in pairs]
    return Result.of(name, took, unit="ms", better=better, note=note)


async def interleaved(one: OrderStage, other: OrderStage, per_s: float, scale: Scale) -> tuple[Answers, Answers]:
    """Order from two bots in turn; the one that is not being measured is suspended."""
    seconds = max(scale.order_s, scale.order_s * FAST / per_s / 4)  # with few orders, one decides the p99
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
