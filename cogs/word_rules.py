"""`/easel-mod automod` and `/easel-mod words`: the rules about the text of orders."""

from collections.abc import Sequence
from typing import Any

import discord
from discord import app_commands

from bot.chat.discord.permission_checks import require_moderator
from bot.chat.discord.responses import Responder
from bot.chat.moderation.prompt_rule_replies import PromptRuleReplies

WORD_CHARACTERS = 60
TEXT_CHARACTERS = 2_000

Interaction = discord.Interaction[Any]


class AutomodCommands(app_commands.Group):
    """The `/easel-mod automod` command."""

    def __init__(self, responder: Responder, replies: PromptRuleReplies) -> None:
        super().__init__(name="automod", description="This server's AutoMod rules, applied to prompts")
        self._responder = responder
        self._replies = replies

    @app_commands.command()
    async def status(self, interaction: Interaction) -> None:
        """Show which AutoMod rules apply to prompts, and which parts of them cannot be applied."""
        require_moderator(interaction)
        await self._responder.privately(interaction, self._replies.status(interaction))


class WordCommands(app_commands.Group):
    """The `/easel-mod words` commands."""

    def __init__(self, responder: Responder, replies: PromptRuleReplies) -> None:
        super().__init__(name="words", description="Words that prompts must not contain")
        self._responder = responder
        self._replies = replies

    @app_commands.command()
    @app_commands.describe(
        word="Word or phrase; cat* begins a word, *cat ends one, *cat* is anywhere",
        only_flag="Do not refuse the order, but flag it for moderators",
    )
    async def add(
        self, interaction: Interaction, word: app_commands.Range[str, 1, WORD_CHARACTERS], only_flag: bool = False
    ) -> None:
        """Refuse prompts that contain a word."""
        require_moderator(interaction)
        await self._responder.privately(interaction, self._replies.add(interaction, word, only_flag=only_flag))

    @app_commands.command()
    @app_commands.describe(word="Word or phrase, as the list shows it")
    async def remove(self, interaction: Interaction, word: app_commands.Range[str, 1, WORD_CHARACTERS]) -> None:
        """Allow a word again."""
        require_moderator(interaction)
        await self._responder.privately(interaction, self._replies.remove(interaction, word))

    @app_commands.command(name="list")
    async def list_words(self, interaction: Interaction) -> None:
        """Show the word rules."""
        require_moderator(interaction)
        await self._responder.privately(interaction, self._replies.words(interaction))

    @app_commands.command()
    @app_commands.describe(text="Prompt to try; nothing is made or kept")
    async def test(self, interaction: Interaction, text: app_commands.Range[str, 1, TEXT_CHARACTERS]) -> None:
        """Show which words and AutoMod rules a prompt would match."""
        require_moderator(interaction)
        await self._responder.privately(interaction, self._replies.test(interaction, text))

    @remove.autocomplete("word")
    async def _known(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        require_moderator(interaction)
        words = await self._replies.known_words(interaction, typed)
        return [app_commands.Choice(name=word, value=word) for word in words]


def prompt_rules(responder: Responder, replies: PromptRuleReplies) -> Sequence[app_commands.Group]:
    """Return the commands of `/easel-mod` that this file adds."""
    return AutomodCommands(responder, replies), WordCommands(responder, replies)
