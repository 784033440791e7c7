"""Tells buyers by direct message what became of their purchases.

Due messages are in the database, so a crash loses none. Buyers whose direct messages are closed can read their messages
in `/balance`.
"""

import asyncio
import logging

import discord

from bot.chat.cards.card import Card
from bot.chat.discord import calls
from bot.chat.discord.calls import CallOutcome
from bot.chat.discord.server_names import ServerNames
from bot.chat.texts.escaping import plain
from bot.chat.texts.languages import Languages
from bot.chat.texts.texts import ENGLISH
from bot.funding.purchase_rows import MessageState, Purchase
from bot.funding.purchases import Purchases
from bot.money import show

log = logging.getLogger(__name__)


class PurchaseMessages:
    """Sends the messages about purchases."""

    def __init__(self, purchases: Purchases, languages: Languages, server_names: ServerNames) -> None:
        self._server_names = server_names
        self._purchases = purchases
        self._languages = languages
        self._one_at_a_time = asyncio.Lock()

    async def send(self, client: discord.Client) -> bool:
        """Send the due messages. Return False if some have to be retried."""
        async with self._one_at_a_time:
            done = True
            for purchase in await self._purchases.untold():
                sent = await calls.attempt(_post(client, purchase, await self._card(client, purchase)))
                if sent.outcome is CallOutcome.UNCLEAR:
                    done = False
                    continue
                if sent.outcome is CallOutcome.REFUSED:
                    log.info("user %s cannot be told about purchase %s: %s", *_ids(purchase), sent.error)
                is_told = sent.outcome is CallOutcome.ACCEPTED
                await self._purchases.told(purchase.entitlement, MessageState.SENT if is_told else MessageState.CLOSED)
            return done

    async def _card(self, client: discord.Client, purchase: Purchase) -> Card:
        amount = show(purchase.amount_mcr)
        if not purchase.guild:
            return Card(self._languages.to_user(purchase.buyer, ENGLISH)("letter-purchase-waits", amount=amount))
        guild = client.get_guild(purchase.guild)
        locale = str(guild.preferred_locale) if guild else ENGLISH
        say = self._languages.to_member_of(purchase.guild, purchase.buyer, locale)
        names = await self._server_names.of(client, [purchase.guild])
        name = plain(names.get(purchase.guild, str(purchase.guild)))
        return Card(say("letter-purchase", guild=name, amount=amount))


def _ids(purchase: Purchase) -> tuple[int, int]:
    return purchase.buyer, purchase.entitlement


async def _post(client: discord.Client, purchase: Purchase, card: Card) -> int:
    channel = await client.create_dm(discord.Object(purchase.buyer))
    # The nonce keeps a message that may have been sent from being sent twice.
    return (await channel.send(**calls.message_fields(card), nonce=f"e{purchase.entitlement}")).id
