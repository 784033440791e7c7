"""Transfers credits for operators and admins, and replies with the new balances."""

from typing import Any

import discord

from bot.chat.cards.card import Card
from bot.chat.discord.interactions import guild_of
from bot.chat.discord.responses import Responder
from bot.chat.discord.server_log import ServerLog
from bot.chat.discord.server_names import NamedServer
from bot.chat.texts import wording
from bot.chat.texts.escaping import plain
from bot.clock import Clock
from bot.errors import InsufficientCredit
from bot.funding.funding import Funding
from bot.funding.purse_rows import Grant
from bot.ledger import keys
from bot.ledger.accounts import Ledger
from bot.money import show


class CreditGrants:
    """Transfers between the mint, pools and members. The interaction's id is the idempotency key of each transfer."""

    def __init__(
        self, ledger: Ledger, funding: Funding, responder: Responder, clock: Clock, server_log: ServerLog
    ) -> None:
        self._ledger = ledger
        self._funding = funding
        self._server_log = server_log
        self._responder = responder
        self._clock = clock

    async def top_up(
        self, interaction: discord.Interaction[Any], server: NamedServer, amount: int, reason: str
    ) -> Card:
        """Add new credits to a server's pool."""
        await self._ledger.mint(server.id, amount, **self._entry(interaction, reason))
        pool = await self._ledger.pool(server.id)
        say = self._responder.speech(interaction)
        facts = {"amount": show(amount), "guild": plain(server.name), "pool": show(pool.available_mcr)}
        return Card(say("topped-up", **facts))

    async def grant(
        self, interaction: discord.Interaction[Any], member: int, amount: int, reason: str
    ) -> tuple[Card, bool]:
        """Give a member credits from the pool, but never more than the pool has.

        Return the answer, and whether the member received the credits: the grant may have to wait for a second admin.
        """
        guild, say = guild_of(interaction), self._responder.speech(interaction)
        try:
            waiting = await self._funding.grant(
                Grant(interaction.id, guild, member, amount, interaction.user.id, reason)
            )
        except InsufficientCredit as error:
            return Card(say("pool-short", available=show(int(error.facts["available_mcr"])))), False
        if waiting is not None:
            self._server_log.wake()
            return Card(say("grant-waits", amount=show(amount), member=f"<@{member}>")), False
        return await self._moved(interaction, "granted", member, amount), True

    async def revoke(
        self, interaction: discord.Interaction[Any], member: int, amount: int, reason: str
    ) -> tuple[Card, bool]:
        """Move a member's credits back into the pool, but never more than the member has available.

        Return the answer, and whether any credits were moved.
        """
        guild, say = guild_of(interaction), self._responder.speech(interaction)
        try:
            await self._ledger.reclaim(guild, member, amount, **self._entry(interaction, reason))
        except InsufficientCredit as error:
            return Card(say("member-short", member=f"<@{member}>", **wording.parameters(error.facts, say))), False
        return await self._moved(interaction, "revoked", member, amount), True

    async def _moved(self, interaction: discord.Interaction[Any], text: str, member: int, amount: int) -> Card:
        guild = guild_of(interaction)
        theirs, pool = await self._ledger.balance(guild, member), await self._ledger.pool(guild)
        say = self._responder.speech(interaction)
        facts = {"balance": show(theirs.available_mcr), "pool": show(pool.available_mcr)}
        return Card(say(text, amount=show(amount), member=f"<@{member}>", **facts))

    def _entry(self, interaction: discord.Interaction[Any], reason: str) -> dict[str, Any]:
        return {
            "key": keys.interaction(interaction.id),
            "actor": interaction.user.id,
            "reason": reason,
            "at_ms": self._clock.now_ms(),
        }
