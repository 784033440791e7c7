"""`/easel-mod jobs`: the jobs of a server, for its moderators."""

from collections.abc import Mapping
from typing import Any

import discord

from bot.chat.cards.card import Card
from bot.chat.cards.entry_page import ENTRIES, EntryPage
from bot.chat.discord.interactions import guild_of
from bot.chat.discord.page_replies import reply_with_page
from bot.chat.discord.responses import Responder, reply_privately
from bot.chat.replies.job_entries import JobEntries
from bot.chat.replies.job_searches import JOBS
from bot.clock import Clock
from bot.jobs.jobs import Jobs
from bot.jobs.records import LIVE, WITHOUT_RESULT, State

LISTED = 200
HOUR_MS = 60 * 60 * 1_000

STATES: Mapping[str, frozenset[State]] = {
    "active": LIVE | {State.DELIVERING},
    "ended": frozenset({State.DONE, State.UNDELIVERED}),
    "failed": WITHOUT_RESULT,
}
"""The states that moderators choose from."""


class ModeratedJobs:
    """Shows pages of a server's jobs, with the components of `/jobs`."""

    def __init__(self, jobs: Jobs, entries: JobEntries, responder: Responder, clock: Clock) -> None:
        self._jobs = jobs
        self._entries = entries
        self._responder = responder
        self._clock = clock

    async def show(
        self, interaction: discord.Interaction[Any], member: int | None, state: str | None, hours: int, page: int
    ) -> None:
        """Show a page of the newest jobs: of a member, in a group of states, of the last hours (0: of all times)."""
        async with self._responder.in_time(interaction):
            made = await self._page(interaction, member, state, hours, page)
        if isinstance(made, Card):
            await reply_privately(interaction, made)
        else:
            await reply_with_page(interaction, made, self._responder.speech(interaction))

    async def _page(
        self, interaction: discord.Interaction[Any], member: int | None, state: str | None, hours: int, page: int
    ) -> EntryPage | Card:
        since_ms = self._clock.now_ms() - hours * HOUR_MS if hours else 0
        states = STATES[state] if state else frozenset(State)
        found = await self._jobs.of_guild(guild_of(interaction), member, states=states, since_ms=since_ms, limit=LISTED)
        say, pages = self._responder.speech(interaction), -(-len(found) // ENTRIES)
        if page > pages:
            return Card(say("jobs-no-page", page=page, pages=pages) if pages else say("mod-jobs-none"))
        shown = found[(page - 1) * ENTRIES :][:ENTRIES]
        entries = await self._entries.of_page(interaction, shown, (page, JOBS), say, names=True)
        return EntryPage(say("mod-jobs-head", count=len(found), page=page, pages=pages), entries, ())
