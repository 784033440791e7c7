"""What lets tests wait for what cannot be seen in Discord: a job changes only by a write."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any


class Writes:
    """Wakes whoever waits, after each write of the bot's."""

    def __init__(self) -> None:
        self._next = asyncio.Event()

    def listen_to(self, database: Any) -> None:
        """Hear of what is written to this database from now on."""
        run = database.run

        async def heard(operation: Callable[[], Any]) -> Any:
            try:
                return await run(operation)
            finally:
                self._ring()

        database.run = heard

    async def until(self, look: Callable[[], Awaitable[Any]]) -> Any:
        """Look, and look again after each write, until there is something to be seen; gives that."""
        while True:
            written = self._next
            if found := await look():
                return found
            await written.wait()

    def _ring(self) -> None:
        self._next.set()
        self._next = asyncio.Event()
