"""`/help` and `/why`: how to use Easel, and whether a member can run a command here."""

from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.catalogue.order import Task
from bot.chat.discord.command_facts import Topic, declare
from bot.chat.discord.responses import Responder
from bot.chat.ordering.autocomplete import Autocomplete
from bot.chat.replies.help_pages import HelpPages
from bot.chat.replies.why import Question, Why, place_of
from cogs.account import TASKS

ChannelOption = app_commands.AppCommandChannel | app_commands.AppCommandThread
TOPICS = [app_commands.Choice(name=topic.value, value=topic.value) for topic in Topic]


class Channel(app_commands.Transformer):
    """An option for a channel or thread that results can be posted in.

    discord.py's own transformer would also list channel types that Discord rejects in an option.
    """

    @property
    def type(self) -> discord.AppCommandOptionType:
        """Return the option type for channels."""
        return discord.AppCommandOptionType.channel

    @property
    def channel_types(self) -> list[discord.ChannelType]:
        """Return the types of channels that have messages."""
        kind = discord.ChannelType
        threads = (kind.news_thread, kind.public_thread, kind.private_thread)
        return [kind.text, kind.news, kind.voice, kind.stage_voice, *threads]

    async def transform(self, _interaction: discord.Interaction[Any], value: ChannelOption, /) -> ChannelOption:
        """Return the channel unchanged."""
        return value


class Help(commands.Cog):
    """The `/help` and `/why` commands."""

    def __init__(self, responder: Responder, guide: HelpPages, why: Why, autocomplete: Autocomplete) -> None:
        self._responder = responder
        self._guide = guide
        self._why = why
        self._autocomplete = autocomplete

    @app_commands.command()
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=False)
    @app_commands.describe(topic="Topic to learn about")
    @app_commands.choices(topic=TOPICS)
    async def help(self, interaction: discord.Interaction[Any], topic: str | None = None) -> None:
        """See what Easel can do and how to start."""
        card = self._guide.topic(interaction, Topic(topic)) if topic else self._guide.welcome(interaction)
        await self._responder.privately(interaction, card)

    @app_commands.command(extras=declare(Topic.CREDITS))
    @app_commands.describe(
        command="Command to check",
        model="Model to check; the default model if left out",
        channel="Channel to check; this one if left out",
        user="Member to check; you if left out. Only moderators can check others",
    )
    @app_commands.choices(command=TASKS)
    async def why(
        self,
        interaction: discord.Interaction[Any],
        command: str | None = None,
        model: str | None = None,
        channel: app_commands.Transform[ChannelOption, Channel] | None = None,
        user: discord.User | None = None,
    ) -> None:
        """See whether you can run something here, and if not, which rule prevents it."""
        place = place_of(interaction, channel.id) if channel else None
        question = Question(Task(command) if command else None, model, place, user, channel.id if channel else None)
        await self._responder.privately(interaction, self._why.answer(interaction, question))

    @why.autocomplete("model")
    async def _models(self, interaction: discord.Interaction[Any], typed: str) -> list[app_commands.Choice[str]]:
        return await self._autocomplete.every_model(interaction, typed)
