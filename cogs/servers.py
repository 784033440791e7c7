"""`/easel-ops guilds`, `suspend` and `resume`: all servers that use the bot, and whether they may order."""

from collections.abc import Collection
from typing import Any, cast

import discord
from discord import app_commands
from discord.app_commands import Choice

from bot.chat.discord.command_facts import AnyCommand
from bot.chat.discord.responses import Responder
from bot.chat.servers.server_list import ServerList
from cogs.operator import REASON_CHARACTERS, require_operator

SORTS = [
    Choice(name="Last use", value="used"),
    Choice(name="Members", value="members"),
    Choice(name="Pool", value="pool"),
    Choice(name="Spent", value="spent"),
]
KINDS = [
    Choice(name="Using the bot", value="here"),
    Choice(name="Gone", value="gone"),
    Choice(name="Suspended", value="suspended"),
]
NAME_CHARACTERS = 100
MOST_PAGES = 10_000


def server_commands(
    responder: Responder, servers: ServerList, operators: Collection[int]
) -> tuple[AnyCommand, AnyCommand, AnyCommand]:
    """Return the commands for `/easel-ops`."""
    return (
        _list(responder, servers, operators),
        _suspend(responder, servers, operators),
        _resume(responder, servers, operators),
    )


def _list(responder: Responder, servers: ServerList, operators: Collection[int]) -> AnyCommand:
    @app_commands.command(name="guilds")
    @app_commands.describe(
        find="Part of a name or id", show="Only some servers", sort="Order; last use if left out", page="Page"
    )
    @app_commands.choices(show=KINDS, sort=SORTS)
    async def guilds(
        interaction: discord.Interaction[Any],
        find: app_commands.Range[str, 1, NAME_CHARACTERS] | None = None,
        show: str | None = None,
        sort: str = "used",
        page: app_commands.Range[int, 1, MOST_PAGES] = 1,
    ) -> None:
        """List the servers: members, pool, spent credits and last use."""
        require_operator(interaction, operators)
        await responder.privately(interaction, servers.page(interaction, find=find, kind=show, sort=sort, page=page))

    return cast("AnyCommand", guilds)


def _suspend(responder: Responder, servers: ServerList, operators: Collection[int]) -> AnyCommand:
    @app_commands.command(name="suspend")
    @app_commands.describe(guild="Server, by name or id", reason="Reason; its admins will see it")
    async def suspend(
        interaction: discord.Interaction[Any], guild: str, reason: app_commands.Range[str, 1, REASON_CHARACTERS]
    ) -> None:
        """Accept no orders from a server until you resume it."""
        require_operator(interaction, operators)
        await responder.privately(interaction, servers.suspend(interaction, guild, reason))

    @suspend.autocomplete("guild")
    async def guilds(interaction: discord.Interaction[Any], typed: str) -> list[Choice[str]]:
        if interaction.user.id not in operators:
            return []
        return await servers.offered(interaction.client, typed, suspended=False)

    return cast("AnyCommand", suspend)


def _resume(responder: Responder, servers: ServerList, operators: Collection[int]) -> AnyCommand:
    @app_commands.command(name="resume")
    @app_commands.describe(guild="Server, by name or id")
    async def resume(interaction: discord.Interaction[Any], guild: str) -> None:
        """End the suspension of a server."""
        require_operator(interaction, operators)
        await responder.privately(interaction, servers.resume(interaction, guild))

    @resume.autocomplete("guild")
    async def guilds(interaction: discord.Interaction[Any], typed: str) -> list[Choice[str]]:
        if interaction.user.id not in operators:
            return []
        return await servers.offered(interaction.client, typed, suspended=True)

    return cast("AnyCommand", resume)
