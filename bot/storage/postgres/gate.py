"""Lets transactions run in parallel, in turn, or one of them alone, so that each succeeds in the end."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager


class Gate:
    """A lock that many callers may share, or one may hold exclusively. Callers waiting to hold it alone go first."""

    def __init__(self) -> None:
        self._inside = 0
        self._alone = asyncio.Lock()
        self._emptied = asyncio.Event()

    @asynccontextmanager
    async def shared(self) -> AsyncGenerator[None]:
        """Share the lock with others."""
        while self._alone.locked():
            async with self._alone:
                pass
        self._inside += 1
        try:
            yield
        finally:
            self._inside -= 1
            if not self._inside:
                self._emptied.set()

    @asynccontextmanager
    async def exclusive(self) -> AsyncGenerator[None]:
        """Hold the lock exclusively."""
        async with self._alone:
            while self._inside:
                self._emptied.clear()
                await self._emptied.wait()
            yield


LONG_S = 1.0
"""How long one caller may keep the line waiting."""


class Line:
    """Lets callers in one by one. A caller held up by another program's lock does not keep the next one waiting."""

    def __init__(self) -> None:
        self._first = asyncio.Lock()

    @asynccontextmanager
    async def turn(self) -> AsyncGenerator[None]:
        """Wait for earlier callers."""
        await self._first.acquire()
        is_first = True

        def leave() -> None:
            nonlocal is_first
            if is_first:
                is_first = False
                self._first.release()

        timer = asyncio.get_running_loop().call_later(LONG_S, leave)
        try:
            yield
        finally:
            timer.cancel()
            leave()
