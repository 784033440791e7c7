"""`/easel-mod approvals`: the rules about which orders wait for a moderator, and the orders that are waiting."""

from typing import Any

import discord
from discord import app_commands

from bot.chat.discord.command_facts import Topic, declare
from bot.chat.discord.credit_option import Credits
from bot.chat.discord.permission_checks import require_moderator
from bot.chat.discord.responses import Responder
from bot.chat.moderation.order_approvals import ApprovalReplies, OrderApprovals
from bot.chat.moderation.rule_replies import TargetOptions
from bot.chat.ordering.autocomplete import Autocomplete
from bot.policy.policy_records import ApprovalRule
from cogs.account import TASKS
from cogs.options import numbered_choices

Interaction = discord.Interaction[Any]


class ApprovalCommands(app_commands.Group):
    """The `/easel-mod approvals` commands."""

    def __init__(
        self, responder: Responder, replies: ApprovalReplies, orders: OrderApprovals, autocomplete: Autocomplete
    ) -> None:
        super().__init__(
            name="approvals", description="Orders that wait for a moderator", extras=declare(Topic.MODERATORS)
        )
        self._responder = responder
        self._replies = replies
        self._orders = orders
        self._autocomplete = autocomplete

    @app_commands.command()
    @app_commands.describe(
        above="Orders that cost more credits than this",
        model="This model only",
        task="This kind of task only",
        days="Members who joined less than this many days ago",
        jobs="Members with fewer finished jobs than this",
        flagged="Prompts that a word rule or AutoMod flags",
    )
    @app_commands.choices(task=TASKS)
    async def add(
        self,
        interaction: Interaction,
        above: app_commands.Transform[int, Credits] | None = None,
        model: str | None = None,
        task: str | None = None,
        days: app_commands.Range[int, 1, 3_650] | None = None,
        jobs: app_commands.Range[int, 1, 10_000] | None = None,
        flagged: bool = False,
    ) -> None:
        """Make orders wait for a moderator if they match all of these options."""
        require_moderator(interaction)
        rule = ApprovalRule(above_mcr=above, newer_than_days=days, fewer_than_jobs=jobs, flagged=flagged)
        reply = self._replies.add(interaction, TargetOptions(model, task), rule)
        await self._responder.privately(interaction, reply)

    @app_commands.command(name="list")
    async def list_rules(self, interaction: Interaction) -> None:
        """Show which orders have to wait, and which members are exempt."""
        require_moderator(interaction)
        await self._responder.privately(interaction, self._replies.rules(interaction))

    @app_commands.command()
    @app_commands.describe(number="Number of the rule, as the list shows it")
    async def remove(self, interaction: Interaction, number: app_commands.Range[int, 1, 1_000_000]) -> None:
        """Remove a rule."""
        require_moderator(interaction)
        await self._responder.privately(interaction, self._replies.remove(interaction, number))

    @app_commands.command()
    @app_commands.describe(user="Member whose orders are to wait again")
    async def revoke(self, interaction: Interaction, user: discord.User) -> None:
        """Make a member's orders wait for approval again."""
        require_moderator(interaction)
        await self._responder.privately(interaction, self._orders.revoke(interaction, user.id))

    @app_commands.command()
    async def waiting(self, interaction: Interaction) -> None:
        """Show the orders that wait, with buttons to decide."""
        require_moderator(interaction)
        await self._responder.privately(interaction, self._orders.waiting(interaction))

    @add.autocomplete("model")
    async def _models(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        return await self._autocomplete.every_model(interaction, typed)

    @remove.autocomplete("number")
    async def _rules(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[int]]:
        require_moderator(interaction)
        return numbered_choices(await self._replies.known(interaction, typed))
