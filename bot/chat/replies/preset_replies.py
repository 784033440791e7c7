"""`/style`: shows and changes the presets of a member and of the guild."""

from dataclasses import replace
from typing import Any

import discord
from discord import app_commands

from bot.catalogue.refusals import invalid
from bot.chat.cards.card import Card
from bot.chat.cards.line_embed import line_embed
from bot.chat.discord.interactions import guild_of
from bot.chat.discord.responses import Responder
from bot.chat.discord_limits import CHOICE_NAME_CHARACTERS, CHOICES
from bot.chat.ordering.model_choice import ModelChoice
from bot.chat.texts import wording
from bot.chat.texts.escaping import plain, tidy
from bot.chat.texts.texts import Speech
from bot.errors import NotAllowed
from bot.preferences.preference_records import Preset
from bot.preferences.preference_rows import GUILD
from bot.preferences.preferences import Preferences, normalized_name

TEMPLATE_SHOWN = 120


class PresetReplies:
    """Builds the replies to `/style`, and suggests presets in autocomplete."""

    def __init__(self, preferences: Preferences, models: ModelChoice, responder: Responder) -> None:
        self._preferences = preferences
        self._models = models
        self._responder = responder

    async def presets(self, interaction: discord.Interaction[Any]) -> Card:
        """Show the presets that the member can use in this guild."""
        say = self._responder.speech(interaction)
        found = await self._preferences.presets(guild_of(interaction), interaction.user.id)
        if not found:
            return Card(say("styles-none"))
        return Card(say("styles-head"), line_embed([_preset(preset, say) for preset in found], say))

    async def save(self, interaction: discord.Interaction[Any], preset: Preset) -> Card:
        """Save a preset for the member or for the guild. Raises NotAllowed, UnknownModel, InvalidOrder."""
        guild, say = guild_of(interaction), self._responder.speech(interaction)
        model = None if preset.model is None else self._models.named(preset.model)
        saved = replace(preset, name=normalized_name(preset.name), model=model)
        if not saved.name:
            raise invalid("/style save", "name", "empty")
        await self._preferences.save(guild, _owner(interaction, guilds=preset.guilds), saved, by=interaction.user.id)
        return Card(say("style-saved", preset=_preset(saved, say)))

    async def delete(self, interaction: discord.Interaction[Any], name: str, *, guilds: bool) -> Card:
        """Delete a preset. Raises NotAllowed, NotFound."""
        await self._preferences.delete(guild_of(interaction), _owner(interaction, guilds=guilds), name)
        return Card(self._responder.speech(interaction)("style-deleted", name=plain(normalized_name(name))))

    async def choices(self, interaction: discord.Interaction[Any], typed: str) -> list[app_commands.Choice[str]]:
        """Return the presets with matching names for autocomplete, the member's own first."""
        found = await self._preferences.presets(guild_of(interaction), interaction.user.id)
        fitting = [one for one in found if normalized_name(typed) in one.name]
        names = {one.name: tidy(f"{one.name} · {one.template}", CHOICE_NAME_CHARACTERS) for one in reversed(fitting)}
        return [app_commands.Choice(name=names[name], value=name) for name in reversed(names)][:CHOICES]


def _owner(interaction: discord.Interaction[Any], *, guilds: bool) -> int:
    if guilds and not interaction.permissions.manage_messages:
        raise NotAllowed(rule="manage-messages")
    return GUILD if guilds else interaction.user.id


def _preset(preset: Preset, say: Speech) -> str:
    line = say(
        "style-line",
        name=plain(preset.name),
        template=plain(preset.template, TEMPLATE_SHOWN),
        owner="guild" if preset.guilds else "own",
    )
    also = {"negative": preset.negative, "model": (preset.model or "").rpartition("/")[2]}
    parts = [f"{wording.option(name, say)} {plain(value, TEMPLATE_SHOWN)}" for name, value in also.items() if value]
    return " · ".join((line, *parts))
