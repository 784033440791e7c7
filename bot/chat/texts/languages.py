"""Chooses the language of each message.

A private message uses the language that the member chose, or otherwise their Discord language. A public message uses
the language that the guild chose, or otherwise its Discord language. Preferences are kept in memory, so the language is
known before the first response.
"""

from dataclasses import dataclass
from typing import Any

import discord

from bot.chat.texts.texts import Speech, Texts
from bot.jobs.records import Job, Visibility
from bot.preferences.preference_rows import GUILD
from bot.preferences.preferences import Preferences

OWN_NAMES = {"en": "English", "zh-CN": "简体中文"}
"""The languages' own names, so that their speakers can find them, by the locale of their texts."""


@dataclass(frozen=True, slots=True)
class Locales:
    """The locales chosen for the sender of an interaction and for its guild."""

    member: str
    guild: str


class Languages:
    """Chooses the locales of an interaction or a job."""

    def __init__(self, texts: Texts, preferences: Preferences) -> None:
        self._texts = texts
        self._preferences = preferences

    def of(self, interaction: discord.Interaction[Any]) -> Locales:
        """Return the locales for answering this interaction. A direct message uses the member's locale for both."""
        guild, member = interaction.guild_id, interaction.user.id
        theirs = self._preferences.language(guild, member) or str(interaction.locale)
        if guild is None:
            return Locales(theirs, theirs)
        chosen = self._preferences.language(guild, GUILD)
        return Locales(theirs, chosen or str(interaction.guild_locale or interaction.locale))

    def speech(self, interaction: discord.Interaction[Any]) -> Speech:
        """Return the texts for a private answer to this interaction."""
        return self._texts.speech(self.of(interaction).member)

    def public_speech(self, interaction: discord.Interaction[Any]) -> Speech:
        """Return the texts for a message that everyone in the interaction's channel sees."""
        return self._texts.speech(self.of(interaction).guild)

    def of_guild(self, guild: int, locale: str) -> Speech:
        """Return the texts for everyone in a guild whose Discord language is `locale`."""
        return self._texts.speech(self._preferences.language(guild, GUILD) or locale)

    def speaks(self, guild: int, locale: str) -> bool:
        """Return whether a guild with this Discord `locale` gets its messages in that language or one that it chose."""
        is_english = locale.partition("-")[0] == "en"
        return is_english or self._preferences.language(guild, GUILD) is not None or self._texts.has(locale)

    def to_other(self, interaction: discord.Interaction[Any], member: int) -> Speech:
        """Return the texts for a private message to another member of the guild of this interaction.

        Their Discord language is not known, so a member who has not chosen one reads the guild's.
        """
        return self._texts.speech(
            self._preferences.language(interaction.guild_id, member) or self.of(interaction).guild
        )

    def to_member_of(self, guild: int, member: int, locale: str) -> Speech:
        """Return the texts for a private message to a member of a guild whose Discord language is `locale`."""
        chosen = self._preferences.language(guild, member) or self._preferences.language(guild, GUILD)
        return self._texts.speech(chosen or locale)

    def to_user(self, user: int, locale: str) -> Speech:
        """Return the texts for a private message that is not about any guild."""
        return self._texts.speech(self._preferences.language(None, user) or locale)

    def to_member(self, job: Job) -> Speech:
        """Return the texts for a private message to the member who owns the job."""
        return self._texts.speech(job.locale)

    def of_locale(self, locale: str) -> Speech:
        """Return the texts in a stored locale."""
        return self._texts.speech(locale)

    def of_job(self, job: Job) -> Speech:
        """Return the texts for everyone who sees this job; the languages were fixed when the order was accepted."""
        return self._texts.speech(job.guild_locale if job.visibility is Visibility.CHANNEL else job.locale)
