"""The pages of `/jobs`, `/history` and favourites, with the buttons that turn them and mark favourites."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import discord

from bot.chat.cards.card import Card, CardButton, Verb
from bot.chat.cards.custom_ids import CustomId
from bot.chat.cards.list_page import ENTRIES, ListPage, turns
from bot.chat.discord.interactions import guild_of
from bot.chat.discord.page_replies import reply_with_page
from bot.chat.discord.responses import Responder, acknowledge, reply_privately
from bot.chat.lists.job_entries import JobEntries
from bot.chat.lists.job_search import JobSearch, PromptHistory
from bot.chat.lists.member_jobs import MemberJobs
from bot.chat.lists.stored_searches import JOBS, StoredSearches
from bot.jobs.job_lines import AskedPage, JobPage
from bot.jobs.jobs import Jobs


@dataclass(frozen=True, slots=True)
class _Listing:
    """A list of jobs, its number for the buttons, and the keys of its texts: the heading, and one for an empty list."""

    number: int
    page: Callable[[AskedPage], Awaitable[JobPage]]
    head: str
    none: str


class JobPages:
    """Shows pages of jobs."""

    def __init__(
        self,
        *,
        jobs: Jobs,
        responder: Responder,
        member_jobs: MemberJobs,
        history: PromptHistory,
        searches: StoredSearches,
        entries: JobEntries,
    ) -> None:
        self._jobs = jobs
        self._responder = responder
        self._member_jobs = member_jobs
        self._history = history
        self._searches = searches
        self._entries = entries

    async def jobs(self, interaction: discord.Interaction[Any], page: int) -> None:
        """Show a page of a member's jobs: first those whose result has not been shown yet, then the newest."""
        async with self._responder.in_time(interaction):
            made = await self._page(interaction, self._of_jobs(interaction), page)
        await self._reply(interaction, made)

    async def history(self, interaction: discord.Interaction[Any], search: JobSearch, page: int) -> None:
        """Show a page of the member's jobs that match a search, newest first."""
        async with self._responder.in_time(interaction):
            number = await self._searches.number(search, guild_of(interaction), interaction.user.id)
            made = await self._page(interaction, self._of_search(interaction, search, number), page)
        await self._reply(interaction, made)

    async def turned(self, interaction: discord.Interaction[Any], pressed: CustomId) -> None:
        """Turn to another page, in the same message. Raises RecordGone if its search was forgotten."""
        await self._redraw(interaction, pressed.source_number or 0, pressed.number)

    async def starred(self, interaction: discord.Interaction[Any], pressed: CustomId) -> None:
        """Add a job to the favourites or remove it, and show that on its page. Raises NotFound."""
        found = await self._jobs.get(pressed.source)
        await self._jobs.mark(found.job.id, interaction.user.id, marked=pressed.verb is Verb.STAR)
        await self._redraw(interaction, pressed.promise, pressed.number)

    async def _redraw(self, interaction: discord.Interaction[Any], number: int, page: int) -> None:
        # Thumbnails may take longer than the 3 s that Discord allows for the first response.
        await acknowledge(interaction)
        listing = await self._numbered(interaction, number)
        await self._reply(interaction, await self._page(interaction, listing, page, last=True))

    async def _numbered(self, interaction: discord.Interaction[Any], number: int) -> _Listing:
        if number == JOBS:
            return self._of_jobs(interaction)
        search = await self._searches.find(number, guild_of(interaction), interaction.user.id)
        return self._of_search(interaction, search, number)

    def _of_jobs(self, interaction: discord.Interaction[Any]) -> _Listing:
        return _Listing(JOBS, partial(self._member_jobs.page, interaction), "jobs-head", "jobs-none")

    def _of_search(self, interaction: discord.Interaction[Any], search: JobSearch, number: int) -> _Listing:
        page = partial(self._history.page, interaction, search)
        if search.favourites:
            return _Listing(number, page, "favourites-head", "favourites-none")
        return _Listing(number, page, "history-head", "history-none")

    async def _page(
        self, interaction: discord.Interaction[Any], listing: _Listing, page: int, *, last: bool = False
    ) -> ListPage | Card:
        """Return a page, or the reason why there is none. With `last`, a missing page becomes the last one."""
        say = self._responder.speech(interaction)
        found = await listing.page(AskedPage(page, ENTRIES, last=last))
        number, pages = found.number, found.pages
        if not found.exists:
            return Card(say("jobs-no-page", page=page, pages=pages) if pages else say(listing.none))
        self._member_jobs.offered(found.shown)
        entries = await self._entries.of_page(interaction, found.shown, (number, listing.number), say)
        head = say(listing.head, count=found.count, page=number, pages=pages)
        return ListPage(head, entries, turns(CardButton(Verb.PAGE, str(listing.number), ""), number, pages, say))

    async def _reply(self, interaction: discord.Interaction[Any], made: ListPage | Card) -> None:
        if isinstance(made, Card):
            await reply_privately(interaction, made)
        else:
            await reply_with_page(interaction, made, self._responder.speech(interaction))
