"""Start and Cancel under a card that asked before an order: an order is started once, however often it is pressed."""

from dataclasses import replace
from typing import Any

import discord

from bot.catalogue.order import Order
from bot.chat.cards.card import Card, Verb
from bot.chat.cards.custom_ids import CustomId
from bot.chat.discord.interactions import origin
from bot.chat.discord.responses import Responder, become
from bot.chat.ordering.order_desk import OrderDesk
from bot.chat.ordering.price_question import PriceQuestion, chosen
from bot.errors import InsufficientCredit, NotAllowed
from bot.jobs.jobs import Jobs
from bot.jobs.records import Origin
from bot.jobs.store.pending_rows import Pending


class StartButtons:
    """Presses of Start, of a cheaper alternative, and of Cancel."""

    def __init__(self, jobs: Jobs, answers: Responder, desk: OrderDesk, confirmation: PriceQuestion) -> None:
        self._jobs = jobs
        self._answers = answers
        self._desk = desk
        self._confirmation = confirmation
        self._starting: set[str] = set()

    async def pressed(self, interaction: discord.Interaction[Any], pressed: CustomId) -> None:
        """Start the order, or drop it. Raises Refused."""
        if pressed.source in self._starting:  # pressed twice at once, or on two devices
            await interaction.response.defer()
            return
        self._starting.add(pressed.source)
        try:
            await self._decide(interaction, pressed)
        finally:
            self._starting.discard(pressed.source)

    async def _decide(self, interaction: discord.Interaction[Any], pressed: CustomId) -> None:
        say = self._answers.speech(interaction)
        pending = await self._confirmation.waiting(int(pressed.source)) if pressed.source.isdecimal() else None
        if pending is None:
            await become(interaction, Card(say("confirm-over")))
            return
        if pending.member != interaction.user.id:
            raise NotAllowed(rule="not-yours")
        if pressed.verb is Verb.DROP:
            dropped = await self._confirmation.drop(pending.id)
            await become(interaction, Card(say("confirm-dropped" if dropped else "confirm-started-before")))
            return
        order = chosen(pending, pressed.number)
        if order is None:
            await become(interaction, Card(say("confirm-over")))
            return
        await self._start(interaction, pending, order, pressed.promise)

    async def _start(
        self, interaction: discord.Interaction[Any], pending: Pending, order: Order, promise_mcr: int
    ) -> None:
        """The job has the id of the interaction that ordered, so the order is one job at most."""
        locales = self._answers.locales(interaction)
        asked = replace(origin(interaction, locales, pending.visibility, pending.parent), interaction_id=pending.id)
        try:
            again = await self._ask_again(interaction, order, asked, promise_mcr)
            if not again:
                await self._desk.start(interaction, order, asked)
        except InsufficientCredit as error:
            say = self._answers.speech(interaction)
            await become(interaction, await self._confirmation.short(order, asked, error, say))

    async def _ask_again(
        self, interaction: discord.Interaction[Any], order: Order, asked: Origin, promise_mcr: int
    ) -> bool:
        """Whether the price rose since it was shown: then the card asks again, with the new one."""
        plan = await self._jobs.examine(order, asked)
        if plan.quote.milli_credits <= promise_mcr:
            return False
        say = self._answers.speech(interaction)
        card = await self._confirmation.ask(order, asked, plan, say)
        await become(interaction, replace(card, content=f"{say('confirm-price-changed')}\n{card.content}"))
        return True
