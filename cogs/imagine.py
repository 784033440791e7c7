"""`/imagine`: pictures from words."""

from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.catalogue.order import Order, Role, Task
from bot.chat.answer import OrderDesk
from bot.chat.choices import Choices
from bot.chat.origin import guild_of, input_file
from bot.jobs.records import Visibility
from cogs.options import FORMATS, PROMPT_CHARACTERS, VISIBILITIES, calling, chosen


class Imagine(commands.Cog):
    """Pictures from words, and from words and a picture."""

    def __init__(self, desk: OrderDesk, choices: Choices) -> None:
        self._desk = desk
        self._choices = choices

    @app_commands.command()
    @app_commands.describe(
        prompt="What to show",
        model="Which model paints it (price and usual time are in the list)",
        aspect="Width to height",
        count="How many pictures",
        negative="What not to show",
        seed="The same seed, prompt and model give the same picture",
        reference="A picture to start from",
        strength="How far to go from the reference: 0 keeps it, 1 ignores it",
        format="File format",
        visibility="Who sees it",
    )
    @app_commands.choices(format=FORMATS, visibility=VISIBILITIES)
    async def imagine(
        self,
        interaction: discord.Interaction[Any],
        prompt: app_commands.Range[str, 1, PROMPT_CHARACTERS],
        model: str | None = None,
        aspect: str | None = None,
        count: app_commands.Range[int, 1, 4] = 1,
        negative: app_commands.Range[str, 1, PROMPT_CHARACTERS] | None = None,
        seed: app_commands.Range[int, 0, 4_294_967_295] | None = None,
        reference: discord.Attachment | None = None,
        strength: app_commands.Range[float, 0.0, 1.0] | None = None,
        format: str | None = None,  # noqa: A002 - the option's name
        visibility: str | None = None,
    ) -> None:
        """Make a picture from words."""
        order = Order(
            task=Task.IMAGINE,
            model=model or "",
            prompt=prompt,
            aspect=aspect,
            count=count,
            negative=negative,
            seed=seed,
            strength=strength,
            format=format,
            files=(input_file(reference, "reference", Role.REFERENCE),) if reference else (),
        )
        complete = self._choices.complete(guild_of(interaction), order)
        with calling(image="reference"):
            await self._desk.take(interaction, complete, chosen(visibility, Visibility.CHANNEL))

    @imagine.autocomplete("model")
    async def _models(self, interaction: discord.Interaction[Any], typed: str) -> list[app_commands.Choice[str]]:
        return await self._choices.models(interaction, Task.IMAGINE, typed)

    @imagine.autocomplete("aspect")
    async def _aspects(self, interaction: discord.Interaction[Any], typed: str) -> list[app_commands.Choice[str]]:
        return await self._choices.aspects(interaction, Task.IMAGINE, interaction.namespace.model, typed)
