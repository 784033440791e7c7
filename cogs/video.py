"""`/video`: moving pictures from words, from a first and a last frame, from other pictures, and from a video."""

from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.catalogue.order import Order, Role, Task
from bot.chat.discord.interactions import guild_of
from bot.chat.ordering.choices import Choices
from bot.chat.ordering.order_desk import OrderDesk
from bot.jobs.records import Visibility
from cogs.options import VISIBILITIES, Prompt, Seed, chosen, given


class Video(commands.Cog):
    """Videos."""

    def __init__(self, desk: OrderDesk, choices: Choices) -> None:
        self._desk = desk
        self._choices = choices

    @app_commands.command()
    @app_commands.describe(
        prompt="What happens in it",
        prompt_end="What it turns into, for the model that morphs",
        model="Which model makes it (price and usual time are in the list)",
        image="Its first frame",
        last_frame="Its last frame",
        reference="Somebody or something that is to appear in it",
        reference2="Another one",
        reference3="Another one",
        reference4="Another one",
        video="A video to start from, for models that take one",
        mask="Where that video is changed: a picture or video that is white there",
        seconds="How long it is",
        resolution="How fine it is",
        aspect="Width to height",
        negative="What not to show",
        seed="The same seed, prompt and model give the same video",
        visibility="Who sees it",
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
        visibility: str | None = None,
    ) -> None:
        """Make a short video from words, or from a picture."""
        frames = given((image, "image", Role.FIRST_FRAME), (last_frame, "last_frame", Role.LAST_FRAME))
        references = (
            (reference, "reference", Role.REFERENCE),
            (reference2, "reference2", Role.REFERENCE),
            (reference3, "reference3", Role.REFERENCE),
            (reference4, "reference4", Role.REFERENCE),
        )
        source = given((video, "video", Role.VIDEO), (mask, "mask", Role.MASK))
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
            files=(*frames, *given(*references), *source),
        )
        complete = self._choices.complete(guild_of(interaction), order)
        await self._desk.take(interaction, complete, chosen(visibility, Visibility.CHANNEL))

    @video.autocomplete("model")
    async def _models(self, interaction: discord.Interaction[Any], typed: str) -> list[app_commands.Choice[str]]:
        return await self._choices.models(interaction, Task.VIDEO, typed)

    @video.autocomplete("seconds")
    async def _seconds(self, interaction: discord.Interaction[Any], typed: str) -> list[app_commands.Choice[int]]:
        return await self._choices.seconds(interaction, interaction.namespace.model, str(typed))

    @video.autocomplete("resolution")
    async def _resolutions(self, interaction: discord.Interaction[Any], typed: str) -> list[app_commands.Choice[str]]:
        return await self._choices.resolutions(interaction, interaction.namespace.model, typed)

    @video.autocomplete("aspect")
    async def _aspects(self, interaction: discord.Interaction[Any], typed: str) -> list[app_commands.Choice[str]]:
        return await self._choices.aspects(interaction, Task.VIDEO, interaction.namespace.model, typed)
