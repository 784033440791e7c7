"""`/video`: makes videos from a prompt, from first and last frames, from other pictures, or from a video."""

from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.catalogue.order import FileRole, Order, Task
from bot.chat.discord.command_facts import Topic, declare
from bot.chat.discord.interactions import asker
from bot.chat.ordering.autocomplete import Autocomplete
from bot.chat.ordering.model_choice import ModelChoice
from bot.chat.ordering.order_desk import OrderDesk
from bot.jobs.records import Visibility
from cogs.options import VISIBILITIES, Advanced, Prompt, Seed, chosen, given, pairs


class Video(commands.Cog):
    """The `/video` command."""

    def __init__(self, desk: OrderDesk, autocomplete: Autocomplete, model_choice: ModelChoice) -> None:
        self._desk = desk
        self._autocomplete = autocomplete
        self._model_choice = model_choice

    @app_commands.command(extras=declare(Topic.VIDEO))
    @app_commands.describe(
        prompt="What should happen in the video",
        prompt_end="What the video turns into, for models that morph",
        model="Model to use (the list shows prices)",
        image="First frame",
        last_frame="Last frame",
        reference="Person or thing that should appear in the video",
        reference2="Another person or thing",
        reference3="Another person or thing",
        reference4="Another person or thing",
        video="Video to start from, for models that support it",
        mask="Picture or video that is white where the starting video should change",
        seconds="Length in seconds",
        resolution="Resolution",
        aspect="Aspect ratio (width:height)",
        negative="What to leave out",
        seed="The same seed, prompt and model give the same video",
        advanced="More settings of the model as name=value, such as guidance=4",
        visibility="Who can see the result",
    )
    @app_commands.choices(visibility=VISIBILITIES)
    async def video(
        self,
        interaction: discord.Interaction[Any],
        prompt: Prompt,
        model: str | None = None,
        image: discord.Attachment | None = None,
        last_frame: discord.Attachment | None = None,
        prompt_end: Prompt | None = None,
        reference: discord.Attachment | None = None,
        reference2: discord.Attachment | None = None,
        reference3: discord.Attachment | None = None,
        reference4: discord.Attachment | None = None,
        video: discord.Attachment | None = None,
        mask: discord.Attachment | None = None,
        seconds: app_commands.Range[int, 1, 60] | None = None,
        resolution: str | None = None,
        aspect: str | None = None,
        negative: Prompt | None = None,
        seed: Seed | None = None,
        advanced: Advanced | None = None,
        visibility: str | None = None,
    ) -> None:
        """Make a short video from a text prompt or a picture."""
        frames = given((image, "image", FileRole.FIRST_FRAME), (last_frame, "last_frame", FileRole.LAST_FRAME))
        references = (
            (reference, "reference", FileRole.REFERENCE),
            (reference2, "reference2", FileRole.REFERENCE),
            (reference3, "reference3", FileRole.REFERENCE),
            (reference4, "reference4", FileRole.REFERENCE),
        )
        source = given((video, "video", FileRole.VIDEO), (mask, "mask", FileRole.MASK))
        order = Order(
            task=Task.VIDEO,
            model=model or "",
            prompt=prompt,
            prompt_end=prompt_end,
            seconds=seconds,
            resolution=resolution,
            aspect=aspect,
            negative=negative,
            seed=seed,
            advanced=pairs(interaction, advanced),
            files=(*frames, *given(*references), *source),
        )
        async with self._desk.in_time(interaction):
            order = await self._model_choice.complete(asker(interaction), order)
            await self._desk.take(interaction, order, chosen(visibility, Visibility.CHANNEL))

    @video.autocomplete("model")
    async def _models(self, interaction: discord.Interaction[Any], typed: str) -> list[app_commands.Choice[str]]:
        return await self._autocomplete.models(interaction, Task.VIDEO, typed)

    @video.autocomplete("seconds")
    async def _seconds(self, interaction: discord.Interaction[Any], typed: str) -> list[app_commands.Choice[int]]:
        return await self._autocomplete.seconds(interaction, interaction.namespace.model, str(typed))

    @video.autocomplete("resolution")
    async def _resolutions(self, interaction: discord.Interaction[Any], typed: str) -> list[app_commands.Choice[str]]:
        return await self._autocomplete.resolutions(interaction, interaction.namespace.model, typed)

    @video.autocomplete("aspect")
    async def _aspects(self, interaction: discord.Interaction[Any], typed: str) -> list[app_commands.Choice[str]]:
        return await self._autocomplete.aspects(interaction, Task.VIDEO, interaction.namespace.model, typed)

    @video.autocomplete("advanced")
    async def _advanced(self, interaction: discord.Interaction[Any], typed: str) -> list[app_commands.Choice[str]]:
        return await self._autocomplete.advanced(interaction, Task.VIDEO, interaction.namespace.model, typed)
