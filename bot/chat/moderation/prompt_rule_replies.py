"""`/easel-mod automod` and `/easel-mod words`: the rules about the text of orders."""

from typing import Any

import discord

from bot.chat.cards.card import Card
from bot.chat.cards.line_embed import line_embed
from bot.chat.discord.interactions import guild_of
from bot.chat.discord.responses import Responder
from bot.chat.texts.escaping import plain
from bot.chat.texts.texts import Speech
from bot.policy.prompts.guild_prompts import MAX_WORDS, GuildPrompts, PromptRuleBook
from bot.policy.prompts.keywords import Keyword
from bot.policy.prompts.prompt_rule_rows import WordRule
from bot.policy.prompts.prompt_rules import AUTOMOD, Author, PromptMatch

PATTERN_CHARACTERS = 80
FOUND_CHARACTERS = 60


class PromptRuleReplies:
    """Shows and changes the rules about the text of orders."""

    def __init__(self, book: PromptRuleBook, responder: Responder) -> None:
        self._book = book
        self._responder = responder

    async def status(self, interaction: discord.Interaction[Any]) -> Card:
        """Say which AutoMod rules apply to prompts, and which parts of them cannot be applied."""
        say = self._responder.speech(interaction)
        known = await self._book.of_guild(guild_of(interaction))
        if known.readable is None:
            return Card(say("automod-not-read-yet"))
        if not known.readable:
            return Card(say("automod-not-readable"))
        return Card(say("automod-status", rules=len(known.automod.rules)), line_embed(_status_lines(known, say), say))

    async def words(self, interaction: discord.Interaction[Any]) -> Card:
        """List the words."""
        say = self._responder.speech(interaction)
        known = await self._book.of_guild(guild_of(interaction))
        if not known.words:
            return Card(say("words-none"))
        lines = [say("words-flags" if one.flags else "words-refuses", word=plain(one.keyword)) for one in known.words]
        return Card(say("words-head", words=len(lines)), line_embed(lines, say))

    async def add(self, interaction: discord.Interaction[Any], word: str, *, only_flag: bool) -> Card:
        """Add a word, or change its effect."""
        say, typed = self._responder.speech(interaction), _tidy(word)
        if Keyword.read(typed) is None:
            return Card(say("words-no-letters"))
        rule = WordRule(typed, only_flag)
        if not await self._book.add_word(guild_of(interaction), rule, by=interaction.user.id):
            return Card(say("words-too-many", most=MAX_WORDS))
        return Card(say("words-added-flag" if only_flag else "words-added", word=plain(typed)))

    async def remove(self, interaction: discord.Interaction[Any], word: str) -> Card:
        """Remove a word."""
        say, typed = self._responder.speech(interaction), _tidy(word)
        if not await self._book.remove_word(guild_of(interaction), typed, by=interaction.user.id):
            return Card(say("words-not-found", word=plain(typed)))
        return Card(say("words-removed", word=plain(typed)))

    async def test(self, interaction: discord.Interaction[Any], text: str) -> Card:
        """Say which rules a text would match if a member without exemptions ordered it. Nothing is stored."""
        say = self._responder.speech(interaction)
        found = await self._book.matches(guild_of(interaction), [text], Author())
        if not found:
            return Card(say("words-test-none"))
        return Card(say("words-test-head"), line_embed([_match_line(one, say) for one in found], say))

    async def known_words(self, interaction: discord.Interaction[Any], typed: str) -> list[str]:
        """Return the words that contain what was typed, for suggestions."""
        known = await self._book.of_guild(guild_of(interaction))
        return [one.keyword for one in known.words if typed.casefold() in one.keyword.casefold()][:25]


def _tidy(word: str) -> str:
    return " ".join(word.split()).lower()


def _match_line(match: PromptMatch, say: Speech) -> str:
    key = "words-test-automod" if match.rule.source == AUTOMOD else "words-test-word"
    line = say(key, rule=plain(match.rule.name), found=plain(match.found, FOUND_CHARACTERS))
    return f"⚠️ {line}" if match.rule.flags else f"⛔ {line}"


def _status_lines(known: GuildPrompts, say: Speech) -> list[str]:
    lines = [
        say("automod-flags" if rule.flags else "automod-refuses", rule=plain(rule.name), words=len(rule.keywords),
            patterns=len(rule.patterns))
        for rule in known.automod.rules
    ]  # fmt: skip
    lines += [
        say(f"automod-gap-{gap.gap}", rule=plain(gap.rule), pattern=plain(gap.detail, PATTERN_CHARACTERS))
        for gap in known.automod.gaps
    ]
    if known.automod.others:
        lines.append(say("automod-others", rules=known.automod.others))
    return lines
