"""Grants that are waiting for a second admin: their cards in the log channel, and the buttons on them."""

from typing import Any

import discord

from bot.chat.cards.card import Card, CardButton, Verb
from bot.chat.cards.custom_ids import CustomId
from bot.chat.credits.grant_messages import GrantMessages
from bot.chat.discord.interactions import guild_of
from bot.chat.discord.permission_checks import require_admin
from bot.chat.discord.responses import Responder, replace_message
from bot.chat.texts.escaping import quoted
from bot.chat.texts.texts import Speech
from bot.errors import NotFound
from bot.funding.funding import Funding
from bot.funding.grant_rows import GrantState, WaitingGrant
from bot.guilds.log_entries import LogEntry
from bot.money import show


class GrantApprovals:
    """Handles Approve and Deny on the card of a waiting grant."""

    def __init__(self, funding: Funding, responder: Responder, direct_messages: GrantMessages) -> None:
        self._funding = funding
        self._responder = responder
        self._direct_messages = direct_messages

    async def pressed(self, interaction: discord.Interaction[Any], pressed: CustomId) -> None:
        """Approve or deny a grant. Raises NotAllowed and NotFound."""
        require_admin(interaction)
        number = pressed.source_number
        if number is None:
            raise NotFound(what="grant", name=pressed.source)
        approved = pressed.verb is Verb.GRANT
        found, decided = await self._funding.decide(
            guild_of(interaction), number, by=interaction.user.id, approved=approved
        )
        grant = found.grant
        if decided and approved:
            self._direct_messages.granted(interaction, grant.member, grant.amount_mcr, grant.reason)
        await replace_message(interaction, decided_card(found, self._responder.public_speech(interaction)))


def grant_card(entry: LogEntry, say: Speech) -> Card:
    """Return the card of a grant from its log entry: with buttons while it is waiting."""
    facts = {name: entry.facts[name] for name in ("asker", "member", "amount")}
    reason = quoted(str(entry.facts["reason"]))
    if "state" in entry.facts:
        decision = {name: entry.facts[name] for name in ("by", "state")}
        return Card(f"{say('grant-decided', **facts, **decision)}\n{reason}")
    buttons = (
        CardButton(Verb.GRANT, entry.subject, say("approve-button")),
        CardButton(Verb.UNGRANT, entry.subject, say("deny-button")),
    )
    expires_at = entry.facts["expires_at"]
    return Card(f"{say('log-grant-waits', **facts, expires_at=expires_at)}\n{reason}", buttons=buttons)


def decided_card(found: WaitingGrant, say: Speech) -> Card:
    """Return the card of a grant after a decision: its state, and who decided."""
    grant = found.grant
    facts = {
        "asker": str(grant.actor),
        "member": str(grant.member),
        "amount": show(grant.amount_mcr),
        "by": str(found.decider),
        "state": "waiting" if found.state is GrantState.WAITING else found.state.value,
    }
    return Card(f"{say('grant-decided', **facts)}\n{quoted(grant.reason)}")
