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
from bot.chat.discord.interactions import name_of
from bot.chat.discord.responses import Responder
from bot.chat.servers.server_list import here, offered
from bot.errors import NotAllowed, NotFound
from cogs.options import add_to_group

REASON_CHARACTERS = 200


@app_commands.default_permissions(administrator=True)
class Operator(commands.GroupCog, group_name="easel-ops", group_description="Commands for the bot's operator"):
    """The `/easel-ops` commands: adding credits to the pools of servers."""

    def __init__(
        self,
        responder: Responder,
        credit_grants: CreditGrants,
        operators: Collection[int],
        more: Sequence[AnyCommand] = (),
    ) -> None:
        """`more` are commands of this group that are defined in other files."""
        self._responder = responder
        self._credit_grants = credit_grants
        self._operators = operators
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
        return offered_guilds(interaction, typed, self._operators)

    async def _topped_up(self, interaction: discord.Interaction[Any], guild: str, amount: int, reason: str) -> Card:
        require_operator(interaction, self._operators)
        return await self._credit_grants.top_up(interaction, named_guild(interaction, guild), amount, reason)


def named_guild(interaction: discord.Interaction[Any], typed: str) -> discord.Guild:
    """Return the server with this id or name. Raises NotFound if none or several have it."""
    name, guilds = typed.strip().casefold(), interaction.client.guilds
    found = [one for one in guilds if str(one.id) == name] or [one for one in guilds if name_of(one).casefold() == name]
    if not found:
        raise NotFound(what="server", name=typed.strip())
    if len(found) > 1:
        raise NotFound(what="servers", name=typed.strip())
    return found[0]


def offered_guilds(interaction: discord.Interaction[Any], typed: str, operators: Collection[int]) -> list[Choice[str]]:
    """Return the servers that an option can name."""
    if interaction.user.id not in operators:  # the names of servers are not everybody's business
        return []
    return offered(here(interaction.client), typed)


def require_operator(interaction: discord.Interaction[Any], operators: Collection[int]) -> None:
    """Raise NotAllowed for anybody else."""
    if interaction.user.id not in operators:
        raise NotAllowed(rule="operators-only")
