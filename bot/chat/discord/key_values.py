"""A small key-value store in the database, for texts that chat needs after a restart."""

from bot.storage.operation import Database, Operation, Statement


class KeyValueStore:
    """Short texts by name, stored in the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, name: str) -> str | None:
        """Return the text stored under this name; None if there is none."""
        return await self._database.read(lambda: _get(name))

    async def put(self, name: str, value: str) -> None:
        """Store a text under this name, replacing an earlier one."""
        await self._database.run(lambda: _put(name, value))


def _get(name: str) -> Operation[str | None]:
    rows = yield Statement("SELECT value FROM chat_memory WHERE name = $1", name)
    return str(rows[0][0]) if rows else None


def _put(name: str, value: str) -> Operation[None]:
    yield Statement(
        "INSERT INTO chat_memory (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = $2",
        name,
        value,
    )
