"""`/easel-admin settings`: the settings of a server, and the defaults for its members."""

from collections.abc import Mapping
from typing import Any

import discord

from bot.chat.cards.card import BLUE, Card
from bot.chat.discord.interactions import guild_of
from bot.chat.discord.responses import Responder
from bot.chat.discord.server_log import ServerLog
from bot.chat.replies.why import place_of
from bot.chat.texts.texts import Speech
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
        values: Mapping[str, str | int | None],
        reset: bool,
    ) -> Card:
        """Change the given settings, after resetting all of them if `reset` is set, and show the result.

        `values` are settings of the guild, by name; None for those that stay unchanged.
        """
        guild, by = guild_of(interaction), interaction.user.id
        given = {name: value for name, value in values.items() if value is not None}
        log_channel = values.get("log_channel")
        refused = (
            log_refusal(interaction, int(log_channel), self._responder.speech(interaction)) if log_channel else None
        )
        if refused is not None:
            return Card(refused)
        if reset:
            await self._preferences.reset_guild(guild, by=by)
            await self._guilds.reset(guild, by=by)
        if given:
            # 0 turns off gifts, or the approval of grants.
            await self._guilds.change(guild, by=by, **{name: value or None for name, value in given.items()})
            self._server_log.wake()
        if confirm_above_mcr is not None or language is not None:
            await self._preferences.set_for_guild(guild, by=by, confirm_above_mcr=confirm_above_mcr, language=language)
        return await self._shown(interaction)

    async def _shown(self, interaction: discord.Interaction[Any]) -> Card:
        guild, say = guild_of(interaction), self._responder.speech(interaction)
        above = await self._preferences.threshold(guild, GUILD)
        settings = await self._guilds.settings(guild)
        above_mcr = settings.approve_above_mcr
        lines = [
            say("settings-confirm", amount=show(above.mcr), by="guild" if above.source != "default" else "default"),
            say("settings-language", language=self._preferences.language(guild, GUILD) or "none"),
            say("settings-log", channel=f"<#{settings.log_channel}>" if settings.log_channel else NONE),
            say("settings-payer", payer=settings.payer.value),
            say("settings-gifts", amount=show(settings.gifts_per_day_mcr) if settings.gifts_per_day_mcr else NONE),
            say("settings-approval", amount=NONE if above_mcr is None else show(above_mcr)),
        ]
        return Card(say("settings-head"), discord.Embed(description="\n".join(lines), colour=BLUE))


def log_refusal(interaction: discord.Interaction[Any], channel: int, say: Speech) -> str | None:
    """Return the reason why the channel of an option or a menu cannot be the log channel; None if it can."""
    lacks = missing(TO_LOG, place_of(interaction, channel).app_permissions or 0)
    if not lacks:
        return None
    return say("settings-log-refused", channel=f"<#{channel}>", permission=say(f"permission-{lacks[0]}"))
