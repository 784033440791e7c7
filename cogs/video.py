"""`/video`: moving pictures from words, and from a first and a last frame."""

from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.catalogue.order import Order, Role, Task
from bot.chat.answer import OrderDesk
from bot.chat.choices import Choices
from bot.chat.origin import guild_of, input_file
from bot.jobs.records import Visibility
from cogs.options import PROMPT_CHARACTERS, VISIBILITIES, calling, chosen


class Video(commands.Cog):
    """Videos."""

    def __init__(self, desk: OrderDesk, choices: Choices) -> None:
        self._desk = desk
        self._choices = choices

    @app_commands.command()
    @app_commands.describe(
        prompt="What happens in it",
        model="Which model makes it (price and usual time are in the list)",
        image="Its first frame",
        last_frame="Its last frame",
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
        prompt: app_commands.Range[str, 1, PROMPT_CHARACTERS],
        model: str | None = None,
        image: discord.Attachment | None = None,
        last_frame: discord.Attachment | None = None,
        seconds: app_commands.Range[int, 1, 60] | None = None,
        resolution: str | None = None,
        aspect: str | None = None,
        negative: app_commands.Range[str, 1, PROMPT_CHARACTERS] | None = None,
        seed: app_commands.Range[int, 0, 4_294_967_295] | None = None,
        visibility: str | None = None,
    ) -> None:
        """Make a short video from words, or from a picture."""
        frames = ((image, "image", Role.FIRST_FRAME), (last_frame, "last_frame", Role.LAST_FRAME))
        order = Order(
            task=Task.VIDEO,
            model=model or "",
            prompt=prompt,
            seconds=seconds,
            resolution=resolution,
            aspect=aspect,
            negative=negative,
            seed=seed,
            files=tuple(input_file(frame, slot, role) for frame, slot, role in frames if frame),
        )
        complete = self._choices.complete(guild_of(interaction), order)
        with calling(first_frame="image"):
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
