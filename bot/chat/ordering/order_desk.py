"""The order desk: turns every order from a command or a button into an accepted job with a card.

An order is judged before its interaction gets a response, so that the first response is the job's card or a private
refusal. If judging takes longer than 1.5 s, the response is deferred privately. The deferred response then becomes the
refusal, or a single line that the card follows.
"""

import logging
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from typing import Any

import discord

from bot.catalogue.order import Order
from bot.chat.cards import job_card
from bot.chat.cards.card import Card
from bot.chat.discord import calls
from bot.chat.discord.calls import CallOutcome, Sent
from bot.chat.discord.interactions import origin
from bot.chat.discord.responses import (
    DeferralTimer,
    Responder,
    acknowledge,
    edit,
    follow_up,
    replace_message,
    reply_privately,
    respond,
)
from bot.chat.discord.second_bot import answered_elsewhere
from bot.chat.ordering.job_access import JobAccess
from bot.chat.ordering.member_defaults import MemberDefaults
from bot.chat.ordering.price_question import PriceQuestion
from bot.chat.texts.languages import Languages
from bot.chat.texts.texts import Speech
from bot.clock import ServerClock
from bot.errors import InsufficientCredit
from bot.jobs.intake.offer import Offer
from bot.jobs.jobs import Jobs
from bot.jobs.records import Job, Parent, Snapshot, State, Visibility

log = logging.getLogger(__name__)


class OrderDesk:
    """Accepts orders, shows their cards, and tells the jobs whether Discord accepted the cards."""

    def __init__(
        self,
        jobs: Jobs,
        responder: Responder,
        languages: Languages,
        defaults: MemberDefaults,
        price_question: PriceQuestion,
        access: JobAccess,
        discord_clock: ServerClock,
    ) -> None:
        self._jobs = jobs
        self._responder = responder
        self._languages = languages
        self._defaults = defaults
        self._price_question = price_question
        self._access = access
        self._clock = discord_clock

    def in_time(self, interaction: discord.Interaction[Any]) -> AbstractAsyncContextManager[DeferralTimer]:
        """Protect the whole handling of an order, including `take` (see Responder.in_time)."""
        return self._responder.in_time(interaction)

    async def take(
        self,
        interaction: discord.Interaction[Any],
        order: Order,
        visibility: Visibility,
        parent: Parent | None = None,
    ) -> bool:
        """Offer and accept an order, and show its card. Return False if it was neither accepted nor kept for Start.

        `parent` is the result that the order was made from: a second click by the same member within 3 s does not
        create a second job. Raises Refused if it is not accepted, HTTPException if Discord rejects the card.
        """
        async with self.in_time(interaction):
            return await self.accept(interaction, await self.offer(interaction, order, visibility, parent))

    async def offer(
        self,
        interaction: discord.Interaction[Any],
        order: Order,
        visibility: Visibility,
        parent: Parent | None = None,
    ) -> Offer:
        """Judge an order, completed with its member's preferences. Nothing is held. Raises Refused."""
        sources = await self._access.sources_of(interaction, order)
        completed = await self._defaults.applied(interaction, order, visibility, [one.job for one in sources])
        placed = origin(interaction, self._languages.of(interaction), completed.visibility, parent)
        offer = await self._jobs.offer(completed.order, placed)
        return replace(offer, replaces_usual=completed.replaces_usual)

    async def offer_step(
        self,
        interaction: discord.Interaction[Any],
        order: Order,
        inherited: Visibility,
        owner: int | None,
        parent: Parent | None,
    ) -> Offer:
        """Judge an order from a button or a menu (see MemberDefaults.of_step). Raises Refused."""
        visibility = await self._defaults.of_step(interaction, inherited, owner=owner)
        return await self.offer(interaction, order, visibility, parent)

    async def accept(self, interaction: discord.Interaction[Any], offer: Offer) -> bool:
        """Accept an offer and show its card. Return False if it was neither accepted nor kept for Start.

        A member is asked to confirm a price above their threshold, and shown what they can afford if they have too
        few credits; nothing is held then. Raises Refused, and HTTPException if Discord rejects the card.
        """
        async with self.in_time(interaction) as timer:
            accepted = await self._accept(offer, self._languages.speech(interaction))
            deferral = await timer.decided()
        if isinstance(accepted, Card):
            await reply_privately(interaction, accepted)
            return bool(accepted.buttons)
        if accepted.job.order_key != offer.origin.order_key:
            await self._acknowledge_duplicate(interaction, accepted.job)
        elif not accepted.job.message:  # else this interaction arrived twice, as after a gateway resume
            await self._settle(interaction, accepted.job, await self._show(interaction, accepted, deferral))
        return True

    async def _acknowledge_duplicate(self, interaction: discord.Interaction[Any], job: Job) -> None:
        """Acknowledge the second of two quick clicks, without a message if Discord allows that."""
        if interaction.response.is_done() or interaction.message is None:
            await reply_privately(
                interaction, Card(self._responder.speech(interaction)("counted-once", id=job.short_id))
            )
        else:
            await calls.attempt(acknowledge(interaction))

    async def _accept(self, offer: Offer, say: Speech) -> Snapshot | Card:
        """Accept an offer, or return the card that asks about its price."""
        question = await self._price_question.needed(offer, say)
        if question is not None:
            return question
        try:
            return await self._jobs.accept(offer)
        except InsufficientCredit as error:
            return await self._price_question.short(offer, error, say)

    async def start(self, interaction: discord.Interaction[Any], offer: Offer) -> None:
        """Accept an offer whose price was confirmed by a click on its private card. Raises Refused.

        If the job is private, that card becomes the job's card; otherwise it says that the job's card is below.
        """
        snapshot = await self._jobs.accept(offer)
        job, say = snapshot.job, self._responder.speech(interaction)
        card = self._card(snapshot)
        if job.message or job.state is not State.ACCEPTED:  # already started
            await replace_message(interaction, card if job.failure else Card(say("confirm-started", id=job.short_id)))
            return
        if job.is_private:
            sent = await replace_message(interaction, card)
        else:
            sent = await replace_message(interaction, _started_below(snapshot, say))
            if not answered_elsewhere(interaction):
                sent = await self._follow(interaction, card)
        await self._settle(interaction, job, sent)

    async def _show(self, interaction: discord.Interaction[Any], snapshot: Snapshot, deferral: Sent | None) -> Sent:
        """Show the card of a new job, and return the outcome of the call."""
        if deferral is not None and deferral.outcome is CallOutcome.REFUSED:
            return deferral
        job, card = snapshot.job, self._card(snapshot)
        if deferral is None:
            return await respond(interaction, card, private=job.is_private)
        if job.is_private:
            return _of_valid_token(await calls.attempt(edit(interaction, card)))
        # The first follow-up replaces the deferred response and inherits its privacy, so edit that response first.
        say = self._responder.speech(interaction)
        await calls.attempt(edit(interaction, _started_below(snapshot, say)))
        return await self._follow(interaction, card)

    async def _follow(self, interaction: discord.Interaction[Any], card: Card) -> Sent:
        """Send a public card after the private reply that announced it."""
        return _of_valid_token(await calls.attempt(follow_up(interaction, card, private=False)))

    def _card(self, snapshot: Snapshot) -> Card:
        return job_card.card(snapshot, self._languages.of_job(snapshot.job), now_ms=self._clock.now_ms())

    async def _settle(self, interaction: discord.Interaction[Any], job: Job, sent: Sent) -> None:
        if answered_elsewhere(interaction):  # the other process runs this order, with its own record of it
            await self._jobs.card_refused(job.id)
        elif sent.outcome is CallOutcome.ACCEPTED and sent.message:
            await self._jobs.card_accepted(job.id, sent.message)
        elif sent.outcome is CallOutcome.REFUSED:
            await self._jobs.card_refused(job.id)
            log.warning("Discord rejected the card of job %s: %s", job.id, sent.error)
            if sent.error and sent.code not in calls.NO_MESSAGE:
                raise sent.error
        else:
            await self._jobs.card_unclear(job.id)


def _of_valid_token(sent: Sent) -> Sent:
    """Return the result of a call made after Discord had accepted a response, so its token is known to be valid.

    Discord sometimes refuses valid tokens (discord-api-docs#7220, #6851). The card check finds out what happened, and
    tells the member; if it were treated as a refusal, the job would end without a word.
    """
    refused = sent.code in {calls.UNKNOWN_WEBHOOK, calls.INVALID_TOKEN}
    return Sent(CallOutcome.UNCLEAR) if refused else sent


def _started_below(snapshot: Snapshot, say: Speech) -> Card:
    """Return the private reply that a job's public card follows."""
    return Card(job_card.with_balance(say("started-below", id=snapshot.job.short_id), snapshot, say))
