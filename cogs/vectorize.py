"""`/vectorize`: turns pictures into vector graphics."""

import discord
from discord import app_commands
from discord.ext import commands

from bot.catalogue.order import Order, Task
from bot.chat.discord.command_facts import Topic, declare
from bot.chat.discord.interactions import asker
from bot.chat.ordering.autocomplete import Autocomplete, Choice
from bot.chat.ordering.earlier_results import EarlierResults
from bot.chat.ordering.model_choice import ModelChoice
from bot.chat.ordering.order_desk import OrderDesk
from bot.jobs.records import Visibility
from cogs.options import VISIBILITIES, Interaction, chosen


class Vectorize(commands.Cog):
    """The `/vectorize` command."""

    def __init__(
        self, desk: OrderDesk, autocomplete: Autocomplete, model_choice: ModelChoice, earlier_results: EarlierResults
    ) -> None:
        self._desk = desk
        self._autocomplete = autocomplete
        self._model_choice = model_choice
        self._earlier_results = earlier_results

    @app_commands.command(extras=declare(Topic.EDITING, job="image"))
    @app_commands.describe(
        image="Picture to turn into a vector graphic",
        job="Use an earlier result instead",
        visibility="Who can see the result",
    )
    @app_commands.choices(visibility=VISIBILITIES)
    async def vectorize(
        self,
        interaction: Interaction,
        image: discord.Attachment | None = None,
        job: str | None = None,
        visibility: str | None = None,
    ) -> None:
        """Turn a picture into a vector graphic (SVG)."""
        async with self._desk.in_time(interaction):
            order = await self._order(interaction, image, job)
            await self._desk.take(interaction, order, chosen(visibility, Visibility.CHANNEL))

    @vectorize.autocomplete("job")
    async def _jobs(self, interaction: Interaction, typed: str) -> list[Choice]:
        return await self._autocomplete.results(interaction, typed)

    async def _order(self, interaction: Interaction, image: discord.Attachment | None, job: str | None) -> Order:
        picture = await self._earlier_results.source(interaction, image, job)
        order = Order(task=Task.VECTORIZE, model="", files=(picture,))
        return await self._model_choice.complete(asker(interaction), order)
