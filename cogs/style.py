"""`/style`: saves, lists and deletes prompt presets."""

from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.chat.discord.command_facts import Topic, declare
from bot.chat.discord.responses import Responder
from bot.chat.ordering.autocomplete import Autocomplete
from bot.chat.replies.preset_replies import PresetReplies
from bot.preferences.preference_records import Preset

Name = app_commands.Range[str, 1, 32]
Template = app_commands.Range[str, 1, 1_000]


class Styles(
    commands.GroupCog,
    group_name="style",
    group_description="Save and use presets for your prompts",
    group_extras=declare(Topic.PICTURES),
):
    """The `/style` commands, for the presets of a member and of the server."""

    def __init__(self, responder: Responder, presets: PresetReplies, autocomplete: Autocomplete) -> None:
        self._responder = responder
        self._presets = presets
        self._autocomplete = autocomplete

    @app_commands.command(name="list")
    async def list_presets(self, interaction: discord.Interaction[Any]) -> None:
        """List the presets you can use here with the “preset” option of /imagine."""
        await self._responder.privately(interaction, self._presets.presets(interaction))

    @app_commands.command()
    @app_commands.describe(
        name="Name of the preset",
        template="Prompt template, with {prompt} where your own words go",
        negative="What to leave out",
        model="Model that the preset is for",
        server="Save it for everyone here (needs Manage Messages)",
    )
    async def save(
        self,
        interaction: discord.Interaction[Any],
        name: Name,
        template: Template,
        negative: Template | None = None,
        model: str | None = None,
        server: bool = False,
    ) -> None:
        """Save a preset, replacing one of the same name."""
        preset = Preset(name, template, negative, model, guilds=server)
        await self._responder.privately(interaction, self._presets.save(interaction, preset))

    @app_commands.command()
    @app_commands.describe(name="Name of the preset", server="Delete the server's preset (needs Manage Messages)")
    async def delete(
        self,
        interaction: discord.Interaction[Any],
        name: Name,
        server: bool = False,
    ) -> None:
        """Delete a preset."""
        await self._responder.privately(interaction, self._presets.delete(interaction, name, guilds=server))

    @save.autocomplete("model")
    async def _models(self, interaction: discord.Interaction[Any], typed: str) -> list[app_commands.Choice[str]]:
        return await self._autocomplete.every_model(interaction, typed)

    @delete.autocomplete("name")
    async def _names(self, interaction: discord.Interaction[Any], typed: str) -> list[app_commands.Choice[str]]:
        return await self._presets.choices(interaction, typed)
