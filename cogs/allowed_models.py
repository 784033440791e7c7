"""`/easel-mod`: the models that a server's members may use."""

from collections.abc import Sequence
from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.chat.cards.card import Card
from bot.chat.discord.command_facts import Topic, declare
from bot.chat.discord.interactions import guild_of
from bot.chat.discord.permission_checks import require_moderator
from bot.chat.discord.responses import Responder
from bot.chat.lists.model_list import ModelList
from bot.chat.ordering.autocomplete import Autocomplete
from bot.chat.ordering.model_choice import ModelChoice
from bot.chat.texts.escaping import plain
from bot.policy.policy import Policy
from cogs.options import SubCommand, add_to_group


@app_commands.default_permissions(manage_messages=True)
class Moderator(
    commands.GroupCog,
    group_name="easel-mod",
    group_description="Commands for moderators",
    group_extras=declare(Topic.MODERATORS),
):
    """The `/easel-mod` commands: the list of models that members may use."""

    allow = app_commands.Group(name="allow", description="Choose which models members can use here")

    def __init__(
        self,
        responder: Responder,
        models: ModelList,
        policy: Policy,
        autocomplete: Autocomplete,
        model_choice: ModelChoice,
        more: Sequence[SubCommand] = (),
    ) -> None:
        """`more` are commands of this group that are defined in other files."""
        self._responder = responder
        self._models = models
        self._policy = policy
        self._autocomplete = autocomplete
        self._model_choice = model_choice
        add_to_group(self, more)

    @allow.command(name="list")
    async def list_allowed(self, interaction: discord.Interaction[Any]) -> None:
        """Show the models that members can use here."""
        await self._responder.privately(interaction, self._listed(interaction))

    @allow.command()
    @app_commands.describe(model="Model")
    async def add(self, interaction: discord.Interaction[Any], model: str) -> None:
        """Let members use a model."""
        await self._responder.privately(interaction, self._set(interaction, model, allowed=True))

    @allow.command()
    @app_commands.describe(model="Model")
    async def remove(self, interaction: discord.Interaction[Any], model: str) -> None:
        """Stop members from using a model."""
        await self._responder.privately(interaction, self._set(interaction, model, allowed=False))

    @add.autocomplete("model")
    async def _forbidden(self, interaction: discord.Interaction[Any], typed: str) -> list[app_commands.Choice[str]]:
        return await self._autocomplete.forbidden_models(interaction, typed)

    @remove.autocomplete("model")
    async def _allowed(self, interaction: discord.Interaction[Any], typed: str) -> list[app_commands.Choice[str]]:
        return await self._autocomplete.models(interaction, None, typed)

    async def _listed(self, interaction: discord.Interaction[Any]) -> Card:
        require_moderator(interaction)
        return await self._models.allowed(interaction)

    async def _set(self, interaction: discord.Interaction[Any], model: str, *, allowed: bool) -> Card:
        require_moderator(interaction)
        change = self._policy.allow if allowed else self._policy.deny
        model = self._model_choice.id_of(model)
        await change(guild_of(interaction), model, by=interaction.user.id)
        say = self._responder.speech(interaction)
        text = ("allowed" if self._model_choice.is_on(model) else "allowed-but-off") if allowed else "denied"
        return Card(say(text, model=plain(model.rpartition("/")[2])))
