"""`/prefs`: shows and changes a member's preferences."""

from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.catalogue.order import Task
from bot.chat.discord.command_facts import Topic, declare
from bot.chat.discord.credit_option import Credits
from bot.chat.discord.responses import Responder
from bot.chat.ordering.autocomplete import Autocomplete
from bot.chat.replies.preference_replies import PreferenceReplies
from bot.preferences.preference_records import Ping, Preference
from cogs.account import TASKS
from cogs.options import LANGUAGES, PINGS, VISIBILITIES


class PreferenceCommands(commands.Cog):
    """The `/prefs` command."""

    def __init__(self, responder: Responder, preferences: PreferenceReplies, autocomplete: Autocomplete) -> None:
        self._responder = responder
        self._preferences = preferences
        self._autocomplete = autocomplete

    @app_commands.command(extras=declare(Topic.RESULTS))
    @app_commands.describe(
        task="Task that the preferred model is for",
        model="Model to use for that task if you don't choose one",
        aspect="Default aspect ratio (width:height), if the model supports it",
        visibility="Who can see your results by default",
        language="Language of messages to you; messages everyone sees use this server's language",
        ping="When to mention you once a result is ready",
        confirm_above="Ask me before an order that costs more than this many credits",
        reset="Reset all your preferences first",
    )
    @app_commands.choices(task=TASKS, visibility=VISIBILITIES, language=LANGUAGES, ping=PINGS)
    async def prefs(
        self,
        interaction: discord.Interaction[Any],
        task: str | None = None,
        model: str | None = None,
        aspect: app_commands.Range[str, 1, 20] | None = None,
        visibility: str | None = None,
        language: str | None = None,
        ping: str | None = None,
        confirm_above: app_commands.Transform[int, Credits] | None = None,
        reset: bool = False,
    ) -> None:
        """Change the defaults for your orders, or show them if you set no option."""
        wished = Preference(aspect, visibility, confirm_above, language, ping=Ping(ping) if ping else None)
        for_task = Task(task) if task else None
        reply = self._preferences.prefer(interaction, wished, task=for_task, model=model, reset=reset)
        await self._responder.privately(interaction, reply)

    @prefs.autocomplete("model")
    async def _models(self, interaction: discord.Interaction[Any], typed: str) -> list[app_commands.Choice[str]]:
        return await self._autocomplete.every_model(interaction, typed)
