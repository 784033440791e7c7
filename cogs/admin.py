"""`/easel-admin`: what whoever manages a server does with its credits."""

from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.chat.amount import Credits
from bot.chat.answer import Answers
from bot.chat.cards import Card
from bot.chat.treasury import Treasury
from bot.errors import NotAllowed

REASON_CHARACTERS = 200


@app_commands.default_permissions(manage_guild=True)
class Admin(commands.GroupCog, group_name="easel-admin", group_description="For whoever manages this server"):
    """Credits from the server's pool to its members, and back."""

    purses = app_commands.Group(name="credits", description="The credits of this server's members")

    def __init__(self, answers: Answers, treasury: Treasury) -> None:
        self._answers = answers
        self._treasury = treasury

    @purses.command()
    @app_commands.describe(user="Who gets them", amount="In credits; decimals are fine", reason="For the books")
    async def grant(
        self,
        interaction: discord.Interaction[Any],
        user: discord.User,
        amount: app_commands.Transform[int, Credits],
        reason: app_commands.Range[str, 1, REASON_CHARACTERS],
    ) -> None:
        """Give a member credits out of the server's pool."""
        await self._answers.privately(interaction, self._moved(interaction, user, amount, reason))

    @purses.command()
    @app_commands.describe(user="Who loses them", amount="In credits; decimals are fine", reason="For the books")
    async def revoke(
        self,
        interaction: discord.Interaction[Any],
        user: discord.User,
        amount: app_commands.Transform[int, Credits],
        reason: app_commands.Range[str, 1, REASON_CHARACTERS],
    ) -> None:
        """Put a member's credits back into the server's pool."""
        await self._answers.privately(interaction, self._moved(interaction, user, -amount, reason))

    async def _moved(self, interaction: discord.Interaction[Any], user: discord.User, amount: int, reason: str) -> Card:
        # Admins can open any command to anyone on the Integrations page, so money asks again.
        if not interaction.permissions.manage_guild:
            raise NotAllowed(rule="manage-server")
        if amount > 0:
            return await self._treasury.grant(interaction, user.id, amount, reason)
        return await self._treasury.revoke(interaction, user.id, -amount, reason)
