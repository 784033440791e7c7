"""Replies to the commands with which admins and moderators give credits away: allowances and the purse."""

from typing import Any

import discord

from bot.calendar_periods import Every
from bot.chat.cards.card import Card
from bot.chat.cards.line_embed import line_embed
from bot.chat.credits.grant_messages import GrantMessages
from bot.chat.discord.interactions import guild_of
from bot.chat.discord.mention_names import MentionNames
from bot.chat.discord.permission_checks import require_admin, require_moderator
from bot.chat.discord.responses import Responder
from bot.chat.discord.server_log import ServerLog
from bot.chat.texts.escaping import plain
from bot.chat.texts.texts import Speech
from bot.errors import InsufficientCredit, NotAllowed
from bot.funding.allowances import Allowance, How
from bot.funding.funding import Funding, RoleShare
from bot.funding.purse_rows import Grant, Purse
from bot.money import show

REASON_CHARACTERS = 60


class FundingReplies:
    """Changes and shows the allowances of roles and the moderators' purse."""

    def __init__(
        self,
        funding: Funding,
        responder: Responder,
        server_log: ServerLog,
        direct_messages: GrantMessages,
        names: MentionNames,
    ) -> None:
        self._funding = funding
        self._responder = responder
        self._server_log = server_log
        self._direct_messages = direct_messages
        self._names = names

    async def allow(self, interaction: discord.Interaction[Any], share: RoleShare) -> Card:
        """Set a role's allowance."""
        require_admin(interaction)
        rule = await self._funding.allow(share, by=interaction.user.id)
        self._server_log.wake()
        say = self._responder.speech(interaction)
        return Card(say("allowance-set", rule=allowance_text(rule, say)))

    async def disallow(self, interaction: discord.Interaction[Any], number: int) -> Card:
        """Remove an allowance. Raises NotFound."""
        require_admin(interaction)
        rule = await self._funding.disallow(guild_of(interaction), number, by=interaction.user.id)
        self._server_log.wake()
        say = self._responder.speech(interaction)
        return Card(say("allowance-removed", rule=allowance_text(rule, say)))

    async def allowances(self, interaction: discord.Interaction[Any]) -> Card:
        """List the allowances of a guild."""
        require_admin(interaction)
        say = self._responder.speech(interaction)
        rules = await self._funding.allowances(guild_of(interaction))
        if not rules:
            return Card(say("allowance-none"))
        lines = [f"**{rule.id}** · {allowance_text(rule, say)}" for rule in rules]
        return Card(say("allowance-head"), line_embed(lines, say))

    async def known_allowances(self, interaction: discord.Interaction[Any], typed: str) -> list[tuple[str, int]]:
        """Return the allowances that contain what was typed, for suggestions."""
        require_admin(interaction)
        say, rules = self._responder.speech(interaction), await self._funding.allowances(guild_of(interaction))
        numbered = [(f"{rule.id} · {allowance_text(rule, say)}", rule.id) for rule in rules]
        return await self._names.suggestions(interaction, numbered, typed)

    async def purse(
        self, interaction: discord.Interaction[Any], amount_mcr: int | None, every: Every, *, remove: bool
    ) -> Card:
        """Set, remove or show the moderators' purse."""
        require_admin(interaction)
        guild = guild_of(interaction)
        if remove or amount_mcr is not None:
            purse = None if remove or amount_mcr is None else Purse(amount_mcr, every)
            await self._funding.set_purse(guild, purse, by=interaction.user.id)
        say, found = self._responder.speech(interaction), await self._funding.purse(guild)
        if found is None:
            return Card(say("purse-none"))
        facts = {"amount": show(found[0].amount_mcr), "every": found[0].every.value, "left": show(found[1])}
        return Card(say("purse-is", **facts))

    async def grant_from_purse(
        self, interaction: discord.Interaction[Any], user: discord.User | discord.Member, amount: int, reason: str
    ) -> Card:
        """Give a member credits from the purse. Raises NotAllowed, NotFound and GivingLimitReached."""
        require_moderator(interaction)
        if user.bot:
            raise NotAllowed(rule="no-bots")
        guild, say = guild_of(interaction), self._responder.speech(interaction)
        grant = Grant(interaction.id, guild, user.id, amount, interaction.user.id, reason)
        try:
            await self._funding.grant_from_purse(grant)
        except InsufficientCredit as error:
            return Card(say("pool-short", available=show(int(error.facts["available_mcr"]))))
        self._direct_messages.granted(interaction, user.id, amount, reason)
        found = await self._funding.purse(guild)
        left = show(found[1] if found else 0)
        return Card(say("purse-granted", amount=show(amount), member=f"<@{user.id}>", left=left))


def allowance_text(rule: Allowance, say: Speech) -> str:
    """Return an allowance in words."""
    text = say(
        "allowance-rule",
        role=f"<@&{rule.role}>",
        amount=show(rule.amount_mcr),
        every=rule.every.value,
        how="fill" if rule.how is How.FILL else "add",
    )
    return f"{text} · {plain(rule.reason, REASON_CHARACTERS)}" if rule.reason else text
