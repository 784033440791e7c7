"""`/quote`: shows the price of an order without placing it."""

from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.catalogue.order import Order, Task
from bot.chat.discord.command_facts import Topic, declare
from bot.chat.discord.responses import Responder
from bot.chat.ordering.autocomplete import Autocomplete
from bot.chat.ordering.quote_reply import QuoteReply
from cogs.account import TASKS
from cogs.options import Advanced, pairs


class QuoteCommand(commands.Cog):
    """The `/quote` command."""

    def __init__(self, responder: Responder, quotes: QuoteReply, autocomplete: Autocomplete) -> None:
        self._responder = responder
        self._quotes = quotes
        self._autocomplete = autocomplete

    @app_commands.command(extras=declare(Topic.CREDITS))
    @app_commands.describe(
        command="Command to price",
        model="Model to price; the default model if left out",
        count="Number of pictures",
        seconds="Length in seconds",
        resolution="Resolution",
        advanced="More settings of the model as name=value, such as guidance=4",
    )
    @app_commands.choices(command=TASKS)
    async def quote(
        self,
        interaction: discord.Interaction[Any],
        command: str,
        model: str | None = None,
        count: app_commands.Range[int, 1, 4] = 1,
        seconds: app_commands.Range[int, 1, 60] | None = None,
        resolution: app_commands.Range[str, 1, 20] | None = None,
        advanced: Advanced | None = None,
    ) -> None:
        """See what an order would cost and how long it would take, without ordering."""
        wanted = Order(
            Task(command),
            model or "",
            count=count,
            seconds=seconds,
            resolution=resolution,
            advanced=pairs(interaction, advanced),
        )
        await self._responder.privately(interaction, self._quotes.quote(interaction, wanted))

    @quote.autocomplete("model")
    async def _models(self, interaction: discord.Interaction[Any], typed: str) -> list[app_commands.Choice[str]]:
        return await self._autocomplete.models(interaction, _task(interaction), typed)

    @quote.autocomplete("seconds")
    async def _seconds(self, interaction: discord.Interaction[Any], typed: str) -> list[app_commands.Choice[int]]:
        return await self._autocomplete.seconds(interaction, interaction.namespace.model, str(typed))

    @quote.autocomplete("resolution")
    async def _resolutions(self, interaction: discord.Interaction[Any], typed: str) -> list[app_commands.Choice[str]]:
        return await self._autocomplete.resolutions(interaction, interaction.namespace.model, typed)

    @quote.autocomplete("advanced")
    async def _advanced(self, interaction: discord.Interaction[Any], typed: str) -> list[app_commands.Choice[str]]:
        return await self._autocomplete.advanced(interaction, _task(interaction), interaction.namespace.model, typed)


def _task(interaction: discord.Interaction[Any]) -> Task | None:
    task = interaction.namespace.command
    return Task(task) if task in set(Task) else None
