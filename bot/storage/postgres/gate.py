"""Lets transactions run side by side, or one of them alone, so that in the end each of them succeeds."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager


class Gate:
    """A lock that many may share, or one may have for itself. Whoever waits for it alone is let in before newcomers."""

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
        """Have the lock exclusively."""
        async with self._alone:
            while self._inside:
                self._emptied.clear()
                await self._emptied.wait()
            yield
