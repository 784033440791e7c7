"""Removes erased data from the database's files, once the transaction that erased it has ended."""

from typing import Protocol

from bot.storage.operation import Database, Operation, Statement


class ErasableDatabase(Database, Protocol):
    """A database that can remove deleted data from its files."""

    async def scrub(self) -> bool:
        """Remove deleted data from the files too, and return whether that worked."""
        ...


def is_due() -> Operation[None]:
    """Record that something was erased, in its transaction."""
    yield Statement("INSERT INTO scrubbing_due (id) VALUES (1) ON CONFLICT (id) DO NOTHING")


async def scrub_if_due(database: ErasableDatabase) -> None:
    """Scrub the files if something has been erased since the last time. If that fails, scrubbing stays due."""
    if await database.read(_due) and await database.scrub():
        await database.run(_done)


def _due() -> Operation[bool]:
    return bool((yield Statement("SELECT 1 FROM scrubbing_due")))


def _done() -> Operation[None]:
    yield Statement("DELETE FROM scrubbing_due")
