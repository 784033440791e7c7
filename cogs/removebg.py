"""`/removebg`: removes the background from a picture."""

from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.catalogue.colours import colour
from bot.catalogue.order import Order, Task
from bot.chat.discord.command_facts import Topic, declare
from bot.chat.discord.interactions import asker
from bot.chat.ordering.autocomplete import Autocomplete
from bot.chat.ordering.earlier_results import EarlierResults
from bot.chat.ordering.model_choice import ModelChoice
from bot.chat.ordering.order_desk import OrderDesk
from bot.jobs.records import Visibility
from cogs.options import VISIBILITIES, chosen


class RemoveBackground(commands.Cog):
    """The `/removebg` command."""

    def __init__(
        self, desk: OrderDesk, autocomplete: Autocomplete, model_choice: ModelChoice, earlier_results: EarlierResults
    ) -> None:
        self._desk = desk
        self._autocomplete = autocomplete
        self._model_choice = model_choice
        self._earlier_results = earlier_results

    @app_commands.command(extras=declare(Topic.EDITING, job="image"))
    @app_commands.describe(
        image="Picture to cut out",
        job="Use an earlier result instead",
        model="Model to use (the list shows prices)",
        background="New background: transparent, a colour name, or a code such as #ffffff",
        visibility="Who can see the result",
    )
    @app_commands.choices(visibility=VISIBILITIES)
    async def removebg(
        self,
        interaction: discord.Interaction[Any],
        image: discord.Attachment | None = None,
        job: str | None = None,
        model: str | None = None,
        background: app_commands.Range[str, 1, 30] | None = None,
        visibility: str | None = None,
    ) -> None:
        """Remove the background from a picture."""
        async with self._desk.in_time(interaction):
            order = await self._order(interaction, image, job, model, background)
            await self._desk.take(interaction, order, chosen(visibility, Visibility.CHANNEL))

    @removebg.autocomplete("model")
    async def _models(self, interaction: discord.Interaction[Any], typed: str) -> list[app_commands.Choice[str]]:
        return await self._autocomplete.models(interaction, Task.REMOVEBG, typed)

    @removebg.autocomplete("job")
    async def _jobs(self, interaction: discord.Interaction[Any], typed: str) -> list[app_commands.Choice[str]]:
        return await self._autocomplete.results(interaction, typed)

    @removebg.autocomplete("background")
    async def _backgrounds(self, interaction: discord.Interaction[Any], typed: str) -> list[app_commands.Choice[str]]:
        return await self._autocomplete.colours(interaction, typed)

    async def _order(
        self,
        interaction: discord.Interaction[Any],
        image: discord.Attachment | None,
        job: str | None,
        model: str | None,
        background: str | None,
    ) -> Order:
        file = await self._earlier_results.source(interaction, image, job)
        wanted = (colour(background) or background) if background else None
        order = Order(task=Task.REMOVEBG, model=model or "", background=wanted, files=(file,))
        return await self._model_choice.complete(asker(interaction), order)
