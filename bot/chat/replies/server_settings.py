"""`/easel-admin settings`: the settings of a server, and the defaults for its members."""

from typing import Any

import discord

from bot.chat.cards.card import BLUE, Card
from bot.chat.discord.interactions import guild_of
from bot.chat.discord.responses import Responder
from bot.chat.discord.server_log import ServerLog
from bot.chat.replies.why import place_of
from bot.chat.texts.wording import NONE
from bot.guilds.guilds import Guilds
from bot.money import show
from bot.permissions import TO_LOG, missing
from bot.preferences.preference_rows import GUILD
from bot.preferences.preferences import Preferences


class ServerSettings:
    """Shows and changes a guild's settings. Each change is recorded with the person who made it."""

    def __init__(self, preferences: Preferences, guilds: Guilds, responder: Responder, server_log: ServerLog) -> None:
        self._preferences = preferences
        self._guilds = guilds
        self._responder = responder
        self._server_log = server_log

    async def change(
        self,
        interaction: discord.Interaction[Any],
        *,
        confirm_above_mcr: int | None,
        language: str | None,
        log_channel: int | None,
        pays: str | None,
        reset: bool,
    ) -> Card:
        """Change the given settings, after a `reset` of all if asked for, and show the result."""
        guild, by = guild_of(interaction), interaction.user.id
        granted = (place_of(interaction, log_channel).app_permissions or 0) if log_channel else 0
        for name in missing(TO_LOG, granted) if log_channel else ():
            say = self._responder.speech(interaction)
            return Card(say("settings-log-refused", channel=f"<#{log_channel}>", permission=say(f"permission-{name}")))
        if reset:
            await self._preferences.reset_guild(guild, by=by)
            await self._guilds.reset(guild, by=by)
        if log_channel is not None:
            await self._guilds.change(guild, by=by, log_channel=log_channel)
            self._server_log.wake()
        if pays is not None:
            await self._guilds.change(guild, by=by, payer=pays)
        if confirm_above_mcr is not None or language is not None:
            await self._preferences.set_for_guild(guild, by=by, confirm_above_mcr=confirm_above_mcr, language=language)
        return await self._shown(interaction)

    async def _shown(self, interaction: discord.Interaction[Any]) -> Card:
        guild, say = guild_of(interaction), self._responder.speech(interaction)
        above = await self._preferences.threshold(guild, GUILD)
        settings = await self._guilds.settings(guild)
        lines = [
            say("settings-confirm", amount=show(above.mcr), by="guild" if above.source != "default" else "default"),
            say("settings-language", language=self._preferences.language(guild, GUILD) or "none"),
            say("settings-log", channel=f"<#{settings.log_channel}>" if settings.log_channel else NONE),
            say("settings-payer", payer=settings.payer.value),
        ]
        return Card(say("settings-head"), discord.Embed(description="\n".join(lines), colour=BLUE))
