"""`/balance`: a member's credits and their latest changes."""

from typing import Any

import discord

from bot.chat.cards.card import Card
from bot.chat.cards.line_embed import line_embed
from bot.chat.discord.responses import Responder
from bot.chat.texts import wording
from bot.chat.texts.escaping import plain
from bot.chat.texts.loader import Speech
from bot.ledger.accounts import Ledger
from bot.ledger.balances import Entry, TransferKind
from bot.money import show

LISTED_ENTRIES = 5
READ_ENTRIES = 4 * LISTED_ENTRIES
"""More than are listed, because entries that leave the balance unchanged are dropped: captures of a whole hold."""

LISTED_GUILDS = 20
REASON_CHARACTERS = 60


class BalanceReply:
    """Builds the reply to `/balance`."""

    def __init__(self, ledger: Ledger, responder: Responder) -> None:
        self._ledger = ledger
        self._responder = responder

    async def balance(self, interaction: discord.Interaction[Any]) -> Card:
        """Show a member's balance in this guild; in a direct message, in each of their guilds."""
        say, member = self._responder.speech(interaction), interaction.user.id
        if interaction.guild_id is None:
            lines = await self._in_each_guild(interaction, say)
            return Card(embed=line_embed(lines, say)) if lines else Card(say("balance-none"))
        balance = await self._ledger.balance(interaction.guild_id, member)
        entries = await self._ledger.statement(interaction.guild_id, member, limit=READ_ENTRIES)
        moved = [entry for entry in entries if entry.available_mcr][:LISTED_ENTRIES]
        amounts = {
            "available": show(balance.available_mcr),
            "held": show(balance.held_mcr),
            "spent": show(balance.spent_mcr),
        }
        return Card(embed=line_embed([say("balance", **amounts), *(_entry(entry, say) for entry in moved)], say))

    async def _in_each_guild(self, interaction: discord.Interaction[Any], say: Speech) -> list[str]:
        lines: list[str] = []
        for guild, balance in await self._ledger.balances_of_member(interaction.user.id, limit=LISTED_GUILDS):
            known = interaction.client.get_guild(guild)
            amounts = {"available": show(balance.available_mcr), "held": show(balance.held_mcr)}
            lines.append(say("balance-in", guild=plain(known.name if known else str(guild)), **amounts))
        return lines


def _entry(entry: Entry, say: Speech) -> str:
    gained = entry.available_mcr >= 0
    return say(
        "entry-in" if gained else "entry-out",
        amount=show(abs(entry.available_mcr)),
        when=wording.relative(entry.at_ms),
        reason=plain(_reason(entry), REASON_CHARACTERS) or say("entry-returned"),
    )


def _reason(entry: Entry) -> str:
    """Return the reason of an entry; for a hold, the name of its model without the owner."""
    return entry.reason.rpartition("/")[2] if entry.kind is TransferKind.PENDING else entry.reason
