"""`/imagine`: makes pictures from a prompt."""

from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.catalogue.order import FileRole, Order, Task
from bot.chat.discord.command_facts import Topic, declare
from bot.chat.discord.interactions import asker
from bot.chat.ordering.autocomplete import Autocomplete
from bot.chat.ordering.member_defaults import MemberDefaults
from bot.chat.ordering.model_choice import ModelChoice
from bot.chat.ordering.order_desk import OrderDesk
from bot.chat.replies.preset_replies import PresetReplies
from bot.jobs.records import Visibility
from cogs.options import FORMATS, VISIBILITIES, Advanced, Count, Prompt, Seed, chosen, given, pairs


class Imagine(commands.Cog):
    """The `/imagine` command: pictures from a prompt, or from a prompt and a picture."""

    def __init__(
        self,
        desk: OrderDesk,
        autocomplete: Autocomplete,
        model_choice: ModelChoice,
        defaults: MemberDefaults,
        presets: PresetReplies,
    ) -> None:
        self._desk = desk
        self._autocomplete = autocomplete
        self._model_choice = model_choice
        self._defaults = defaults
        self._presets = presets

    @app_commands.command(extras=declare(Topic.PICTURES))
    @app_commands.describe(
        prompt="What the picture should show",
        model="Model to use (the list shows prices)",
        aspect="Aspect ratio (width:height)",
        count="Number of pictures",
        style="Visual style, for models that support it",
        lora="Extra style added by the bot's operator, for models that support it",
        negative="What to leave out",
        seed="The same seed, prompt and model give the same picture",
        reference="Picture to start from",
        strength="How much to change the reference: 0 keeps it, 1 ignores it",
        format="File format",
        advanced="More settings of the model as name=value, such as guidance=4",
        visibility="Who can see the result",
        preset="One of your presets or this server's (see /style)",
    )
    @app_commands.choices(format=FORMATS, visibility=VISIBILITIES)
    async def imagine(
        self,
        interaction: discord.Interaction[Any],
        prompt: Prompt,
        model: str | None = None,
        aspect: str | None = None,
        count: Count = 1,
        style: str | None = None,
        negative: Prompt | None = None,
        seed: Seed | None = None,
        reference: discord.Attachment | None = None,
        strength: app_commands.Range[float, 0.0, 1.0] | None = None,
        lora: str | None = None,
        format: str | None = None,  # noqa: A002 - the option's name
        advanced: Advanced | None = None,
        visibility: str | None = None,
        preset: str | None = None,
    ) -> None:
        """Make a picture from a text prompt."""
        order = Order(
            task=Task.IMAGINE,
            model=model or "",
            prompt=prompt,
            aspect=aspect,
            count=count,
            style=style,
            lora=lora,
            negative=negative,
            seed=seed,
            strength=strength,
            format=format,
            advanced=pairs(interaction, advanced),
            files=given((reference, "reference", FileRole.REFERENCE)),
        )
        async with self._desk.in_time(interaction):
            order = await self._complete(interaction, order, preset)
            await self._desk.take(interaction, order, chosen(visibility, Visibility.CHANNEL))

    async def _complete(self, interaction: discord.Interaction[Any], order: Order, preset: str | None) -> Order:
        styled = await self._defaults.preset(interaction, order, preset)
        return await self._model_choice.complete(asker(interaction), styled)

    @imagine.autocomplete("preset")
    async def _preset_names(self, interaction: discord.Interaction[Any], typed: str) -> list[app_commands.Choice[str]]:
        return await self._presets.choices(interaction, typed)

    @imagine.autocomplete("model")
    async def _models(self, interaction: discord.Interaction[Any], typed: str) -> list[app_commands.Choice[str]]:
        return await self._autocomplete.models(interaction, Task.IMAGINE, typed)

    @imagine.autocomplete("aspect")
    async def _aspects(self, interaction: discord.Interaction[Any], typed: str) -> list[app_commands.Choice[str]]:
        return await self._autocomplete.aspects(interaction, Task.IMAGINE, interaction.namespace.model, typed)

    @imagine.autocomplete("style")
    async def _styles(self, interaction: discord.Interaction[Any], typed: str) -> list[app_commands.Choice[str]]:
        return await self._autocomplete.values(interaction, Task.IMAGINE, "style", interaction.namespace.model, typed)

    @imagine.autocomplete("lora")
    async def _loras(self, interaction: discord.Interaction[Any], typed: str) -> list[app_commands.Choice[str]]:
        return await self._autocomplete.values(interaction, Task.IMAGINE, "lora", interaction.namespace.model, typed)

    @imagine.autocomplete("advanced")
    async def _advanced(self, interaction: discord.Interaction[Any], typed: str) -> list[app_commands.Choice[str]]:
        return await self._autocomplete.advanced(interaction, Task.IMAGINE, interaction.namespace.model, typed)
