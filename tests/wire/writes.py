"""Lets tests wait for changes that Discord does not show: a job's state changes only through a database write."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any


class Writes:
    """Counts the write transactions of the bot, and wakes its waiters after each of them."""

    def __init__(self) -> None:
        self.count = 0
        self._next = asyncio.Event()

    def listen_to(self, database: Any) -> None:
        """Wake the waiters after each write to this database from now on."""
        run = database.run

        async def run_and_wake(operation: Callable[[], Any]) -> Any:
            try:
                return await run(operation)
            finally:
                self._wake()

        database.run = run_and_wake

    async def until(self, look: Callable[[], Awaitable[Any]]) -> Any:
        """Call `look` now and after each write until its result is true, and return that result."""
        while True:
            written = self._next
            if found := await look():
                return found
            await written.wait()

    def _wake(self) -> None:
        self.count += 1
        self._next.set()
        self._next = asyncio.Event()
