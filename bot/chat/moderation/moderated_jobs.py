"""`/easel-mod jobs`: the jobs of a server, for its moderators."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import discord

from bot.chat.cards.card import Card, CardButton, Verb
from bot.chat.cards.custom_ids import CustomId, stored_id
from bot.chat.cards.list_page import ENTRIES, ListPage, turns
from bot.chat.discord.interactions import guild_of
from bot.chat.discord.page_replies import reply_with_page
from bot.chat.discord.permission_checks import require_moderator
from bot.chat.discord.responses import Responder, acknowledge, reply_privately
from bot.chat.lists.job_entries import JobEntries
from bot.chat.lists.stored_searches import JOBS
from bot.clock import Clock
from bot.errors import RecordGone
from bot.jobs.job_lines import AskedPage
from bot.jobs.jobs import Jobs
from bot.jobs.records import LIVE, WITHOUT_RESULT, State

LISTED = 200
HOUR_MS = 60 * 60 * 1_000

STATES: Mapping[str, frozenset[State]] = {
    "active": LIVE | {State.DELIVERING},
    "ended": frozenset({State.DONE, State.UNDELIVERED}),
    "failed": WITHOUT_RESULT,
}
"""The groups of states that moderators choose from. The first letters of their names are stored in buttons, so they
must not change."""

ANY = "n"
"""The value that stands for "no state chosen" in a button."""

_SOURCE = re.compile(rf"(?P<state>[{''.join(state[0] for state in STATES)}{ANY}])(?P<member>\d{{1,20}})")


@dataclass(frozen=True, slots=True)
class JobFilter:
    """The jobs that a moderator wants to see: of a member (0: all), in a group of states, from the last few hours."""

    member: int = 0
    state: str | None = None
    hours: int = 0

    @classmethod
    def of_button(cls, pressed: CustomId) -> Self:
        """Read the filter that a button carries. Raises RecordGone for a forged id."""
        found = _SOURCE.fullmatch(pressed.source)
        member = stored_id(found["member"]) if found else None
        if found is None or member is None:
            raise RecordGone
        state = next((one for one in STATES if one[0] == found["state"]), None)
        return cls(member, state, pressed.promise)

    @property
    def source(self) -> str:
        """The member and the states, short enough for a button's source; the hours are the button's second number."""
        return f"{self.state[0] if self.state else ANY}{self.member}"


class ModeratedJobs:
    """Shows pages of a server's jobs, with the same components as `/jobs`."""

    def __init__(self, jobs: Jobs, entries: JobEntries, responder: Responder, clock: Clock) -> None:
        self._jobs = jobs
        self._entries = entries
        self._responder = responder
        self._clock = clock

    async def show(self, interaction: discord.Interaction[Any], wanted: JobFilter, page: int) -> None:
        """Show a page of the newest jobs."""
        async with self._responder.in_time(interaction):
            made = await self._page(interaction, wanted, page)
        await self._reply(interaction, made)

    async def turned(self, interaction: discord.Interaction[Any], pressed: CustomId) -> None:
        """Turn to another page, in the same message. Raises NotAllowed, and RecordGone for a forged id."""
        require_moderator(interaction)
        wanted = JobFilter.of_button(pressed)
        # Thumbnails may take longer than the 3 s that Discord allows for the first response.
        await acknowledge(interaction)
        await self._reply(interaction, await self._page(interaction, wanted, pressed.number, last=True))

    async def _page(
        self, interaction: discord.Interaction[Any], wanted: JobFilter, page: int, *, last: bool = False
    ) -> ListPage | Card:
        """Return a page, or the reason why there is none. With `last`, a missing page becomes the last one."""
        since_ms = self._clock.now_ms() - wanted.hours * HOUR_MS if wanted.hours else 0
        states = STATES[wanted.state] if wanted.state else frozenset(State)
        found = await self._jobs.lists.page_of_guild(
            guild_of(interaction),
            wanted.member or None,
            states=states,
            since_ms=since_ms,
            limit=LISTED,
            asked=AskedPage(page, ENTRIES, last=last),
        )
        say, number, pages = self._responder.speech(interaction), found.number, found.pages
        if not found.exists:
            return Card(say("jobs-no-page", page=page, pages=pages) if pages else say("mod-jobs-none"))
        entries = await self._entries.of_page(interaction, found.shown, (number, JOBS), say, names=True)
        head = say("mod-jobs-head", count=found.count, page=number, pages=pages)
        about = CardButton(Verb.JOBS_PAGE, wanted.source, "", promise=wanted.hours)
        return ListPage(head, entries, turns(about, number, pages, say))

    async def _reply(self, interaction: discord.Interaction[Any], made: ListPage | Card) -> None:
        if isinstance(made, Card):
            await reply_privately(interaction, made)
        else:
            await reply_with_page(interaction, made, self._responder.speech(interaction))
