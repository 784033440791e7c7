"""Tells members by direct message about credits given to them or taken back: only the admin sees the command's answer.

Grants in quick succession are combined into one message, and messages are sent one after another, so that a round of
grants does not cause a flood. Messages that are still due when the bot stops are sent at once. A member whose direct
messages are closed, or who was not told because the bot was killed, finds the entry in `/balance`.
"""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import discord

from bot.chat.cards.card import Card
from bot.chat.discord import calls
from bot.chat.discord.calls import CallOutcome
from bot.chat.discord.interactions import guild_of, name_of
from bot.chat.texts.escaping import plain, quoted
from bot.chat.texts.languages import Languages
from bot.clock import Clock
from bot.errors import EaselError
from bot.ledger.accounts import Ledger
from bot.money import show

TOGETHER_S = 3.0
"""Grants to the same member within this time are combined into one message."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Grant:
    """A grant to announce, or credits that were taken back."""

    amount_mcr: int
    reason: str


class _News(StrEnum):
    """The ways in which a member's credits changed. The values are the keys of the texts."""

    GRANTED = "letter-granted"
    REVOKED = "letter-revoked"


class GrantMessages:
    """Sends the messages about grants. They are an extra: one that cannot be sent is only logged."""

    def __init__(self, ledger: Ledger, languages: Languages, clock: Clock) -> None:
        self._ledger = ledger
        self._languages = languages
        self._clock = clock
        self._untold: dict[tuple[_News, int, int], list[_Grant]] = {}
        self._one_at_a_time = asyncio.Lock()
        self._stopping = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()

    def granted(self, interaction: discord.Interaction[Any], member: int, amount: int, reason: str) -> None:
        """Announce a grant soon, together with those that follow. Grants to oneself are not announced."""
        self._add(interaction, _News.GRANTED, member, _Grant(amount, reason))

    def revoked(self, interaction: discord.Interaction[Any], member: int, amount: int, reason: str) -> None:
        """Announce soon that credits were taken back, in the same way as a grant."""
        self._add(interaction, _News.REVOKED, member, _Grant(amount, reason))

    def _add(self, interaction: discord.Interaction[Any], news: _News, member: int, grant: _Grant) -> None:
        if member == interaction.user.id:
            return
        grants = self._untold.setdefault((news, guild_of(interaction), member), [])
        grants.append(grant)
        if len(grants) == 1:
            task = asyncio.create_task(self._tell(interaction, news, member))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def finish(self) -> None:
        """Send all pending announcements at once; called before the client closes."""
        self._stopping.set()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=calls.CALL_S)

    async def _tell(self, interaction: discord.Interaction[Any], news: _News, member: int) -> None:
        await self._pause()
        grants = self._untold.pop((news, guild_of(interaction), member))
        try:
            card = await self._card(interaction, news, member, grants)
        except EaselError as error:
            log.info("member %s cannot be told about a grant: %s", member, error)
            return
        async with self._one_at_a_time:
            sent = await calls.attempt(_send(interaction, member, card))
        if sent.outcome is not CallOutcome.ACCEPTED:
            log.info("member %s cannot be told about a grant: %s", member, sent.error or "no answer")

    async def _pause(self) -> None:
        """Wait for further grants, or until the bot stops."""
        ends = [asyncio.ensure_future(self._clock.sleep(TOGETHER_S)), asyncio.ensure_future(self._stopping.wait())]
        try:
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for end in ends:
                end.cancel()

    async def _card(
        self, interaction: discord.Interaction[Any], news: _News, member: int, grants: Sequence[_Grant]
    ) -> Card:
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
        return Card("\n".join((say(news, **facts), *reasons)))


async def _send(interaction: discord.Interaction[Any], member: int, card: Card) -> int:
    channel = await interaction.client.create_dm(discord.Object(member))
    return (await channel.send(**calls.message_fields(card), nonce=f"g{interaction.id}")).id
