"""`/lipsync`: makes a person in a video say something else."""

from dataclasses import replace

import discord
from discord import app_commands
from discord.ext import commands

from bot.catalogue.order import FileRole, Order, Task
from bot.chat.discord.command_facts import Topic, declare
from bot.chat.discord.interactions import asker
from bot.chat.ordering.autocomplete import Autocomplete, Choice
from bot.chat.ordering.earlier_results import EarlierResults
from bot.chat.ordering.model_choice import ModelChoice
from bot.chat.ordering.order_desk import OrderDesk
from bot.jobs.records import Visibility
from cogs.options import VISIBILITIES, Advanced, Interaction, Prompt, chosen, given, pairs


class LipSync(commands.Cog):
    """The `/lipsync` command."""

    def __init__(
        self, desk: OrderDesk, autocomplete: Autocomplete, model_choice: ModelChoice, earlier_results: EarlierResults
    ) -> None:
        self._desk = desk
        self._autocomplete = autocomplete
        self._model_choice = model_choice
        self._earlier_results = earlier_results

    @app_commands.command(extras=declare(Topic.SOUND, job="video"))
    @app_commands.describe(
        video="Video of a face: mp4 or mov, 2 to 10 seconds",
        job="Use an earlier result instead",
        audio="Recording of what the person should say",
        text="Or text that the person should say",
        voice="Voice that speaks the text",
        advanced="More settings of the model as name=value, such as guidance=4",
        visibility="Who can see the result",
    )
    @app_commands.choices(visibility=VISIBILITIES)
    async def lipsync(
        self,
        interaction: Interaction,
        video: discord.Attachment | None = None,
        job: str | None = None,
        audio: discord.Attachment | None = None,
        text: Prompt | None = None,
        voice: str | None = None,
        advanced: Advanced | None = None,
        visibility: str | None = None,
    ) -> None:
        """Make a person in a video speak, from a recording or from text and a voice."""
        order = Order(
            task=Task.LIPSYNC,
            model="",
            text=text,
            voice=voice,
            advanced=pairs(interaction, advanced),
            files=given((audio, "audio", FileRole.AUDIO)),
        )
        async with self._desk.in_time(interaction):
            order = await self._order(interaction, order, video, job)
            await self._desk.take(interaction, order, chosen(visibility, Visibility.CHANNEL))

    @lipsync.autocomplete("job")
    async def _jobs(self, interaction: Interaction, typed: str) -> list[Choice]:
        return await self._autocomplete.results(interaction, typed, FileRole.VIDEO)

    @lipsync.autocomplete("voice")
    async def _voices(self, interaction: Interaction, typed: str) -> list[Choice]:
        return await self._autocomplete.values(interaction, Task.LIPSYNC, "voice", None, typed)

    @lipsync.autocomplete("advanced")
    async def _advanced(self, interaction: Interaction, typed: str) -> list[Choice]:
        return await self._autocomplete.advanced(interaction, Task.LIPSYNC, None, typed)

    async def _order(
        self, interaction: Interaction, order: Order, video: discord.Attachment | None, job: str | None
    ) -> Order:
        film = await self._earlier_results.source(interaction, video, job, FileRole.VIDEO)
        return await self._model_choice.complete(asker(interaction), replace(order, files=(film, *order.files)))
