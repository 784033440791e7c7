"""Stops the parts of a bot in reverse order, each in a bounded time, so that none delays the end of the process.

A part that does not stop in time is abandoned: the process ends soon, and each part survives being killed at any
moment.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable
from typing import ParamSpec, Self, TypeVar

STOP_S = 7.5
"""How long all parts may take together. Supervisors commonly kill a process 10 s after they have asked it to stop."""

PART_S = 1.5
"""How long one part may take."""

LEAST_S = 0.1
"""How long a part may take if others have used up the time."""

P = ParamSpec("P")
T = TypeVar("T")

log = logging.getLogger(__name__)


class BoundedShutdown(contextlib.AsyncExitStack):
    """An exit stack whose callbacks are abandoned if they take too long."""

    def __init__(
        self, *, all_s: float = STOP_S, part_s: float = PART_S, now_s: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__()
        self._part_s = part_s
        self._time = _StopTime(all_s, now_s)

    def pop_all(self) -> Self:
        """Move the callbacks to a new stack, which shares the time of this one."""
        moved = super().pop_all()
        moved._part_s, moved._time = self._part_s, self._time  # noqa: SLF001 - of the same class
        return moved

    def push_async_callback(
        self, callback: Callable[P, Awaitable[T]], /, *args: P.args, **kwds: P.kwargs
    ) -> Callable[P, Awaitable[T]]:
        """Stop a part with this callback, for at most `part_s` seconds."""
        self.push_stop(lambda: callback(*args, **kwds), getattr(callback, "__qualname__", repr(callback)))
        return callback

    def push_stop(
        self, stop: Callable[[], Awaitable[object]], name: str, *, most_s: float | None = None, least_s: float = LEAST_S
    ) -> None:
        """Stop a part with this callback, for at most `most_s` seconds, but for `least_s` in any case.

        `name` is for the log.
        """
        super().push_async_callback(self._stop, stop, name, most_s or self._part_s, least_s)

    def begin(self) -> None:
        """Start the time limit of all parts now, not with the first callback."""
        self._time.begin()

    async def _stop(self, stop: Callable[[], Awaitable[object]], name: str, most_s: float, least_s: float) -> None:
        limit_s = max(least_s, min(most_s, self._time.left_s()))
        stopping = asyncio.ensure_future(stop())
        try:
            await asyncio.wait({stopping}, timeout=limit_s)
            if not stopping.done():
                log.warning("%s takes longer than %.1f s and is abandoned", name, limit_s)
                stopping.cancel()
                await asyncio.wait({stopping}, timeout=LEAST_S)
        except asyncio.CancelledError:
            stopping.cancel()
            await asyncio.wait({stopping}, timeout=LEAST_S)
            raise
        if stopping.done() and not stopping.cancelled():
            stopping.result()


class _StopTime:
    """How long all parts together may still take. The time starts once, with `begin` or when it is first read."""

    def __init__(self, all_s: float, now_s: Callable[[], float]) -> None:
        self._all_s = all_s
        self._now_s = now_s
        self._began_s: float | None = None

    def begin(self) -> float:
        """Start the time now, unless it has already started; return the start, as given by `now_s`."""
        if self._began_s is None:
            self._began_s = self._now_s()
        return self._began_s

    def left_s(self) -> float:
        return self.begin() + self._all_s - self._now_s()
