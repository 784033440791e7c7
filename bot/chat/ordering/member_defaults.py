"""Fills in a member's preferences if a command leaves an option open. An explicit option always wins.

This applies to new orders from commands only: a reroll or a recipe stays as it was.
"""

from dataclasses import replace
from typing import Any

import discord
from discord import app_commands

from bot.catalogue.catalogue import Catalogue
from bot.catalogue.order import Order, Task
from bot.chat.discord.interactions import guild_of
from bot.chat.ordering.model_choice import ModelChoice
from bot.errors import Refused
from bot.jobs.records import Visibility
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

    async def applied(
        self, interaction: discord.Interaction[Any], order: Order, visibility: Visibility
    ) -> tuple[Order, Visibility]:
        """Return the order and its visibility, with the member's preferences for options that the command left open."""
        if not _is_new(interaction, order):
            return order, visibility
        said = await self._preferences.of(guild_of(interaction), interaction.user.id)
        given = {name for name, _ in interaction.namespace}
        if said.visibility and "visibility" not in given:
            visibility = Visibility(said.visibility)
        return await self._completed(guild_of(interaction), order, said, given), visibility

    async def preferred(self, interaction: discord.Interaction[Any], order: Order) -> Order:
        """Return the order as its own command would place it, for a command that only prices it."""
        said = await self._preferences.of(guild_of(interaction), interaction.user.id)
        return await self._completed(guild_of(interaction), order, said, {name for name, _ in interaction.namespace})

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


def _is_new(interaction: discord.Interaction[Any], order: Order) -> bool:
    command = interaction.command
    return isinstance(command, app_commands.Command) and command.qualified_name == order.task.value
