"""The interface of the database that the bot owns, with either driver."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol

from bot.storage.operation import Database

BeforeUpgrade = Callable[[Mapping[str, str]], Awaitable[None]]
"""Called with a database's owners before its schema changes; it may raise to leave everything as it is."""


class OwnedDatabase(Database, Protocol):
    """A database that no other bot uses until `close`."""

    async def claim(self, *, application: str, provider: str) -> None:
        """Bind this database to an application and a provider. Raises StorageError if it belongs to others."""
        ...

    async def scrub(self) -> bool:
        """Remove deleted data from the files too. Return whether that worked; if not, call this again later."""
        ...

    async def probe(self) -> None:
        """Test that the database can be written, without writing. Raises StorageError."""
        ...

    async def close(self) -> None:
        """Finish all requests and let others own the database."""
        ...


class ReadableDatabase(Database, Protocol):
    """A database that another process may own, for commands that only read."""

    async def close(self) -> None:
        """Close the connections."""
        ...
