"""Ends a command when a signal asks its process to stop."""

import asyncio
import contextlib
import os
import select
import signal
import threading
import time
from collections.abc import Coroutine
from typing import Any

STOPPING = (signal.SIGINT, signal.SIGTERM)

SAME_REQUEST_S = 1.0
"""Signals within this time count as one: `timeout` and other wrappers send one to the process and one to its group."""

MOST_S = 9.7
"""Supervisors commonly kill a process 10 s after they have asked it to stop."""

KILLED = 128
"""Shells add the number of the signal that ended a command to this number."""


async def until_asked_to_stop(work: Coroutine[Any, Any, int], *, most_s: float = MOST_S, last_words: str = "") -> int:
    """Run a coroutine and cancel it at the first SIGINT or SIGTERM, so that it closes what it has opened.

    Returns the exit code: that of the coroutine, which may handle the cancellation, or one that identifies the signal.

    A later signal kills the process, which is safe but makes the next start slower. The process is also killed `most_s`
    seconds after the first signal, even if a thread, a loop or a file system hangs. `last_words` are printed then.
    """
    task = asyncio.create_task(work, name="easel")
    loop = asyncio.get_running_loop()
    received: list[tuple[signal.Signals, float]] = []

    def stop(name: signal.Signals) -> None:
        if not received:
            received.append((name, time.monotonic()))
            _kill_after(most_s, KILLED + name, last_words)
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


def _kill_after(seconds: float, code: int, last_words: str) -> None:
    """Kill the process after this time, even if its event loop no longer runs."""

    def kill() -> None:
        time.sleep(seconds)
        with contextlib.suppress(OSError, ValueError):
            # Do not print if nobody reads the log: a full pipe would keep the process from ending.
            if last_words and select.select([], [2], [], 0)[1]:
                os.write(2, f"{last_words}\n".encode())
        os._exit(code)

    threading.Thread(target=kill, name="easel-stop", daemon=True).start()
