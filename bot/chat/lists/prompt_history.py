"""Searches a member's earlier prompts and their favourites."""

from typing import Any

import discord

from bot.chat.discord.interactions import guild_of
from bot.chat.lists.job_searches import JobSearch
from bot.chat.ordering.job_access import JobAccess
from bot.jobs.jobs import Jobs
from bot.jobs.records import Snapshot

SEARCHED = 200
"""How many of a member's newest jobs are searched."""


class PromptHistory:
    """Finds jobs by what was asked for."""

    def __init__(self, jobs: Jobs, access: JobAccess) -> None:
        self._jobs = jobs
        self._access = access

    async def found(self, interaction: discord.Interaction[Any], search: JobSearch) -> list[Snapshot]:
        """Return the member's own jobs that match, newest first.

        Favourites may be others' jobs too. A search finds those that the member may use; without one, the others are
        returned too, so that they can be unmarked.
        """
        read = self._jobs.favourites if search.favourites else self._jobs.of_member
        newest = await read(guild_of(interaction), interaction.user.id, limit=SEARCHED)
        matching = [one for one in newest if _matches(one, search)]
        if not search.favourites or search == JobSearch(favourites=True):
            return matching
        return list(await self._access.usable(interaction, matching))


def _matches(snapshot: Snapshot, search: JobSearch) -> bool:
    order = snapshot.job.order
    if (search.model and order.model != search.model) or (search.task and order.task is not search.task):
        return False
    text = " ".join(filter(None, (order.prompt, order.text, order.what))).lower()
    return all(word in text for word in search.words.lower().split())
