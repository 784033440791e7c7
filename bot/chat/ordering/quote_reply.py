"""`/quote`: shows the price and usual duration of an order, without holding anything.

It prices examples with placeholder files, even for models that are not allowed here. Such an order cannot become an
Offer. The check of real orders (`Jobs.verdict`) decides whether the order would be refused or would have to wait, and
provides the wording.
"""

from typing import Any

import discord

from bot.catalogue.catalogue import Catalogue
from bot.catalogue.order import Order
from bot.catalogue.traits import traits
from bot.chat.cards.card import Card
from bot.chat.cards.job_card import usually
from bot.chat.discord.interactions import asker, bot_is_absent, origin, recipient
from bot.chat.discord.responses import Responder
from bot.chat.ordering.cheaper_models import cheaper
from bot.chat.ordering.example_orders import examples
from bot.chat.ordering.member_defaults import MemberDefaults
from bot.chat.ordering.model_choice import ModelChoice
from bot.chat.ordering.order_summary import cheaper_line
from bot.chat.ordering.price_question import POOL_PAYS, shortage
from bot.chat.texts.allowance_texts import shares_said
from bot.chat.texts.escaping import plain
from bot.chat.texts.texts import Speech
from bot.chat.texts.wording import failure, sentence
from bot.errors import BotAbsent, MissingPermission, Refused
from bot.funding.wallets import Wallets
from bot.jobs.jobs import Jobs
from bot.money import show

ALTERNATIVES = 3


class QuoteReply:
    """Builds the replies to `/quote`."""

    def __init__(
        self,
        *,
        jobs: Jobs,
        catalogue: Catalogue,
        choices: ModelChoice,
        defaults: MemberDefaults,
        wallets: Wallets,
        responder: Responder,
    ) -> None:
        self._jobs = jobs
        self._defaults = defaults
        self._catalogue = catalogue
        self._choices = choices
        self._wallets = wallets
        self._responder = responder

    async def quote(self, interaction: discord.Interaction[Any], wanted: Order) -> Card:
        """Return a card with price, usual duration, permission and balance. Raises Refused if no model can do it."""
        say = self._responder.speech(interaction)
        order = await self._choices.first(asker(interaction), *examples(wanted))
        order = await self._defaults.preferred(interaction, order)
        plan = self._catalogue.plan(order)
        price = plan.quote.milli_credits
        wallet = await self._wallets.of(recipient(interaction))
        allowed = await self._choices.allowed(asker(interaction), order.task)
        others = cheaper(
            self._catalogue, order, price, allowed=allowed, within_mcr=wallet.available_mcr, most=ALTERNATIVES
        )
        fits = price <= wallet.available_mcr
        available = POOL_PAYS if wallet.is_pool else show(wallet.available_mcr)
        made = traits(self._catalogue.get(order.model), plan)
        lines = [
            say(
                "quote-at-most" if plan.quote.upper_bound else "quote",
                model=f"**{plain(self._catalogue.get(order.model).label)}**",
                amount=show(price),
            ),
            sentence(usually(await self._jobs.usual(order, plan), plan.typical_s, say)),
            await self._permitted(interaction, order, say),
            say("quote-fits", available=available) if fits else _no(shortage(price, wallet), say),
            *shares_said(wallet.due, say, drawn=False),
            *(cheaper_line(order, made, price, one, say) for one in others),
        ]
        return Card("\n".join(lines))

    async def _permitted(self, interaction: discord.Interaction[Any], order: Order, say: Speech) -> str:
        """Return the line that says whether this order would be refused here, and why, or would have to wait."""
        verdict = await self._jobs.verdict(order, origin(interaction, self._responder.locales(interaction)))
        refusal = verdict.refusal
        if isinstance(refusal, MissingPermission) and bot_is_absent(interaction):
            refusal = BotAbsent()
        if refusal is not None:
            return _no(refusal, say)
        return say("quote-approval" if verdict.waits_for else "quote-allowed")


def _no(refusal: Refused, say: Speech) -> str:
    return f"⛔ {failure(refusal.failure, say, ordered=False)}"
