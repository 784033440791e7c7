"""Answers interactions: once, in time, and with the truth.

An order is decided before it is answered, so its first answer is the job's card, or a private refusal. Where deciding
takes longer than 1.5 s, a private deferral buys time: it becomes the refusal or one line, and the card follows it.
"""

import asyncio
import logging
from collections.abc import Awaitable
from typing import Any

import discord

from bot.catalogue.order import Order
from bot.chat.cards import job_card
from bot.chat.cards.card import Card
from bot.chat.discord import calls
from bot.chat.discord.calls import Fate, Sent
from bot.chat.discord.interactions import origin
from bot.chat.discord.responses import Responder, acknowledge, become, edit, follow_up, respond, whisper
from bot.chat.ordering.member_defaults import MemberDefaults
from bot.chat.ordering.price_question import PriceQuestion
from bot.chat.texts.languages import Languages
from bot.clock import ServerClock
from bot.errors import InsufficientCredit
from bot.jobs.jobs import Jobs
from bot.jobs.records import Job, Origin, Parent, Snapshot, State, Visibility

log = logging.getLogger(__name__)


class OrderDesk:
    """Takes orders: accepts them, shows their cards, and tells the jobs what became of the cards."""

    def __init__(
        self,
        jobs: Jobs,
        answers: Responder,
        languages: Languages,
        defaults: MemberDefaults,
        confirmation: PriceQuestion,
        discord_clock: ServerClock,
    ) -> None:
        self._jobs = jobs
        self._answers = answers
        self._languages = languages
        self._defaults = defaults
        self._confirmation = confirmation
        self._clock = discord_clock

    async def take(
        self,
        interaction: discord.Interaction[Any],
        making: Awaitable[Order],
        visibility: Visibility,
        parent: Parent | None = None,
    ) -> bool:
        """Accept an order and show its card; False where it came to nothing and is not kept for a press either.

        Raises Refused where it is not accepted, HTTPException for a bad card.

        What the member prefers fills in what the order left open. Above their threshold they are asked first, and
        where their credits do not suffice they are told what does fit; then nothing is held yet.

        `parent` is what the order was made from: the same member's same press within 3 s makes no second job.
        """
        accepting = asyncio.ensure_future(self._accept(interaction, making, visibility, parent))
        deferred = await self._answers.defer_if_slow(interaction, accepting)
        snapshot = await accepting
        if isinstance(snapshot, Card):
            await whisper(interaction, snapshot)
            return bool(snapshot.presses)
        if snapshot.job.interaction != interaction.id:
            await self._counted_once(interaction, snapshot.job)
            return True
        if snapshot.job.message:
            return True  # this interaction came twice, as after a gateway resume; the first time answered it
        if deferred is not None and deferred.fate is Fate.REFUSED:
            sent = deferred
        else:
            sent = await self._show(interaction, snapshot, deferred=deferred is not None)
        await self._settle(snapshot.job, sent)
        return True

    async def _counted_once(self, interaction: discord.Interaction[Any], job: Job) -> None:
        """Acknowledge the second press of a double one, without a message where Discord allows that."""
        if interaction.response.is_done() or interaction.message is None:
            await whisper(interaction, Card(self._answers.speech(interaction)("counted-once", id=job.short_id)))
        else:
            await calls.attempt(acknowledge(interaction))

    async def _accept(
        self,
        interaction: discord.Interaction[Any],
        making: Awaitable[Order],
        visibility: Visibility,
        parent: Parent | None,
    ) -> Snapshot | Card:
        order, visibility = await self._defaults.applied(interaction, await making, visibility)
        asked = origin(interaction, self._languages.of(interaction), visibility, parent)
        say = self._languages.speech(interaction)
        question = await self._confirmation.needed(order, asked, say)
        if question is not None:
            return question
        try:
            return await self._jobs.accept(order, asked)
        except InsufficientCredit as error:
            return await self._confirmation.short(order, asked, error, say)

    async def start(self, interaction: discord.Interaction[Any], order: Order, asked: Origin) -> None:
        """Accept an order that was asked about, by the press on its private card. Raises Refused.

        That card becomes the job's where it is private; else it says that the job's card is below.
        """
        snapshot = await self._jobs.accept(order, asked)
        job, say = snapshot.job, self._answers.speech(interaction)
        card = job_card.card(snapshot, self._languages.of_job(job), now_ms=self._clock.now_ms())
        if job.message or job.state is not State.ACCEPTED:  # started before
            await become(interaction, card if job.failure else Card(say("confirm-started", id=job.short_id)))
            return
        if job.is_private:
            sent = await become(interaction, card)
        else:
            await become(interaction, Card(say("started-below", id=job.short_id)))
            sent = await calls.attempt(follow_up(interaction, card, private=False))
        await self._settle(job, sent)

    async def _show(self, interaction: discord.Interaction[Any], snapshot: Snapshot, *, deferred: bool) -> Sent:
        job = snapshot.job
        card = job_card.card(snapshot, self._languages.of_job(job), now_ms=self._clock.now_ms())
        if not deferred:
            return await respond(interaction, card, private=job.is_private)
        if job.is_private:
            return await calls.attempt(edit(interaction, card))
        # The deferral has to become something first: a follow-up would take its place, and its privacy.
        say = self._answers.speech(interaction)
        await calls.attempt(edit(interaction, Card(say("started-below", id=job.short_id))))
        return await calls.attempt(follow_up(interaction, card, private=False))

    async def _settle(self, job: Job, sent: Sent) -> None:
        if sent.fate is Fate.TAKEN and sent.message:
            await self._jobs.taken(job.id, sent.message)
        elif sent.fate is Fate.REFUSED:
            await self._jobs.not_taken(job.id)
            log.warning("discord refused the card of job %s: %s", job.id, sent.error)
            if sent.error and sent.code not in calls.NO_MESSAGE:
                raise sent.error
        else:
            await self._jobs.unclear(job.id)
