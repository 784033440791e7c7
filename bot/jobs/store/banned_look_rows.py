"""The table `banned_look`: the looks of pictures that a guild's moderators took down."""

from collections.abc import Iterable
from typing import cast

from bot.storage.operation import Operation, Statement


def add(guild: int, looks: Iterable[str], job: str, at_ms: int) -> Operation[None]:
    """Store the looks of a job's pictures."""
    for look in looks:
        yield Statement(
            "INSERT INTO banned_look (guild, look, job, at_ms) VALUES ($1, $2, $3, $4) "
            "ON CONFLICT (guild, look) DO NOTHING",
            guild,
            look,
            job,
            at_ms,
        )


def of_guild(guild: int) -> Operation[tuple[str, ...]]:
    """Return the looks of all pictures that were taken down in a guild."""
    rows = yield Statement("SELECT look FROM banned_look WHERE guild = $1", guild)
    return tuple(cast("str", row[0]) for row in rows)
