"""Ends a command at the signals that ask a process to stop."""

import asyncio
import signal
from collections.abc import Coroutine
from typing import Any

STOPPING = (signal.SIGINT, signal.SIGTERM)


async def until_asked_to_stop(work: Coroutine[Any, Any, int]) -> int:
    """Run a coroutine and cancel it at the first SIGINT or SIGTERM, so that it closes what it has opened.

    A second signal kills the process, which is safe but makes the next start slower.
    """
    task = asyncio.create_task(work, name="easel")
    loop = asyncio.get_running_loop()

    def stop() -> None:
        for name in STOPPING:
            loop.remove_signal_handler(name)
        task.cancel()

    for name in STOPPING:
        loop.add_signal_handler(name, stop)
    try:
        return await task
    except asyncio.CancelledError:
        return 0
