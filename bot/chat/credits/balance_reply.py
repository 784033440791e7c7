"""`/balance`: a member's credits and their latest changes."""

from typing import Any

import discord

from bot.chat.cards.card import Card
from bot.chat.cards.line_embed import line_embed
from bot.chat.credits.purchase_replies import PurchaseReplies
from bot.chat.discord.interactions import recipient
from bot.chat.discord.responses import Responder
from bot.chat.discord.server_names import ServerNames
from bot.chat.texts import wording
from bot.chat.texts.allowance_texts import shares_said
from bot.chat.texts.escaping import plain
from bot.chat.texts.texts import Speech
from bot.chat.texts.wording import NONE
from bot.funding.wallets import Wallets
from bot.jobs.job_lines import JobLine
from bot.jobs.jobs import Jobs
from bot.jobs.records import State
from bot.jobs.waits import WaitReason
from bot.ledger.accounts import Ledger
from bot.ledger.ledger_records import Entry, TransferKind
from bot.money import show

LISTED_ENTRIES = 5
CAUSES = {"alw": "entry-alw", "gift": "entry-gift"}
"""Texts for transfers for which no person gave a reason, by the first part of a transfer's key."""

READ_ENTRIES = 4 * LISTED_ENTRIES
"""More entries are read than listed: captures of a whole hold leave the balance unchanged and are dropped."""

LISTED_GUILDS = 20
REASON_CHARACTERS = 60
TITLE_CHARACTERS = 40


class BalanceReply:
    """Builds the reply to `/balance`."""

    def __init__(
        self,
        ledger: Ledger,
        wallets: Wallets,
        jobs: Jobs,
        responder: Responder,
        sales: PurchaseReplies,
        server_names: ServerNames,
    ) -> None:
        self._server_names = server_names
        self._ledger = ledger
        self._wallets = wallets
        self._jobs = jobs
        self._responder = responder
        self._sales = sales

    async def balance(self, interaction: discord.Interaction[Any]) -> Card:
        """Draw a member's allowances and show their balance in this guild; in a direct message, in each guild."""
        say, member = self._responder.speech(interaction), interaction.user.id
        if interaction.guild_id is None:
            lines = await self._in_each_guild(interaction, say)
            return Card(embed=line_embed(lines, say)) if lines else Card(say("balance-none"))
        who = recipient(interaction)
        balance, drawn = await self._wallets.drawn(who)
        entries = await self._ledger.statement(interaction.guild_id, member, limit=READ_ENTRIES)
        moved = [entry for entry in entries if entry.available_mcr][:LISTED_ENTRIES]
        jobs = await self._jobs.lists.of_ids([entry.job for entry in moved if entry.job])
        amounts = {
            "available": show(balance.available_mcr),
            "held": show(balance.held_mcr),
            "spent": show(balance.spent_mcr),
        }
        lines = [_entry(entry, jobs.get(entry.job or ""), say) for entry in moved]
        head = [say("balance", **amounts), *shares_said(drawn, say, drawn=True)]
        pays = await self._wallets.of(who)
        if pays.is_pool:
            manages = interaction.permissions.manage_guild
            pool = say("balance-pool", available=show(pays.available_mcr) if manages else NONE)
            head = [pool, *(head if balance.available_mcr else ())]
        held = await self._waiting(interaction.guild_id, member, say)
        sold, buttons = await self._sales.offers(member, interaction.guild_id, say)
        return Card(embed=line_embed([*head, *held, *lines, *sold], say), buttons=buttons)

    async def _waiting(self, guild: int, member: int, say: Speech) -> list[str]:
        """List the orders whose credits are held until a moderator decides."""
        found = await self._jobs.of_member(guild, member, states={State.ACCEPTED, State.WAITING})
        waits = [one.job for one in found if one.wait is not None and one.wait.reason is WaitReason.APPROVAL]
        return [say("balance-approval", amount=show(job.held_mcr), id=job.short_id) for job in waits]

    async def _in_each_guild(self, interaction: discord.Interaction[Any], say: Speech) -> list[str]:
        lines: list[str] = []
        balances = await self._ledger.balances_of_member(interaction.user.id, limit=LISTED_GUILDS)
        names = await self._server_names.of(interaction.client, [guild for guild, _ in balances])
        for guild, balance in balances:
            amounts = {"available": show(balance.available_mcr), "held": show(balance.held_mcr)}
            lines.append(say("balance-in", guild=plain(names.get(guild, str(guild))), **amounts))
        return lines


def _entry(entry: Entry, of: JobLine | None, say: Speech) -> str:
    gained = entry.available_mcr >= 0
    reason = _caused(entry, say) or plain(_reason(entry), REASON_CHARACTERS) or say("entry-returned")
    return say(
        "entry-in" if gained else "entry-out",
        amount=show(abs(entry.available_mcr)),
        when=wording.relative(entry.at_ms),
        reason=f"{reason} · {_name(of)}" if of else reason,
    )


def _name(job: JobLine) -> str:
    """Return the short id of a job, and the beginning of its prompt or the name of its file."""
    words = job.words
    text = words.prompt or words.text or words.what or words.file
    return " · ".join((f"**{job.short_id}**", *([plain(text, TITLE_CHARACTERS)] if text else [])))


def _caused(entry: Entry, say: Speech) -> str:
    """Return what caused an entry, if it was not a person who gave a reason."""
    cause = entry.key.partition(":")[0]
    return say(CAUSES[cause]) if cause in CAUSES else ""


def _reason(entry: Entry) -> str:
    """Return the reason for an entry; for a hold, the name of its model without the owner."""
    return entry.reason.rpartition("/")[2] if entry.kind is TransferKind.PENDING else entry.reason
