"""`/quote`: shows the price and usual duration of an order, without holding anything.

It prices examples with placeholder files, also for models that are not allowed here. Neither can become an Offer.
"""

from typing import Any

import discord

from bot.catalogue.catalogue import Catalogue
from bot.catalogue.order import Order
from bot.chat.cards.card import Card
from bot.chat.cards.job_card import usually
from bot.chat.discord.interactions import guild_of
from bot.chat.discord.responses import Responder
from bot.chat.ordering.cheaper_models import cheaper
from bot.chat.ordering.example_orders import examples
from bot.chat.ordering.model_choice import ModelChoice
from bot.chat.texts.escaping import plain
from bot.chat.texts.wording import sentence
from bot.jobs.jobs import Jobs
from bot.ledger.accounts import Ledger
from bot.money import show

ALTERNATIVES = 3


class QuoteReply:
    """Builds the replies to `/quote`."""

    def __init__(
        self, *, jobs: Jobs, catalogue: Catalogue, choices: ModelChoice, ledger: Ledger, responder: Responder
    ) -> None:
        self._jobs = jobs
        self._catalogue = catalogue
        self._choices = choices
        self._ledger = ledger
        self._responder = responder

    async def quote(self, interaction: discord.Interaction[Any], wanted: Order) -> Card:
        """Return a card with price, usual duration, permission and balance. Raises Refused if no model can do it."""
        guild, say = guild_of(interaction), self._responder.speech(interaction)
        order = await self._choices.first(guild, *examples(wanted))
        plan = self._catalogue.plan(order)
        price = plan.quote.milli_credits
        balance = await self._ledger.balance(guild, interaction.user.id)
        allowed = await self._choices.allowed(guild)
        others = cheaper(
            self._catalogue, order, price, allowed=allowed, within_mcr=balance.available_mcr, most=ALTERNATIVES
        )
        fits = price <= balance.available_mcr
        lines = [
            say(
                "quote-at-most" if plan.quote.upper_bound else "quote",
                model=f"**{plain(self._catalogue.get(order.model).label)}**",
                amount=show(price),
            ),
            sentence(usually(await self._jobs.usual(order, plan), plan.typical_s, say)),
            say("quote-allowed" if order.model in allowed else "quote-denied"),
            say("quote-fits" if fits else "quote-short", available=show(balance.available_mcr)),
            *(say("quote-cheaper", model=plain(one.label), amount=show(one.mcr)) for one in others),
        ]
        return Card("\n".join(lines))
