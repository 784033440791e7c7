"""`/easel-ops`: the operator's commands, registered in the home guild only."""

from collections.abc import Collection, Sequence
from typing import Any

import discord
from discord import app_commands
from discord.app_commands import Choice
from discord.ext import commands

from bot.chat.cards.card import Card
from bot.chat.credits.credit_grants import CreditGrants
from bot.chat.discord.command_facts import AnyCommand
from bot.chat.discord.credit_option import Credits
from bot.chat.discord.responses import Responder
from bot.chat.discord.server_names import ServerNames
from bot.chat.servers.server_list import offered
from bot.errors import NotAllowed
from cogs.options import add_to_group

REASON_CHARACTERS = 200


@app_commands.default_permissions(administrator=True)
class Operator(commands.GroupCog, group_name="easel-ops", group_description="Commands for the bot's operator"):
    """The `/easel-ops` commands: adding credits to server pools."""

    def __init__(
        self,
        responder: Responder,
        credit_grants: CreditGrants,
        operators: Collection[int],
        server_names: ServerNames,
        more: Sequence[AnyCommand] = (),
    ) -> None:
        """`more` are commands of this group that are defined in other files."""
        self._responder = responder
        self._credit_grants = credit_grants
        self._operators = operators
        self._server_names = server_names
        add_to_group(self, more)

    @app_commands.command()
    @app_commands.describe(
        guild="Server, by name or id", amount="Number of credits; decimals allowed", reason="Note for the ledger"
    )
    async def topup(
        self,
        interaction: discord.Interaction[Any],
        guild: str,
        amount: app_commands.Transform[int, Credits],
        reason: app_commands.Range[str, 1, REASON_CHARACTERS],
    ) -> None:
        """Add credits to a server's pool."""
        await self._responder.privately(interaction, self._topped_up(interaction, guild, amount, reason))

    @topup.autocomplete("guild")
    async def _guilds(self, interaction: discord.Interaction[Any], typed: str) -> list[Choice[str]]:
        return await offered_guilds(interaction, typed, self._operators, self._server_names)

    async def _topped_up(self, interaction: discord.Interaction[Any], guild: str, amount: int, reason: str) -> Card:
        require_operator(interaction, self._operators)
        server = await self._server_names.find(interaction.client, guild)
        return await self._credit_grants.top_up(interaction, server, amount, reason)


async def offered_guilds(
    interaction: discord.Interaction[Any], typed: str, operators: Collection[int], server_names: ServerNames
) -> list[Choice[str]]:
    """Return the servers that an option can name."""
    if interaction.user.id not in operators:  # server names must not be shown to everyone
        return []
    return offered(await server_names.present(interaction.client), typed)


def require_operator(interaction: discord.Interaction[Any], operators: Collection[int]) -> None:
    """Raise NotAllowed for anyone but the operator."""
    if interaction.user.id not in operators:
        raise NotAllowed(rule="operators-only")
