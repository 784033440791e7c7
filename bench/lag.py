"""Measures how long the event loop keeps a timer waiting."""

import asyncio
import time
from collections.abc import Awaitable

_TICK_S = 0.005


async def delays_ms(work: Awaitable[object]) -> list[float]:
    """Run `work`, and return the sorted delays of a 5 ms timer during that time, in milliseconds."""
    task = asyncio.ensure_future(work)
    delays: list[float] = []
    while not task.done():
        begin = time.perf_counter()
        await asyncio.sleep(_TICK_S)
        delays.append((time.perf_counter() - begin - _TICK_S) * 1_000)
    await task
    return sorted(delays)
