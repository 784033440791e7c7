"""`/edit`: changes pictures according to a text instruction."""

from dataclasses import replace

import discord
from discord import app_commands
from discord.ext import commands

from bot.catalogue.order import FileRole, InputFile, Order, Task
from bot.chat.discord.command_facts import Topic, declare
from bot.chat.discord.interactions import asker
from bot.chat.ordering.autocomplete import Autocomplete, Choice
from bot.chat.ordering.earlier_results import EarlierResults
from bot.chat.ordering.model_choice import ModelChoice
from bot.chat.ordering.order_desk import OrderDesk
from bot.jobs.records import Visibility
from cogs.options import VISIBILITIES, Advanced, Count, Interaction, Prompt, Seed, chosen, given, pairs


class Edit(commands.Cog):
    """The `/edit` command: changes one to three pictures."""

    def __init__(
        self, desk: OrderDesk, autocomplete: Autocomplete, model_choice: ModelChoice, earlier_results: EarlierResults
    ) -> None:
        self._desk = desk
        self._autocomplete = autocomplete
        self._model_choice = model_choice
        self._earlier_results = earlier_results

    @app_commands.command(extras=declare(Topic.EDITING, instruction="prompt", job="image"))
    @app_commands.describe(
        instruction="What to change",
        image="Picture to edit",
        job="Use an earlier result instead",
        image2="Second picture to combine with the first",
        image3="Third picture to combine with the others",
        mask="Only change the areas where this picture is white",
        model="Model to use (the list shows prices)",
        aspect="Aspect ratio (width:height)",
        seed="The same seed, instruction and picture give the same result",
        count="Number of variants",
        advanced="More settings of the model as name=value, such as guidance=4",
        visibility="Who can see the result",
    )
    @app_commands.choices(visibility=VISIBILITIES)
    async def edit(
        self,
        interaction: Interaction,
        instruction: Prompt,
        image: discord.Attachment | None = None,
        job: str | None = None,
        image2: discord.Attachment | None = None,
        image3: discord.Attachment | None = None,
        mask: discord.Attachment | None = None,
        model: str | None = None,
        aspect: str | None = None,
        seed: Seed | None = None,
        count: Count = 1,
        advanced: Advanced | None = None,
        visibility: str | None = None,
    ) -> None:
        """Edit a picture with a text instruction."""
        others = given(
            (image2, "image2", FileRole.IMAGE), (image3, "image3", FileRole.IMAGE), (mask, "mask", FileRole.MASK)
        )
        task = Task.ERASE if mask else Task.EDIT  # models that respect masks belong to /erase
        order = Order(
            task=task,
            model=model or "",
            prompt=instruction,
            aspect=aspect,
            seed=seed,
            count=count,
            advanced=pairs(interaction, advanced),
        )
        async with self._desk.in_time(interaction):
            order = await self._order(interaction, order, image, job, others)
            await self._desk.take(interaction, order, chosen(visibility, Visibility.CHANNEL))

    @edit.autocomplete("model")
    async def _models(self, interaction: Interaction, typed: str) -> list[Choice]:
        return await self._autocomplete.models(interaction, _task(interaction), typed)

    @edit.autocomplete("job")
    async def _jobs(self, interaction: Interaction, typed: str) -> list[Choice]:
        return await self._autocomplete.results(interaction, typed)

    @edit.autocomplete("aspect")
    async def _aspects(self, interaction: Interaction, typed: str) -> list[Choice]:
        return await self._autocomplete.aspects(interaction, _task(interaction), interaction.namespace.model, typed)

    @edit.autocomplete("advanced")
    async def _advanced(self, interaction: Interaction, typed: str) -> list[Choice]:
        return await self._autocomplete.advanced(interaction, _task(interaction), interaction.namespace.model, typed)

    async def _order(
        self,
        interaction: Interaction,
        order: Order,
        image: discord.Attachment | None,
        job: str | None,
        others: tuple[InputFile, ...],
    ) -> Order:
        picture = await self._earlier_results.source(interaction, image, job)
        return await self._model_choice.complete(asker(interaction), replace(order, files=(picture, *others)))


def _task(interaction: Interaction) -> Task:
    return Task.ERASE if interaction.namespace.mask else Task.EDIT
