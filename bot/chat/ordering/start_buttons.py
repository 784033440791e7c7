"""Handles Start and Cancel on the price question's card. An order starts once, however often Start is pressed."""

from dataclasses import replace
from typing import Any

import discord

from bot.catalogue.order import Order
from bot.chat.cards.card import Card, Verb
from bot.chat.cards.custom_ids import CustomId
from bot.chat.discord.interactions import origin
from bot.chat.discord.own_questions import own_question
from bot.chat.discord.responses import Responder, replace_message
from bot.chat.ordering.job_access import JobAccess
from bot.chat.ordering.order_desk import OrderDesk
from bot.chat.ordering.price_question import PriceQuestion, chosen
from bot.errors import InsufficientCredit
from bot.funding.payers import POOL
from bot.jobs.jobs import Jobs
from bot.jobs.records import PendingOrder


class StartButtons:
    """Handlers for Start, for a cheaper alternative, and for Cancel."""

    def __init__(
        self, jobs: Jobs, responder: Responder, desk: OrderDesk, price_question: PriceQuestion, access: JobAccess
    ) -> None:
        self._jobs = jobs
        self._responder = responder
        self._desk = desk
        self._price_question = price_question
        self._access = access
        self._starting: set[str] = set()

    async def pressed(self, interaction: discord.Interaction[Any], pressed: CustomId) -> None:
        """Start the order, or drop it. Raises Refused."""
        if pressed.source in self._starting:  # a double click, or a click on two devices
            await interaction.response.defer()
            return
        self._starting.add(pressed.source)
        try:
            await self._decide(interaction, pressed)
        finally:
            self._starting.discard(pressed.source)

    async def _decide(self, interaction: discord.Interaction[Any], pressed: CustomId) -> None:
        say, waiting = self._responder.speech(interaction), self._price_question.waiting
        pending = await own_question(
            interaction, pressed, waiting, whose=lambda order: order.member, over=say("confirm-over")
        )
        if pending is None:
            return
        if pressed.verb is Verb.DROP:
            dropped = await self._price_question.drop(pending.id)
            await replace_message(interaction, Card(say("confirm-dropped" if dropped else "confirm-started-before")))
            return
        order = chosen(pending, pressed.number)
        if order is None:
            await replace_message(interaction, Card(say("confirm-over")))
            return
        await self._start(interaction, pending, order, pressed.promise)

    async def _start(
        self, interaction: discord.Interaction[Any], pending: PendingOrder, order: Order, promise_mcr: int
    ) -> None:
        """Start an order as its card promised, or ask again.

        It asks again if the price has risen, or if the member, and not the pool, has to pay now. Start makes a new
        offer with the key of the waiting order, so the waiting order never becomes more than one job.
        """
        say, locales = self._responder.speech(interaction), self._responder.locales(interaction)
        pressed = origin(interaction, locales, pending.visibility, pending.parent, order_key=pending.id)
        await self._access.sources_of(interaction, order)  # the sources may have been removed or hidden since
        offer = await self._jobs.offer(order, pressed)
        if offer.price_mcr > promise_mcr or (pending.pool_pays and offer.payer != POOL):
            changed = "confirm-price-changed" if offer.price_mcr > promise_mcr else "confirm-payer-changed"
            card = await self._price_question.ask(offer, say)
            await replace_message(interaction, replace(card, content=f"{say(changed)}\n{card.content}"))
            return
        try:
            await self._desk.start(interaction, offer)
        except InsufficientCredit as error:
            await replace_message(interaction, await self._price_question.short(offer, error, say))
