"""Searches a member's earlier prompts and their favourites."""

from dataclasses import dataclass
from functools import partial
from typing import Any

import discord

from bot.catalogue.order import Task
from bot.chat.discord.interactions import guild_of
from bot.chat.ordering.job_access import JobAccess
from bot.jobs.job_lines import AskedPage, JobLine, JobPage
from bot.jobs.jobs import Jobs

SEARCHED = 200
"""How many of a member's newest jobs are searched."""


@dataclass(frozen=True, slots=True)
class JobSearch:
    """The conditions of a member's search among their jobs or favourites. Empty fields match everything."""

    words: str = ""
    model: str = ""
    task: Task | None = None
    favourites: bool = False


class PromptHistory:
    """Finds jobs by the text of their orders."""

    def __init__(self, jobs: Jobs, access: JobAccess) -> None:
        self._jobs = jobs
        self._access = access

    async def page(self, interaction: discord.Interaction[Any], search: JobSearch, asked: AskedPage) -> JobPage:
        """Return a page of the member's own jobs that match, newest first.

        Favourites may include other people's jobs. A search only finds those that the member may use; without a search,
        the others are returned too, so that the member can unmark them.
        """
        guild, member, lists = guild_of(interaction), interaction.user.id, self._jobs.lists
        if not search.favourites:
            matches = None if search == JobSearch() else partial(_matches, search=search)
            return await lists.page_of_matching(guild, member, matches, SEARCHED, asked)
        if search == JobSearch(favourites=True):
            return await lists.page_of_favourites(guild, member, SEARCHED, asked)
        matching = [one for one in await lists.favourites(guild, member, SEARCHED) if _matches(one, search)]
        usable = await self._access.usable_lines(interaction, matching)
        return await lists.page_of([one.id for one in usable], asked)


def _matches(line: JobLine, search: JobSearch) -> bool:
    if (search.model and line.model != search.model) or (search.task and line.task is not search.task):
        return False
    typed = line.words.typed
    return all(word in typed for word in search.words.lower().split())
