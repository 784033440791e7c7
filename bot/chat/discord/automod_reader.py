"""Reads the AutoMod rules of guilds from Discord."""

from typing import cast

import discord

from bot.chat.discord import calls
from bot.permissions import ADMINISTRATOR, MANAGE_GUILD


class AutomodReader:
    """Asks Discord for a guild's AutoMod rules, which requires Manage Server."""

    def __init__(self, client: discord.Client) -> None:
        self._client = client

    async def rules(self, guild: int) -> list[object] | None:
        """Return a guild's rules as sent; None if the bot may not read them. Raises OSError if there is no answer."""
        known = self._client.get_guild(guild)
        if known is None or known.unavailable:
            raise ConnectionError("the guild is not available")
        if not known.me.guild_permissions.value & (ADMINISTRATOR | MANAGE_GUILD):
            return None
        try:
            # Read the rules as they were sent: discord.py drops what it does not know.
            sent = await calls.with_timeout(self._client.http.get_auto_moderation_rules(guild), calls.CALL_S)
        except discord.Forbidden:
            return None
        except calls.CALL_ERRORS as error:
            raise ConnectionError(str(error) or type(error).__name__) from error
        return cast("list[object]", sent)
