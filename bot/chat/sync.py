"""Registers the commands with Discord, and only when their definition has changed.

Discord allows 200 new commands a day and guild, and registering again can cost admins their own permission settings
(interactions/application-commands), so what was registered last is remembered by a digest.
"""

import hashlib
import json
import logging
from typing import Any, Protocol

import discord
from discord import app_commands

log = logging.getLogger(__name__)


class Memory(Protocol):
    """Remembers short texts across restarts."""

    async def recall(self, name: str) -> str | None:
        """What was remembered under this name."""
        ...

    async def remember(self, name: str, value: str) -> None:
        """Remember this instead."""
        ...


class CommandBook:
    """What Discord knows of our commands."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    async def register(self, tree: app_commands.CommandTree[Any], home_guild: int | None) -> tuple[str, ...]:
        """Register what changed, everywhere and in the home guild; tells what was done, a line each."""
        done = [await self._register(tree, None)]
        if home_guild is not None and tree.get_commands(guild=discord.Object(home_guild)):
            done.append(await self._register(tree, home_guild))
        return tuple(done)

    async def _register(self, tree: app_commands.CommandTree[Any], guild: int | None) -> str:
        where = discord.Object(guild) if guild else None
        name = f"commands:{tree.client.application_id}:{guild or 'global'}"
        wanted = digest(tree, where)
        try:
            if await self._memory.recall(name) == wanted and await _are_there(tree, where):
                return f"{name} are as they were"
            await tree.sync(guild=where)
        except discord.Forbidden:
            log.warning("HOME_GUILD_ID %s does not let us register commands: is the bot in it?", guild)
            return f"{name} could not be registered"
        await self._memory.remember(name, wanted)
        log.info("%s were registered", name)
        return f"{name} were registered"


def digest(tree: app_commands.CommandTree[Any], guild: discord.Object | None) -> str:
    """What the commands' definition comes to: the same for the same commands, whatever their order."""
    ordered = [command.to_dict(tree) for command in sorted(tree.get_commands(guild=guild), key=lambda one: one.name)]
    return hashlib.sha256(json.dumps(ordered, sort_keys=True, default=str).encode()).hexdigest()


async def _are_there(tree: app_commands.CommandTree[Any], guild: discord.Object | None) -> bool:
    """Tell whether Discord still has them: somebody may have removed what we remember."""
    registered = {command.name for command in await tree.fetch_commands(guild=guild)}
    return registered == {command.name for command in tree.get_commands(guild=guild)}
