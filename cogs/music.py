"""`/music`: makes a few seconds of music from a prompt."""

from discord import app_commands
from discord.ext import commands

from bot.catalogue.order import Order, Task
from bot.chat.discord.command_facts import Topic, declare
from bot.chat.discord.interactions import asker
from bot.chat.ordering.autocomplete import Autocomplete, Choice
from bot.chat.ordering.model_choice import ModelChoice
from bot.chat.ordering.order_desk import OrderDesk
from bot.jobs.records import Visibility
from cogs.options import VISIBILITIES, Advanced, Interaction, Prompt, Seed, chosen, pairs


class Music(commands.Cog):
    """The `/music` command."""

    def __init__(self, desk: OrderDesk, autocomplete: Autocomplete, model_choice: ModelChoice) -> None:
        self._desk = desk
        self._autocomplete = autocomplete
        self._model_choice = model_choice

    @app_commands.command(extras=declare(Topic.SOUND, prompt2="prompt_end"))
    @app_commands.describe(
        prompt="What the music should sound like",
        prompt2="What the music turns into at the end",
        seed="Seed, for models that support it",
        advanced="More settings of the model as name=value, such as guidance=4",
        visibility="Who can hear the result",
    )
    @app_commands.choices(visibility=VISIBILITIES)
    async def music(
        self,
        interaction: Interaction,
        prompt: Prompt,
        prompt2: Prompt | None = None,
        seed: Seed | None = None,
        advanced: Advanced | None = None,
        visibility: str | None = None,
    ) -> None:
        """Make a few seconds of music from a text prompt."""
        order = Order(
            task=Task.MUSIC,
            model="",
            prompt=prompt,
            prompt_end=prompt2,
            seed=seed,
            advanced=pairs(interaction, advanced),
        )
        async with self._desk.in_time(interaction):
            order = await self._model_choice.complete(asker(interaction), order)
            await self._desk.take(interaction, order, chosen(visibility, Visibility.CHANNEL))

    @music.autocomplete("advanced")
    async def _advanced(self, interaction: Interaction, typed: str) -> list[Choice]:
        return await self._autocomplete.advanced(interaction, Task.MUSIC, None, typed)
