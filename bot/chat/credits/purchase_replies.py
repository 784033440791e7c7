"""The part of `/balance` about buying credits, and the button that adds a waiting purchase to a server's pool."""

from typing import Any

import discord

from bot.chat.cards.card import Card, CardButton, Verb
from bot.chat.cards.custom_ids import CustomId
from bot.chat.credits.purchase_intake import PurchaseIntake
from bot.chat.discord.interactions import guild_of
from bot.chat.discord.responses import Responder, replace_message
from bot.chat.texts.texts import Speech
from bot.funding.purchases import Purchases
from bot.money import show

SHOWN = 4


class PurchaseReplies:
    """Offers credits for sale, and lets buyers choose a server."""

    def __init__(self, purchases: Purchases, intake: PurchaseIntake, responder: Responder) -> None:
        self._purchases = purchases
        self._intake = intake
        self._responder = responder

    async def offers(self, member: int, guild: int, say: Speech) -> tuple[list[str], tuple[CardButton, ...]]:
        """Return lines and buttons for what a member can buy or still has to use. Record that they were shown."""
        if not self._intake.is_active:
            return [], ()
        lines: list[str] = []
        buttons = [CardButton(Verb.BUY, "", "", sku) for sku in self._intake.on_sale[:SHOWN]]
        if buttons:
            await self._purchases.offered(member, guild)
            lines.append(say("balance-shop"))
        told = await self._purchases.tell_now(member, guild)
        if told:
            lines.append(say("balance-bought", amount=show(sum(one.amount_mcr for one in told))))
        waiting = await self._purchases.waiting_of(member)
        if waiting:
            amount = show(sum(one.amount_mcr for one in waiting))
            lines.append(say("balance-waiting", amount=amount))
            buttons.append(CardButton(Verb.FUND, str(guild), say("fund-button", amount=amount)))
        return lines, tuple(buttons)

    async def pressed(self, interaction: discord.Interaction[Any], _pressed: CustomId) -> None:
        """Add the waiting purchases of the person who pressed the button to this server's pool."""
        say = self._responder.speech(interaction)
        chosen = await self._purchases.choose(interaction.user.id, guild_of(interaction))
        self._intake.look()
        amount = show(sum(one.amount_mcr for one in chosen))
        await replace_message(interaction, Card(say("funded", amount=amount) if chosen else say("fund-none")))
