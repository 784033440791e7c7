"""Searches a member's earlier prompts and their favourites."""

from typing import Any

import discord

from bot.chat.discord.interactions import guild_of
from bot.chat.replies.job_searches import JobSearch
from bot.jobs.jobs import Jobs
from bot.jobs.records import Snapshot

SEARCHED = 200
"""How many of a member's newest jobs are searched."""


class PromptHistory:
    """Finds jobs by what was asked for."""

    def __init__(self, jobs: Jobs) -> None:
        self._jobs = jobs

    async def found(self, interaction: discord.Interaction[Any], search: JobSearch) -> list[Snapshot]:
        """Return the member's own jobs that match, newest first; of their favourites, which may be others' jobs too."""
        read = self._jobs.favourites if search.favourites else self._jobs.of_member
        newest = await read(guild_of(interaction), interaction.user.id, limit=SEARCHED)
        return [one for one in newest if _matches(one, search)]


def _matches(snapshot: Snapshot, search: JobSearch) -> bool:
    order = snapshot.job.order
    if (search.model and order.model != search.model) or (search.task and order.task is not search.task):
        return False
    text = " ".join(filter(None, (order.prompt, order.text, order.what))).lower()
    return all(word in text for word in search.words.lower().split())
