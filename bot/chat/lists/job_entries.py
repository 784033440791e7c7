"""Turns jobs into the entries of a page: what was ordered, where the result is, and what can be done with it."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import discord

from bot.chat.cards.alt_text import alt
from bot.chat.cards.card import CardButton, MadeFile, Verb
from bot.chat.cards.job_card import label
from bot.chat.cards.list_page import ListedEntry
from bot.chat.delivery.notifications import link_to
from bot.chat.delivery.thumbnails import Thumbnails
from bot.chat.discord.interactions import may
from bot.chat.ordering.job_access import JobAccess
from bot.chat.results.posted_messages import PostedMessages, latest_place
from bot.chat.results.showing_rules import Showing, is_gone, may_show
from bot.chat.texts import wording
from bot.chat.texts.escaping import plain
from bot.chat.texts.texts import Speech
from bot.jobs.jobs import Jobs
from bot.jobs.records import Job, JobMessages, Rung, Snapshot, State
from bot.jobs.waits import WaitReason
from bot.ledger.pseudonyms import is_pseudonym
from bot.money import show
from bot.permissions import ATTACH_FILES

PROMPT_CHARACTERS = 160
"""The number of characters of a prompt in an entry: few enough that the entry fits even if escaping triples them."""

ICONS = {
    State.DONE: "✅",
    State.FAILED: "❌",
    State.EXPIRED: "❌",
    State.ORPHANED: "❌",
    State.CANCELLED: "⏹️",
    State.UNDELIVERED: "📦",
}
RUNNING_ICON = "⏳"


class JobEntries:
    """Builds the entries of job pages."""

    def __init__(
        self, jobs: Jobs, access: JobAccess, posted: PostedMessages, thumbnails: Thumbnails, *, keep_days: int = 30
    ) -> None:
        """`keep_days` is how long results are kept."""
        self._jobs = jobs
        self._access = access
        self._posted = posted
        self._thumbnails = thumbnails
        self._keep_days = keep_days

    async def of_page(
        self,
        interaction: discord.Interaction[Any],
        shown: Sequence[Snapshot],
        place: tuple[int, int],
        say: Speech,
        *,
        names: bool = False,
    ) -> tuple[ListedEntry, ...]:
        """Return the entries of these jobs. `place` has the numbers of the page and its listing, for the star buttons.

        With `names`, the entries are for moderators: they say whose job each is, hide nothing, and have no stars.
        """
        ids = [one.job.id for one in shown]
        messages, marked = await asyncio.gather(
            self._posted.of_page(interaction.client, shown), self._jobs.marked(ids, interaction.user.id)
        )
        ways = {one.job.id: await may_show(interaction, self._access, one, messages[one.job.id]) for one in shown}
        pictures = await self.pictures(interaction, [one for one in shown if ways[one.job.id].privately], say)
        own = () if names else shown
        owns = {one.job.id: _own(one.job, interaction, one.job.id in marked, place, say) for one in own}
        hidden = await self._hidden(interaction, own)
        return tuple(
            ListedEntry("", say("entry-hidden"), buttons=owns[one.job.id])
            if one.job.id in hidden
            else ListedEntry(
                one.job.short_id,
                self._text(one, messages[one.job.id], say, names=names),
                pictures.get(one.job.id),
                (
                    *_shows(one.job, ways[one.job.id], say),
                    *owns.get(one.job.id, ()),
                ),
            )
            for one in shown
        )

    async def _hidden(self, interaction: discord.Interaction[Any], shown: Sequence[Snapshot]) -> frozenset[str]:
        """Return the ids of other members' jobs that this person may no longer use."""
        others = [one for one in shown if one.job.member != interaction.user.id]
        usable = {one.job.id for one in await self._access.usable(interaction, others)}
        return frozenset(one.job.id for one in others if one.job.id not in usable)

    async def pictures(
        self, interaction: discord.Interaction[Any], shown: Sequence[Snapshot], say: Speech
    ) -> Mapping[str, MadeFile]:
        """Return the thumbnails of results by job id; none if the bot may not attach files."""
        if not may(interaction, ATTACH_FILES):
            return {}
        made = await asyncio.gather(*(self._thumbnails.of(one) for one in shown))
        return {
            one.job.id: MadeFile(
                f"{one.job.short_id}{found[0]}", found[1], alt(one, one.artefacts[0], say), one.job.spoiler
            )
            for one, found in zip(shown, made, strict=True)
            if found is not None
        }

    def _text(self, snapshot: Snapshot, messages: JobMessages, say: Speech, *, names: bool) -> str:
        job = snapshot.job
        waits = snapshot.wait is not None and snapshot.wait.reason is WaitReason.APPROVAL
        head = say(
            "entry-head",
            icon=ICONS.get(job.state, RUNNING_ICON),
            id=job.short_id,
            state=say("state-approval" if waits else f"state-{job.state}"),
            when=wording.relative(job.created_ms),
        )
        order = job.order
        words = (
            order.prompt
            or order.text
            or order.what
            or " · ".join((wording.task(order.task, say), *(file.name for file in order.files[:1])))
        )
        facts = (
            wording.mention(job.member, say) if names else "",
            label(job),
            say("entry-price", amount=show(_price(job))),
            say("entry-private") if job.is_private else "",
            self._whereabouts(snapshot, messages, say),
        )
        return "\n".join((head, plain(words, PROMPT_CHARACTERS), f"-# {' · '.join(filter(None, facts))}"))

    def _whereabouts(self, snapshot: Snapshot, messages: JobMessages, say: Speech) -> str:
        """Return where the result is: a link to its message, or why there is none."""
        if lost := self._why_lost(snapshot, messages, say):
            return lost
        place = latest_place(snapshot.job, messages)
        if place is None and messages.shown is not None and messages.shown.rung is Rung.DM:
            place = messages.shown
        if place is None:
            return ""
        if is_gone(snapshot, messages):
            return say("entry-message-gone")
        return say("entry-link", link=link_to(snapshot.job, place))

    def _why_lost(self, snapshot: Snapshot, messages: JobMessages, say: Speech) -> str:
        """Return why nobody can see the result now; empty if they can."""
        if is_pseudonym(snapshot.job.member):
            return say("entry-erased")
        if snapshot.job.taken_down:
            return say("entry-taken-down", case=snapshot.job.taken_down)
        if messages.removed_for_certain:
            return say("entry-removed")
        if snapshot.job.has_paid_results and not snapshot.artefacts:
            return say("entry-files-gone", days=self._keep_days)
        return ""


def _shows(job: Job, way: Showing, say: Speech) -> tuple[CardButton, ...]:
    me = (CardButton(Verb.SHOW, job.id, say("show-me-button")),) if way.privately else ()
    here = (CardButton(Verb.POST, job.id, say("show-here-button")),) if way.publicly else ()
    return (*me, *here)


def _own(
    job: Job, interaction: discord.Interaction[Any], marked: bool, place: tuple[int, int], say: Speech
) -> tuple[CardButton, ...]:
    """Return the button that cancels a job, or the one that marks it as a favourite."""
    if job.can_be_cancelled and job.member == interaction.user.id:
        return (CardButton(Verb.CANCEL, job.id, say("cancel-button")),)
    if interaction.guild_id is None or not job.captured_mcr:
        return ()
    page, listing = place
    verb, key = (Verb.UNSTAR, "unstar-button") if marked else (Verb.STAR, "star-button")
    return (CardButton(verb, job.id, say(key), page, listing),)


def _price(job: Job) -> int:
    """Return the price of a job, or the amount held for it; 0 if it failed."""
    if job.captured_mcr or job.failure:
        return job.captured_mcr
    return job.held_mcr
