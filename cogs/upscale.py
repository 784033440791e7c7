"""`/upscale`: enlarges pictures."""

from dataclasses import replace

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
from cogs.options import VISIBILITIES, Interaction, Prompt, chosen

MODES = [
    app_commands.Choice(name="Crisp: larger and sharper, adds nothing new", value="crisp"),
    app_commands.Choice(name="Creative: adds new fine detail; much more expensive", value="creative"),
]
"""The two modes. The values are the catalogue's style names."""


class Upscale(commands.Cog):
    """The `/upscale` command."""

    def __init__(
        self, desk: OrderDesk, autocomplete: Autocomplete, model_choice: ModelChoice, earlier_results: EarlierResults
    ) -> None:
        self._desk = desk
        self._autocomplete = autocomplete
        self._model_choice = model_choice
        self._earlier_results = earlier_results

    @app_commands.command(extras=declare(Topic.EDITING, mode="style", job="image"))
    @app_commands.describe(
        image="Picture to enlarge",
        job="Use an earlier result instead",
        mode="How to enlarge; crisp is cheaper",
        prompt="What the picture shows, for models that use a prompt",
        visibility="Who can see the result",
    )
    @app_commands.choices(mode=MODES, visibility=VISIBILITIES)
    async def upscale(
        self,
        interaction: Interaction,
        image: discord.Attachment | None = None,
        job: str | None = None,
        mode: str | None = None,
        prompt: Prompt | None = None,
        visibility: str | None = None,
    ) -> None:
        """Enlarge a picture."""
        order = Order(task=Task.UPSCALE, model="", style=mode, prompt=prompt)
        async with self._desk.in_time(interaction):
            order = await self._order(interaction, order, image, job)
            await self._desk.take(interaction, order, chosen(visibility, Visibility.CHANNEL))

    @upscale.autocomplete("job")
    async def _jobs(self, interaction: Interaction, typed: str) -> list[Choice]:
        return await self._autocomplete.results(interaction, typed)

    async def _order(
        self, interaction: Interaction, order: Order, image: discord.Attachment | None, job: str | None
    ) -> Order:
        picture = await self._earlier_results.source(interaction, image, job)
        return await self._model_choice.complete(asker(interaction), replace(order, files=(picture,)))
