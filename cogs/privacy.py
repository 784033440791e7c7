"""`/privacy`: lets members export what Easel knows about them, and erase it."""

from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.chat.discord.command_facts import Topic, declare
from bot.chat.discord.responses import Responder
from bot.chat.replies.privacy_replies import PrivacyReplies


@app_commands.allowed_contexts(guilds=True, dms=True, private_channels=False)
class PrivacyCommands(commands.GroupCog, group_name="privacy", group_extras=declare(Topic.RESULTS)):
    """The `/privacy` commands."""

    def __init__(self, responder: Responder, replies: PrivacyReplies) -> None:
        super().__init__()
        self._responder = responder
        self._replies = replies

    @app_commands.command()
    async def export(self, interaction: discord.Interaction[Any]) -> None:
        """Get a ZIP file with everything that I know about you."""
        await self._replies.export(interaction)

    @app_commands.command()
    async def delete(self, interaction: discord.Interaction[Any]) -> None:
        """Erase everything that I know about you, 7 days from now."""
        await self._responder.privately(interaction, self._replies.ask(interaction))

    @app_commands.command()
    async def keep(self, interaction: discord.Interaction[Any]) -> None:
        """Don't erase your data after all."""
        await self._responder.privately(interaction, self._replies.keep(interaction))
