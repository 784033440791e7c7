"""`/gift`: asks a member to confirm a gift of credits to another member, and transfers them."""

from typing import Any

import discord

from bot.chat.cards.card import Card, CardButton, Verb
from bot.chat.cards.custom_ids import CustomId
from bot.chat.credits.grant_messages import GrantMessages
from bot.chat.discord.interactions import guild_of
from bot.chat.discord.own_questions import own_question
from bot.chat.discord.responses import Responder, replace_message
from bot.chat.texts.escaping import quoted
from bot.errors import NotAllowed
from bot.funding.funding import Funding
from bot.funding.gift_rows import Gift, GiftEnd
from bot.ledger.accounts import Ledger
from bot.money import show


class Gifts:
    """Builds the confirmation message of `/gift`, and handles its buttons."""

    def __init__(self, funding: Funding, ledger: Ledger, responder: Responder, direct_messages: GrantMessages) -> None:
        self._funding = funding
        self._ledger = ledger
        self._responder = responder
        self._direct_messages = direct_messages

    async def ask(
        self, interaction: discord.Interaction[Any], user: discord.User | discord.Member, amount: int, note: str
    ) -> Card:
        """Ask for confirmation, unless the gift is impossible.

        Raises NotAllowed, GivingLimitReached and InsufficientCredit.
        """
        if user.bot:
            raise NotAllowed(rule="no-bots")
        guild, say = guild_of(interaction), self._responder.speech(interaction)
        gift = await self._funding.ask_gift(
            Gift(interaction.id, guild, interaction.user.id, user.id, amount, note, expires_ms=0)
        )
        balance = await self._ledger.balance(guild, gift.giver)
        facts = {"amount": show(amount), "member": f"<@{user.id}>", "available": show(balance.available_mcr)}
        lines = [say("gift-ask", **facts), *([quoted(note)] if note else [])]
        buttons = (
            CardButton(Verb.GIVE, str(gift.id), say("gift-button")),
            CardButton(Verb.UNGIVE, str(gift.id), say("cancel-button")),
        )
        return Card("\n".join(lines), buttons=buttons)

    async def pressed(self, interaction: discord.Interaction[Any], pressed: CustomId) -> None:
        """Give the credits, or drop the gift. Raises NotAllowed, GivingLimitReached and InsufficientCredit."""
        say = self._responder.speech(interaction)
        gift = await own_question(
            interaction, pressed, self._funding.gift, whose=lambda gift: gift.giver, over=say("gift-over")
        )
        if gift is None:
            return
        if pressed.verb is Verb.UNGIVE:
            dropped = await self._funding.drop_gift(gift.id)
            await replace_message(interaction, Card(say("gift-dropped" if dropped else "gift-before")))
            return
        match await self._funding.give(gift.id):
            case GiftEnd.OVER:
                card = Card(say("gift-over"))
            case GiftEnd.BEFORE:
                card = Card(say("gift-before"))
            case GiftEnd.GIVEN:
                self._direct_messages.granted(interaction, gift.receiver, gift.amount_mcr, gift.note)
                balance = await self._ledger.balance(gift.guild, gift.giver)
                facts = {"amount": show(gift.amount_mcr), "member": f"<@{gift.receiver}>"}
                card = Card(say("gift-given", **facts, balance=show(balance.available_mcr)))
        await replace_message(interaction, card)
