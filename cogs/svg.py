"""`/svg`: makes vector graphics from a prompt."""

from discord import app_commands
from discord.ext import commands

from bot.catalogue.order import Order, Task
from bot.chat.discord.command_facts import Topic, declare
from bot.chat.discord.interactions import asker
from bot.chat.ordering.autocomplete import Autocomplete, Choice
from bot.chat.ordering.model_choice import ModelChoice
from bot.chat.ordering.order_desk import OrderDesk
from bot.jobs.records import Visibility
from cogs.options import VISIBILITIES, Interaction, Prompt, chosen


class Svg(commands.Cog):
    """The `/svg` command."""

    def __init__(self, desk: OrderDesk, autocomplete: Autocomplete, model_choice: ModelChoice) -> None:
        self._desk = desk
        self._autocomplete = autocomplete
        self._model_choice = model_choice

    @app_commands.command(extras=declare(Topic.PICTURES))
    @app_commands.describe(
        prompt="What to draw",
        model="Model to use (the list shows prices)",
        style="Drawing style",
        aspect="Aspect ratio (width:height)",
        visibility="Who can see the result",
    )
    @app_commands.choices(visibility=VISIBILITIES)
    async def svg(
        self,
        interaction: Interaction,
        prompt: Prompt,
        model: str | None = None,
        style: str | None = None,
        aspect: str | None = None,
        visibility: str | None = None,
    ) -> None:
        """Draw a vector graphic (SVG) from a text prompt."""
        order = Order(task=Task.SVG, model=model or "", prompt=prompt, style=style, aspect=aspect)
        async with self._desk.in_time(interaction):
            order = await self._model_choice.complete(asker(interaction), order)
            await self._desk.take(interaction, order, chosen(visibility, Visibility.CHANNEL))

    @svg.autocomplete("model")
    async def _models(self, interaction: Interaction, typed: str) -> list[Choice]:
        return await self._autocomplete.models(interaction, Task.SVG, typed)

    @svg.autocomplete("style")
    async def _styles(self, interaction: Interaction, typed: str) -> list[Choice]:
        return await self._autocomplete.values(interaction, Task.SVG, "style", interaction.namespace.model, typed)

    @svg.autocomplete("aspect")
    async def _aspects(self, interaction: Interaction, typed: str) -> list[Choice]:
        return await self._autocomplete.aspects(interaction, Task.SVG, interaction.namespace.model, typed)
