"""The table `known_guild`: the last known facts about each guild, including those that have removed the bot."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import cast

from bot.storage.operation import Operation, Statement, select_in


@dataclass(frozen=True, slots=True)
class GuildFacts:
    """The facts that Discord gives about a guild; during an outage of the guild, its name and members are unknown."""

    guild: int
    members: int
    created_ms: int
    name: str = ""


@dataclass(frozen=True, slots=True)
class KnownGuild:
    """A guild's name and number of members when it was last seen."""

    guild: int
    name: str
    members: int
    seen_ms: int


def seen(found: GuildFacts, at_ms: int) -> Operation[None]:
    """Record Discord's facts about a guild.

    During an outage of the guild they include no name, so the last one is kept.
    """
    yield Statement(
        "INSERT INTO known_guild (guild, name, members, seen_ms) VALUES ($1, $2, $3, $4) ON CONFLICT (guild) DO UPDATE "
        "SET name = CASE $2 WHEN '' THEN known_guild.name ELSE $2 END, "
        "members = CASE $3 WHEN 0 THEN known_guild.members ELSE $3 END, seen_ms = $4",
        *(found.guild, found.name, found.members, at_ms),
    )


def left(guild: int, at_ms: int) -> Operation[None]:
    """Record when a guild removed the bot."""
    yield Statement("UPDATE known_guild SET seen_ms = $2 WHERE guild = $1", guild, at_ms)


def everywhere() -> Operation[dict[int, KnownGuild]]:
    """Return all guilds that were ever seen, by id."""
    rows = yield Statement("SELECT guild, name, members, seen_ms FROM known_guild")
    found = (KnownGuild(*row) for row in cast("list[tuple[int, str, int, int]]", rows))
    return {one.guild: one for one in found}


def names(guilds: Collection[int]) -> Operation[dict[int, str]]:
    """Return the last names of these guilds, except for those without a known name."""
    rows = yield from select_in("SELECT guild, name FROM known_guild WHERE name <> '' AND guild IN ({keys})", guilds)
    return dict(cast("list[tuple[int, str]]", rows))
