"""Finds the names of servers. For those on other processes' shards, these are the names last seen."""

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass

import discord

from bot.chat.discord.gateway.sharded_client import ShardedClient
from bot.chat.discord.interactions import name_of
from bot.errors import NotFound
from bot.moderation.operator_desk import OperatorDesk


@dataclass(frozen=True, slots=True)
class NamedServer:
    """A server and its name."""

    id: int
    name: str


class ServerNames:
    """Finds the names of servers."""

    def __init__(self, desk: OperatorDesk, not_departed: Callable[[], Awaitable[frozenset[int]]]) -> None:
        """`not_departed` returns all servers that have added the bot and not removed it, as far as that is recorded."""
        self._desk = desk
        self._not_departed = not_departed

    async def of(self, client: discord.Client, guilds: Collection[int]) -> dict[int, str]:
        """Return the names of these servers, except for those without a known name."""
        here = {guild: name_of(found) for guild in guilds if (found := client.get_guild(guild)) is not None}
        return await self._desk.names_of([guild for guild in guilds if guild not in here]) | here

    async def present(self, client: discord.Client) -> dict[int, str]:
        """Return the servers that the bot is in, with their names or ids."""
        here = {guild.id: name_of(guild) for guild in client.guilds}
        if not isinstance(client, ShardedClient):
            return here
        elsewhere = [guild for guild in await self._not_departed() if not client.has_told(guild)]
        names = await self._desk.names_of(elsewhere)
        return {guild: names.get(guild, str(guild)) for guild in elsewhere} | here

    async def find(self, client: discord.Client, typed: str) -> NamedServer:
        """Return the server that the bot is in with this id or name. Raises NotFound if none or several have it."""
        name, present = typed.strip().casefold(), await self.present(client)
        found = [one for one in present if str(one) == name] or [
            one for one, called in present.items() if called.casefold() == name
        ]
        if not found:
            raise NotFound(what="server", name=typed.strip())
        if len(found) > 1:
            raise NotFound(what="servers", name=typed.strip())
        return NamedServer(found[0], present[found[0]])
