"""Reads a guild's settings, and stores the answers from its setup as the individual commands would."""

from collections.abc import Mapping, Sequence
from typing import Any

import discord

from bot.calendar_periods import Every
from bot.chat.discord.credit_option import typed_mcr
from bot.chat.discord.interactions import guild_of
from bot.chat.discord.server_log import ServerLog
from bot.chat.servers.server_settings import log_refusal
from bot.chat.servers.setup_pages import SetupFacts
from bot.chat.texts.languages import OWN_NAMES
from bot.chat.texts.texts import Speech
from bot.errors import InvalidSetting
from bot.funding.allowances import How
from bot.funding.funding import Funding, RoleShare
from bot.guilds.guild_settings import Payer
from bot.guilds.guilds import Guilds
from bot.guilds.setup_steps import SetupStep
from bot.ledger.accounts import Ledger
from bot.policy.policy import Policy
from bot.policy.policy_records import Limit, LimitKind, RuleScope
from bot.policy.rule_book import RuleBook
from bot.preferences.preference_records import SAME_AS_DISCORD
from bot.preferences.preference_rows import GUILD
from bot.preferences.preferences import Preferences

ROLE, AMOUNT, EVERY, HOW = "role", "amount", "every", "how"
"""The names of the form fields."""

CADENCES = (Every.WEEK, Every.MONTH, Every.DAY)
"""The possible periods of an allowance or a budget, the most common one first."""


class SetupAnswers:
    """Reads and changes a guild's answers."""

    def __init__(
        self,
        guilds: Guilds,
        rule_book: RuleBook,
        policy: Policy,
        funding: Funding,
        preferences: Preferences,
        ledger: Ledger,
        server_log: ServerLog,
    ) -> None:
        self._guilds = guilds
        self._rule_book = rule_book
        self._policy = policy
        self._funding = funding
        self._preferences = preferences
        self._ledger = ledger
        self._server_log = server_log

    async def facts(self, guild: int) -> SetupFacts:
        """Return a guild's current answers."""
        return SetupFacts(
            await self._policy.of_guild(guild),
            await self._guilds.settings(guild),
            await self._funding.allowances(guild),
            self._preferences.language(guild, GUILD),
            (await self._ledger.pool(guild)).available_mcr,
        )

    async def choose(
        self, interaction: discord.Interaction[Any], step: SetupStep, values: Sequence[str], say: Speech
    ) -> str:
        """Store the choice in a menu; return the reason if it was not stored, or an empty string. Raises Refused."""
        guild, by = guild_of(interaction), interaction.user.id
        if step is SetupStep.CHANNELS:
            await self._rule_book.set_places(guild, map(int, values), by=by)
        elif step is SetupStep.PAYER and values[0] in set(Payer):
            await self._guilds.change(guild, by=by, payer=values[0])
        elif step is SetupStep.LANGUAGE and values[0] in {*OWN_NAMES, SAME_AS_DISCORD}:
            await self._preferences.set_for_guild(guild, by=by, language=values[0])
        elif step is SetupStep.LOG:
            refused = log_refusal(interaction, int(values[0]), say)
            if refused is not None:
                return refused
            await self._guilds.change(guild, by=by, log_channel=int(values[0]))
            self._server_log.wake()
        return ""

    async def fill_in(self, guild: int, step: SetupStep, values: Mapping[str, str], *, by: int) -> None:
        """Store the values of a form. Raises InvalidSetting for an invalid amount, and NotAllowed."""
        amount_mcr, every = typed_mcr(values.get(AMOUNT, "")), values.get(EVERY)
        if amount_mcr is None or every not in CADENCES:
            raise InvalidSetting(wrong="amount")
        if step is SetupStep.BUDGET:
            limit = Limit(LimitKind(every), RuleScope.SERVER, "", amount_mcr, shared=True)
            await self._rule_book.set_limit(guild, limit, by=by)
        elif step is SetupStep.ALLOWANCE:
            role = int(values.get(ROLE) or guild)  # the @everyone role has the id of the guild
            share = RoleShare(guild, role, amount_mcr, Every(every), How(values.get(HOW) or How.FILL))
            await self._funding.allow(share, by=by)
            self._server_log.wake()

    async def unset(self, guild: int, step: SetupStep, *, by: int) -> None:
        """Reset an answer to the default for a new guild. Raises NotFound if another admin was faster."""
        if step is SetupStep.CHANNELS:
            await self._rule_book.set_places(guild, (), by=by)
        elif step is SetupStep.LOG:
            await self._guilds.change(guild, by=by, log_channel=None)
        elif step is SetupStep.BUDGET:
            for limit in (await self.facts(guild)).budgets:
                await self._rule_book.remove_limit(guild, limit.number, by=by)
