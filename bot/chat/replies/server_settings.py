"""`/easel-admin settings`: the language of a server, and the defaults for its members."""

from typing import Any

import discord

from bot.chat.cards.card import BLUE, Card
from bot.chat.discord.interactions import guild_of
from bot.chat.discord.responses import Responder
from bot.money import show
from bot.preferences.preference_rows import GUILD
from bot.preferences.preferences import Preferences


class ServerSettings:
    """Shows and changes a guild's settings. Each change is recorded with the person who made it."""

    def __init__(self, preferences: Preferences, responder: Responder) -> None:
        self._preferences = preferences
        self._responder = responder

    async def change(
        self, interaction: discord.Interaction[Any], *, confirm_above_mcr: int | None, language: str | None, reset: bool
    ) -> Card:
        """Change the given settings, after a `reset` of all if asked for, and show the result."""
        guild, by = guild_of(interaction), interaction.user.id
        if reset:
            await self._preferences.reset_guild(guild, by=by)
        if confirm_above_mcr is not None or language is not None:
            await self._preferences.set_for_guild(guild, by=by, confirm_above_mcr=confirm_above_mcr, language=language)
        return await self._shown(interaction)

    async def _shown(self, interaction: discord.Interaction[Any]) -> Card:
        guild, say = guild_of(interaction), self._responder.speech(interaction)
        above = await self._preferences.threshold(guild, GUILD)
        lines = [
            say("settings-confirm", amount=show(above.mcr), by="guild" if above.source != "default" else "default"),
            say("settings-language", language=self._preferences.language(guild, GUILD) or "none"),
        ]
        return Card(say("settings-head"), discord.Embed(description="\n".join(lines), colour=BLUE))
