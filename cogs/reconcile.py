"""`/easel-ops reconcile`: compares the provider's invoice with Easel's ledger."""

from collections.abc import Collection
from typing import Any, cast

import discord
from discord import app_commands

from bot.chat.credits.reconcile_reply import ReconcileReply
from bot.chat.discord.command_facts import AnyCommand
from bot.chat.discord.responses import Responder
from bot.errors import NotAllowed


def operator_reconcile(responder: Responder, reply: ReconcileReply, operators: Collection[int]) -> AnyCommand:
    """Return the command `/easel-ops reconcile`."""

    @app_commands.command(name="reconcile")
    @app_commands.describe(file="The invoice, or the history of the balance, as a CSV file")
    async def reconcile(interaction: discord.Interaction[Any], file: discord.Attachment) -> None:
        """Compare a provider's invoice or balance with what was captured and lost."""
        if interaction.user.id not in operators:
            raise NotAllowed(rule="operators-only")
        await responder.privately(interaction, reply.compared(interaction, file))

    return cast("AnyCommand", reconcile)
