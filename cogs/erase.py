"""`/erase`: removes or replaces things in a picture, selected by name or with a mask."""

from dataclasses import replace

import discord
from discord import app_commands
from discord.ext import commands

from bot.catalogue.order import FileRole, InputFile, Order, Task
from bot.catalogue.refusals import invalid
from bot.chat.discord.command_facts import Topic, declare
from bot.chat.discord.interactions import asker
from bot.chat.ordering.autocomplete import Autocomplete, Choice
from bot.chat.ordering.earlier_results import EarlierResults
from bot.chat.ordering.model_choice import ModelChoice
from bot.chat.ordering.order_desk import OrderDesk
from bot.jobs.records import Visibility
from cogs.options import VISIBILITIES, Advanced, Interaction, Prompt, chosen, given, pairs

NOTHING_THERE = "only the background, as if nothing had stood here"
"""The prompt for the erased area if the member did not say what to put there."""

OUTPAINT = "outpaint"
"""The advanced input that extends a picture; no mask is needed for it."""

CONTINUED = "the same scene, continued naturally beyond the edges"
"""The prompt for the new area of an extended picture if the member did not say what to put there."""

MAY_BE_TRANSPARENT = frozenset({"image/png", "image/webp", "image/gif", None})


class Erase(commands.Cog):
    """The `/erase` command."""

    def __init__(
        self, desk: OrderDesk, autocomplete: Autocomplete, model_choice: ModelChoice, earlier_results: EarlierResults
    ) -> None:
        self._desk = desk
        self._autocomplete = autocomplete
        self._model_choice = model_choice
        self._earlier_results = earlier_results

    @app_commands.command(extras=declare(Topic.EDITING, fill="prompt", job="image"))
    @app_commands.describe(
        image="Picture to edit; transparent areas are repainted unless you give “what” or a mask",
        job="Use an earlier result instead",
        what="What to remove, in words",
        mask="Or a picture of the same size, white where something should be removed",
        fill="What to put there instead",
        model="Model to use (the list shows prices)",
        advanced="More settings of the model as name=value, such as guidance=4",
        visibility="Who can see the result",
    )
    @app_commands.choices(visibility=VISIBILITIES)
    async def erase(
        self,
        interaction: Interaction,
        image: discord.Attachment | None = None,
        job: str | None = None,
        what: Prompt | None = None,
        mask: discord.Attachment | None = None,
        fill: Prompt | None = None,
        model: str | None = None,
        advanced: Advanced | None = None,
        visibility: str | None = None,
    ) -> None:
        """Remove something from a picture, or replace it."""
        order = Order(task=Task.ERASE, model=model or "", what=what, prompt=fill, advanced=pairs(interaction, advanced))
        async with self._desk.in_time(interaction):
            order = await self._order(interaction, order, image, job, given((mask, "mask", FileRole.MASK)))
            await self._desk.take(interaction, order, chosen(visibility, Visibility.CHANNEL))

    @erase.autocomplete("model")
    async def _models(self, interaction: Interaction, typed: str) -> list[Choice]:
        return await self._autocomplete.models(interaction, Task.ERASE, typed)

    @erase.autocomplete("job")
    async def _jobs(self, interaction: Interaction, typed: str) -> list[Choice]:
        return await self._autocomplete.results(interaction, typed)

    @erase.autocomplete("advanced")
    async def _advanced(self, interaction: Interaction, typed: str) -> list[Choice]:
        return await self._autocomplete.advanced(interaction, Task.ERASE, interaction.namespace.model, typed)

    async def _order(
        self,
        interaction: Interaction,
        order: Order,
        image: discord.Attachment | None,
        job: str | None,
        mask: tuple[InputFile, ...],
    ) -> Order:
        picture = await self._earlier_results.source(interaction, image, job)
        ways = _by_name(order, picture, mask) if order.what else (_by_area(order, picture, mask),)
        return await self._model_choice.first(asker(interaction), *ways)


def _by_name(order: Order, picture: InputFile, mask: tuple[InputFile, ...]) -> tuple[Order, ...]:
    """Return the order for a model that finds things by name, then one for a model that follows instructions."""
    named = replace(order, files=(picture, *mask))
    action = f"Replace {order.what} with {order.prompt}" if order.prompt else f"Remove {order.what} from the picture"
    instruction = f"{action}. Keep everything else exactly as it is."
    return named, replace(named, task=Task.EDIT, what=None, prompt=instruction)


def _by_area(order: Order, picture: InputFile, mask: tuple[InputFile, ...]) -> Order:
    """Return the order that repaints an area of the picture, or extends it beyond its edges."""
    if not mask and any(name.lower() == OUTPAINT for name, _ in order.advanced or ()):
        return replace(order, prompt=order.prompt or CONTINUED, files=(picture,))
    return _by_mask(order, picture, mask)


def _by_mask(order: Order, picture: InputFile, mask: tuple[InputFile, ...]) -> Order:
    """Return the order with the given mask, or with a mask made from the picture's own transparency."""
    if not mask and picture.content_type and picture.content_type not in MAY_BE_TRANSPARENT:
        raise invalid("/erase", "what", "needed-or", "mask")
    own = replace(picture, slot="mask", role=FileRole.MASK, url="", artefact=None, alpha_of=picture.slot)
    return replace(order, prompt=order.prompt or NOTHING_THERE, files=(picture, *(mask or (own,))))
