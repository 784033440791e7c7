"""Benchmark of progress: how much the cards that are waiting for an edit delay everything else."""

import asyncio
import time
from pathlib import Path

from bench import samples
from bench.lag import delays_ms
from bench.result import Result
from bench.scale import Scale
from bot.chat.cards.card import Card
from bot.chat.delivery.progress import Edited, Progress
from bot.clock import SystemClock
from bot.jobs.records import Job, Snapshot
from bot.pending_answers import PendingAnswers

AGE_MS = 60_000
"""The age of the jobs: their first edit is due immediately."""


async def measure(directory: Path, scale: Scale) -> list[Result]:
    del directory
    lags: list[tuple[float, float]] = []
    shares: list[tuple[float, float]] = []
    for _ in range(scale.repeats):
        (lag, share), (idle_lag, idle_share) = await _busy(scale.cards, scale), await _busy(1, scale)
        lags.append((lag, idle_lag))
        shares.append((share, idle_share))
    note = f"with {scale.cards:,} cards that wait for an edit, compared to one"
    return [
        Result.of("progress_loop_lag", lags, unit="ms", better="lower", note=f"mean delay of a 5 ms timer {note}"),
        Result.of("progress_cpu", shares, unit="s/s", better="lower", note=f"CPU of the process {note}"),
    ]


async def _busy(cards: int, scale: Scale) -> tuple[float, float]:
    """Return the mean delay of a timer in milliseconds, and the CPU seconds per second."""
    clock = SystemClock()
    progress = Progress(_draw, _send, clock, PendingAnswers())
    now_ms = clock.now_ms()
    for number in range(cards):
        progress.update(samples.running(number, now_ms - AGE_MS))
    await asyncio.sleep(0.1)
    begin, begin_cpu = time.perf_counter(), time.process_time()
    delays = await delays_ms(asyncio.sleep(scale.seconds))
    share = (time.process_time() - begin_cpu) / (time.perf_counter() - begin)
    await progress.close()
    return sum(delays) / len(delays), share


def _draw(snapshot: Snapshot) -> Card:
    return Card(snapshot.job.id)


async def _send(_: Job, __: Card) -> Edited:
    return Edited.SHOWN
