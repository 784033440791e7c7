"""Ends a command at the signals that ask a process to stop."""

import asyncio
import signal
import time
from collections.abc import Coroutine
from typing import Any

STOPPING = (signal.SIGINT, signal.SIGTERM)

SAME_REQUEST_S = 1.0
"""Signals within this time are one request: `timeout` and other wrappers send one to the process and to its group."""

KILLED = 128
"""Shells add the number of the signal that ended a command to this."""


async def until_asked_to_stop(work: Coroutine[Any, Any, int]) -> int:
    """Run a coroutine and cancel it at the first SIGINT or SIGTERM, so that it closes what it has opened.

    Returns the exit code: that of the coroutine, which may handle the cancellation, or else one that names the signal.
    A later signal kills the process, which is safe but makes the next start slower.
    """
    task = asyncio.create_task(work, name="easel")
    loop = asyncio.get_running_loop()
    received: list[tuple[signal.Signals, float]] = []

    def stop(name: signal.Signals) -> None:
        if not received:
            received.append((name, time.monotonic()))
            task.cancel()
        elif time.monotonic() - received[0][1] > SAME_REQUEST_S:
            for each in STOPPING:
                loop.remove_signal_handler(each)
            signal.raise_signal(name)

    for name in STOPPING:
        loop.add_signal_handler(name, stop, name)
    try:
        return await task
    except asyncio.CancelledError:
        return KILLED + received[0][0] if received else 1
