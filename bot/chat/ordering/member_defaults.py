"""Fills in a member's preferences if a command leaves an option out. An explicit option always wins.

This applies to new orders from commands only: a reroll or a recipe keeps its options.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from typing import Any

import discord
from discord import app_commands

from bot.catalogue.catalogue import Catalogue
from bot.catalogue.order import Order, Task
from bot.chat.discord.interactions import asker, guild_of
from bot.chat.ordering.model_choice import ModelChoice
from bot.errors import NoModel, OtherModelNeeded, Refused
from bot.jobs.records import Job, Visibility
from bot.policy.policy_records import ChannelDefaults, Requester
from bot.preferences.preference_records import Preference
from bot.preferences.preferences import Preferences

KEEPING_ASPECT = frozenset({Task.EDIT, Task.ERASE})
"""Tasks that keep the picture's aspect ratio unless the command specifies another one."""


@dataclass(frozen=True, slots=True)
class CompletedOrder:
    """An order with the member's preferences, and the visibility of its result.

    `replaces_usual` says whether its model was chosen because the member's usual one is turned off here.
    """

    order: Order
    visibility: Visibility
    replaces_usual: bool = False


class MemberDefaults:
    """Completes orders with their members' preferences and presets."""

    def __init__(self, preferences: Preferences, catalogue: Catalogue, models: ModelChoice) -> None:
        self._preferences = preferences
        self._catalogue = catalogue
        self._models = models

    async def applied(
        self, interaction: discord.Interaction[Any], order: Order, otherwise: Visibility, sources: Iterable[Job]
    ) -> CompletedOrder:
        """Complete an order with the member's preferences for options that the command left open.

        `otherwise` is its visibility if neither the command's option, nor a private job among the `sources` that it is
        made from, nor a preference decides. A button leaves no option open: its model is fixed along with its price.
        Raises NoModel, OtherModelNeeded.
        """
        command = interaction.command
        if not isinstance(command, app_commands.Command) or command.qualified_name not in set(Task):
            return CompletedOrder(order, otherwise)
        guild, member = guild_of(interaction), interaction.user.id
        given = dict(iter(interaction.namespace))  # a namespace looks like a mapping to dict()
        said = await self._said(asker(interaction), order.task)
        if command.qualified_name == order.task.value:  # otherwise its mask or text changed the task
            order = await self._completed(asker(interaction), order, said, given.keys())
        visibility = otherwise if "visibility" in given else _visibility(said, otherwise, sources)
        names_model = bool(given.get("model")) or await self._preset_names_model(guild, member, given.get("preset"))
        if names_model:
            return CompletedOrder(order, visibility)
        await self._require_allowed(asker(interaction), order)
        return CompletedOrder(order, visibility, await self._is_substitute(asker(interaction), order, said))

    async def of_step(
        self, interaction: discord.Interaction[Any], inherited: Visibility, *, owner: int | None
    ) -> Visibility:
        """Return the visibility of a result ordered by a button or menu: `inherited` from the result above it.

        For another member's public result, and for a message's pictures (`owner` is None), the member's preference
        decides, because making the source public was not their choice.
        """
        if inherited is not Visibility.CHANNEL or owner == interaction.user.id:
            return inherited
        said = await self._preferences.of(guild_of(interaction), interaction.user.id)
        return Visibility(said.visibility) if said.visibility else inherited

    async def _require_allowed(self, who: Requester, order: Order) -> None:
        """Check that a model that the member did not name is turned on here. Raises NoModel, OtherModelNeeded."""
        allowed = await self._models.allowed(who, order.task)
        if order.model in allowed:
            return
        if any(model.id in allowed for model in self._catalogue.for_task(order.task)):
            raise OtherModelNeeded(model=order.model)
        if await self._models.needs_allowing(who, order.model, order.task):
            raise NoModel(task=order.task.value)

    async def _preset_names_model(self, guild: int, member: int, preset: object) -> bool:
        return bool(preset) and (await self._preferences.preset(guild, member, str(preset))).model is not None

    async def _is_substitute(self, who: Requester, order: Order, said: Preference) -> bool:
        """Return whether a different model would have been chosen if it were turned on."""
        preferred = said.models.get(order.task)
        if preferred == order.model:
            return False
        if preferred is not None and preferred not in await self._models.allowed(who, order.task):
            return True
        if self._catalogue.is_first_choice(order.task, order.model):
            return False
        usual = self._catalogue.usual(order.task, order)
        return usual is not None and usual.id != order.model

    async def preferred(self, interaction: discord.Interaction[Any], order: Order) -> Order:
        """Return the order as its own command would place it, for a command that only prices it."""
        said = await self._said(asker(interaction), order.task)
        return await self._completed(asker(interaction), order, said, {name for name, _ in interaction.namespace})

    async def preset(self, interaction: discord.Interaction[Any], order: Order, name: str | None) -> Order:
        """Return the order with a preset of the member or the guild applied. Raises NotFound."""
        if name is None:
            return order
        preset = await self._preferences.preset(guild_of(interaction), interaction.user.id, name)
        return replace(
            order,
            prompt=preset.prompt(order.prompt or ""),
            negative=order.negative or preset.negative,
            model=order.model or preset.model or "",
        )

    async def _said(self, who: Requester, task: Task) -> Preference:
        """Return the member's preferences, with the channel's defaults for the ones that are not set."""
        said = await self._preferences.of(who.guild, who.member)
        defaults = await self._models.channel_defaults(who)
        if defaults is None:
            return said
        fits = defaults.model is not None and task in self._catalogue.get(defaults.model).tasks
        return with_channel_defaults(said, defaults, task if fits else None)

    async def _completed(self, who: Requester, order: Order, said: Preference, given: Collection[str]) -> Order:
        model = said.models.get(order.task)
        if model and not {"model", "preset"} & set(given) and model in await self._models.allowed(who, order.task):
            order = self._if_possible(order, replace(order, model=model))
        if said.aspect and order.aspect is None and order.task not in KEEPING_ASPECT:
            order = self._if_possible(order, replace(order, aspect=said.aspect))
        return order

    def _if_possible(self, order: Order, wished: Order) -> Order:
        """Return the `wished` order if its model supports all of it, otherwise the order unchanged."""
        try:
            self._catalogue.plan(wished)
        except Refused:
            return order
        return wished


def with_channel_defaults(said: Preference, defaults: ChannelDefaults, task: Task | None) -> Preference:
    """Return a member's preferences, with a channel's defaults for the ones that are not set.

    `task` is the one for which the channel's model is meant; None if the model cannot do what is ordered.
    """
    models = dict(said.models)
    if task is not None and defaults.model is not None:
        models.setdefault(task, defaults.model)
    return replace(
        said,
        models=models,
        aspect=said.aspect or defaults.aspect,
        visibility=said.visibility or defaults.visibility,
    )


def _visibility(said: Preference, otherwise: Visibility, sources: Iterable[Job]) -> Visibility:
    """Return the visibility of a result whose command sets none.

    A result made from a private one is also private, whatever its member prefers.
    """
    private = next((job.visibility for job in sources if job.is_private), None)
    return private or (Visibility(said.visibility) if said.visibility else otherwise)
