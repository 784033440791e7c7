"""Tells members by direct message that they were given credits: the answer to a grant is private to its admin.

Grants in quick succession become one message, and messages are sent one after another, so that a round of grants is no
storm. A member whose direct messages are closed finds the entry in `/balance`.
"""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import discord

from bot.chat.cards.card import Card
from bot.chat.discord import calls
from bot.chat.discord.calls import CallOutcome
from bot.chat.discord.interactions import guild_of, name_of
from bot.chat.texts.escaping import plain, quoted
from bot.chat.texts.languages import Languages
from bot.clock import Clock
from bot.ledger.accounts import Ledger
from bot.money import show

TOGETHER_S = 3.0
"""Grants to a member within this time are told in one message."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Grant:
    """A grant that is to be told, and the interaction that made it."""

    interaction: int
    amount_mcr: int
    reason: str


class GrantLetters:
    """Sends the messages about grants. They are an extra: one that cannot be sent is only logged."""

    def __init__(self, ledger: Ledger, languages: Languages, clock: Clock) -> None:
        self._ledger = ledger
        self._languages = languages
        self._clock = clock
        self._untold: dict[tuple[int, int], list[_Grant]] = {}
        self._one_at_a_time = asyncio.Lock()

    def granted(self, interaction: discord.Interaction[Any], member: int, amount: int, reason: str) -> None:
        """Note a grant that is to be told. Nobody is told about what they gave themselves."""
        if member != interaction.user.id:
            self._untold.setdefault((guild_of(interaction), member), []).append(_Grant(interaction.id, amount, reason))

    async def send(self, interaction: discord.Interaction[Any]) -> None:
        """Tell a member about the grant that this interaction made, with others that follow within seconds."""
        # The first one tells about those that follow.
        mine = (place for place, grants in self._untold.items() if grants[0].interaction == interaction.id)
        place = next(mine, None)
        if place is None:
            return
        await self._clock.sleep(TOGETHER_S)
        grants = self._untold.pop(place)
        card = await self._card(interaction, place[1], grants)
        async with self._one_at_a_time:
            sent = await calls.attempt(_send(interaction, place[1], card))
        if sent.outcome is not CallOutcome.ACCEPTED:
            log.info("member %s cannot be told about a grant: %s", place[1], sent.error or "no answer")

    async def _card(self, interaction: discord.Interaction[Any], member: int, grants: Sequence[_Grant]) -> Card:
        guild = guild_of(interaction)
        say = self._languages.to_other(interaction, member)
        balance = await self._ledger.balance(guild, member)
        facts = {
            "guild": plain(name_of(interaction.guild) if interaction.guild else str(guild)),
            "by": f"<@{interaction.user.id}>",
            "amount": show(sum(grant.amount_mcr for grant in grants)),
            "balance": show(balance.available_mcr),
        }
        reasons = dict.fromkeys(quoted(grant.reason) for grant in grants if grant.reason)
        return Card("\n".join((say("letter-granted", **facts), *reasons)))


async def _send(interaction: discord.Interaction[Any], member: int, card: Card) -> int:
    channel = await interaction.client.create_dm(discord.Object(member))
    return (await channel.send(**calls.message_fields(card), nonce=f"g{interaction.id}")).id
