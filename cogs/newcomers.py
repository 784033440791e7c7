"""`/easel-ops newcomers` and `/easel-ops approve`: the first credits of new servers."""

from collections.abc import Collection
from typing import Any, cast

import discord
from discord import app_commands

from bot.chat.discord.command_facts import AnyCommand
from bot.chat.discord.responses import Responder
from bot.chat.discord.server_names import ServerNames
from bot.chat.servers.new_servers import NewServers
from cogs.operator import offered_guilds, require_operator


def new_servers(responder: Responder, servers: NewServers, operators: Collection[int]) -> AnyCommand:
    """Return the command `/easel-ops newcomers`."""

    @app_commands.command(name="newcomers")
    async def waiting(interaction: discord.Interaction[Any]) -> None:
        """Show the new servers that are waiting for their first credits."""
        require_operator(interaction, operators)
        await responder.privately(interaction, servers.waiting(interaction))

    return cast("AnyCommand", waiting)


def approve_server(
    responder: Responder, servers: NewServers, operators: Collection[int], server_names: ServerNames
) -> AnyCommand:
    """Return the command `/easel-ops approve`."""

    @app_commands.command(name="approve")
    @app_commands.describe(guild="Server, by name or id")
    async def approve(interaction: discord.Interaction[Any], guild: str) -> None:
        """Give a new server its first credits."""
        require_operator(interaction, operators)
        await responder.privately(interaction, servers.approve(interaction, guild))

    @approve.autocomplete("guild")
    async def guilds(interaction: discord.Interaction[Any], typed: str) -> list[app_commands.Choice[str]]:
        return await offered_guilds(interaction, typed, operators, server_names)

    return cast("AnyCommand", approve)
