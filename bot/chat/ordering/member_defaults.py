"""Fills in a member's preferences if a command leaves an option open. An explicit option always wins.

This applies to new orders from commands only: a reroll or a recipe stays as it was.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import discord
from discord import app_commands

from bot.catalogue.catalogue import Catalogue
from bot.catalogue.order import Order, Task
from bot.chat.discord.interactions import guild_of
from bot.chat.ordering.model_choice import ModelChoice
from bot.errors import Refused
from bot.jobs.records import Job, Visibility
from bot.preferences.preference import Preference
from bot.preferences.preferences import Preferences

KEEPING_ASPECT = frozenset({Task.EDIT, Task.ERASE})
"""Tasks that keep the picture's aspect ratio unless the command gives another one."""


class MemberDefaults:
    """Completes orders with their members' preferences and presets."""

    def __init__(self, preferences: Preferences, catalogue: Catalogue, models: ModelChoice) -> None:
        self._preferences = preferences
        self._catalogue = catalogue
        self._models = models

    async def applied(self, interaction: discord.Interaction[Any], order: Order) -> Order:
        """Return the order with the member's preferences for options that the command left open."""
        if not _is_new(interaction, order):
            return order
        said = await self._preferences.of(guild_of(interaction), interaction.user.id)
        return await self._completed(guild_of(interaction), order, said, _given(interaction))

    async def replaces_usual(self, interaction: discord.Interaction[Any], order: Order) -> bool:
        """Return whether the order's model was chosen for the member because their usual one is off here."""
        command = interaction.command
        if not isinstance(command, app_commands.Command) or command.qualified_name not in set(Task):
            return False  # a button names its model, and its price
        guild, member = guild_of(interaction), interaction.user.id
        if await self._names_model(interaction, guild, member):
            return False
        preferred = (await self._preferences.of(guild, member)).models.get(order.task)
        if preferred == order.model:
            return False
        if preferred is not None and preferred not in await self._models.allowed(guild):
            return True
        usual = self._catalogue.usual(order.task, order)
        return usual is not None and usual.id != order.model

    async def _names_model(self, interaction: discord.Interaction[Any], guild: int, member: int) -> bool:
        """Return whether the command names a model, itself or through a preset."""
        given = dict(iter(interaction.namespace))  # a namespace looks like a mapping to dict()
        if given.get("model"):
            return True
        preset = given.get("preset")
        return bool(preset) and (await self._preferences.preset(guild, member, str(preset))).model is not None

    async def visibility(
        self, interaction: discord.Interaction[Any], otherwise: Visibility, sources: Iterable[Job]
    ) -> Visibility:
        """Return the visibility of an order's result, `otherwise` if nothing but the command or the button decides.

        For a command, what its member says decides. If they say nothing, a result made from a private one is as private
        as that, whatever they prefer.
        """
        if not _offers_visibility(interaction) or "visibility" in _given(interaction):
            return otherwise
        private = next((job.visibility for job in sources if job.is_private), None)
        if private is not None:
            return private
        said = await self._preferences.of(guild_of(interaction), interaction.user.id)
        return Visibility(said.visibility) if said.visibility else otherwise

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

    async def _completed(self, guild: int, order: Order, said: Preference, given: set[str]) -> Order:
        model = said.models.get(order.task)
        if model and not given & {"model", "preset"} and model in await self._models.allowed(guild):
            order = self._if_possible(order, replace(order, model=model))
        if said.aspect and order.aspect is None and order.task not in KEEPING_ASPECT:
            order = self._if_possible(order, replace(order, aspect=said.aspect))
        return order

    def _if_possible(self, order: Order, wished: Order) -> Order:
        """Return the `wished` order if its model supports all of it, else the order unchanged."""
        try:
            self._catalogue.plan(wished)
        except Refused:
            return order
        return wished


def _given(interaction: discord.Interaction[Any]) -> set[str]:
    """Return the names of the options that the member gave."""
    return {name for name, _ in interaction.namespace}


def _offers_visibility(interaction: discord.Interaction[Any]) -> bool:
    """Return whether this is a command with an option for who can see the result; a button has none."""
    command = interaction.command
    return isinstance(command, app_commands.Command) and command.get_parameter("visibility") is not None


def _is_new(interaction: discord.Interaction[Any], order: Order) -> bool:
    command = interaction.command
    return isinstance(command, app_commands.Command) and command.qualified_name == order.task.value
