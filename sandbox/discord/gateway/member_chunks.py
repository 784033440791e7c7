"""Answers a request for members over the gateway (opcode 8) with one GUILD_MEMBERS_CHUNK.

Source: Discord's documentation, "Gateway Events", Request Guild Members. Requests by id or by the
beginning of a name need no privileged intent; a request for all members needs the members intent.
"""

from collections.abc import Sequence
from typing import cast

from sandbox.discord import payloads
from sandbox.discord.rules.field_checks import as_snowflake
from sandbox.discord.world.membership import members_named
from sandbox.discord.world.state import Guild, Json, Member, World

GUILD_MEMBERS = 1 << 1
MOST_ASKED = 100
LONGEST_NONCE = 32


def members_chunk(world: World, wanted: Json, intents: int) -> Json | None:
    """Return the chunk that answers a request; None if the bot is not in the guild or the request is not allowed."""
    guild = world.guilds.get(as_snowflake(wanted.get("guild_id")) or 0)
    if guild is None or world.bot.id not in guild.members:
        return None
    asked = _ids(wanted.get("user_ids"))
    found = _named(world, guild, wanted, intents) if asked is None else [guild.members.get(one) for one in asked]
    if found is None:
        return None
    chunk: Json = {
        "guild_id": str(guild.id),
        "members": [payloads.member(world, one) for one in found if one is not None],
        "chunk_index": 0,
        "chunk_count": 1,
        "not_found": [str(one) for one in asked or () if one not in guild.members],
    }
    nonce = wanted.get("nonce")
    return chunk | {"nonce": nonce} if isinstance(nonce, str) and len(nonce.encode()) <= LONGEST_NONCE else chunk


def _ids(value: object) -> list[int] | None:
    """Read the ids that a request contains; None if it contains none."""
    if value is None:
        return None
    listed = cast("list[object]", value) if isinstance(value, list) else [value]
    ids = [number for one in listed if (number := as_snowflake(one)) is not None]
    return ids[:MOST_ASKED]


def _named(world: World, guild: Guild, wanted: Json, intents: int) -> Sequence[Member | None] | None:
    query, limit = wanted.get("query"), wanted.get("limit")
    if not isinstance(query, str) or not isinstance(limit, int):
        return None
    everyone = query == "" and limit == 0
    if everyone:
        return [*guild.members.values()] if intents & GUILD_MEMBERS else None
    return [*members_named(world, guild, query)][: min(limit, MOST_ASKED)]
