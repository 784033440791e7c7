"""Which language is spoken to whom.

What only one person sees speaks the language that they chose, else the one that their Discord has. What everybody in a
guild sees speaks the guild's: the one that it chose, else the one that Discord knows of it. All of it is in memory, so
it can be asked before the first answer.
"""

from dataclasses import dataclass
from typing import Any

import discord

from bot.chat.texts.loader import Speech, Texts
from bot.jobs.records import Job, Visibility
from bot.preferences.preference_rows import GUILD
from bot.preferences.preferences import Preferences


@dataclass(frozen=True, slots=True)
class Locales:
    """The locales of an interaction's sender and of its guild, as decided."""

    member: str
    guild: str


class Languages:
    """Decides, and speaks."""

    def __init__(self, texts: Texts, preferences: Preferences) -> None:
        self._texts = texts
        self._preferences = preferences

    def of(self, interaction: discord.Interaction[Any]) -> Locales:
        """The locales in which this interaction is answered. A direct message has no guild but its member."""
        guild, member = interaction.guild_id, interaction.user.id
        theirs = self._preferences.language(guild, member) or str(interaction.locale)
        if guild is None:
            return Locales(theirs, theirs)
        said = self._preferences.language(guild, GUILD)
        return Locales(theirs, said or str(interaction.guild_locale or interaction.locale))

    def speech(self, interaction: discord.Interaction[Any]) -> Speech:
        """Speak to whoever sent this interaction, and to nobody else."""
        return self._texts.speech(self.of(interaction).member)

    def to_member(self, job: Job) -> Speech:
        """Speak to a job's member alone, whoever else sees the job."""
        return self._texts.speech(job.locale)

    def of_job(self, job: Job) -> Speech:
        """Speak to whoever sees this job: its member, or the channel. It was decided when the order was taken."""
        return self._texts.speech(job.guild_locale if job.visibility is Visibility.CHANNEL else job.locale)
