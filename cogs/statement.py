"""`/statement`, and the statements in `/easel-admin` and `/easel-ops`: where credits came from and where they went."""

from collections.abc import Collection
from typing import Any, cast

import discord
from discord import app_commands
from discord.ext import commands

from bot.chat.credits.statement_replies import AskedPeriod, StatementReplies
from bot.chat.discord.command_facts import AnyCommand, Topic, declare
from bot.chat.discord.responses import Responder
from bot.errors import NotAllowed
from bot.ledger.periods import NamedPeriod

DATE_CHARACTERS = 10

PERIODS = [
    app_commands.Choice(name="This month", value=NamedPeriod.THIS_MONTH.value),
    app_commands.Choice(name="Last month", value=NamedPeriod.LAST_MONTH.value),
    app_commands.Choice(name="Last 7 days", value=NamedPeriod.LAST_7_DAYS.value),
    app_commands.Choice(name="Last 30 days", value=NamedPeriod.LAST_30_DAYS.value),
]
PERIOD_OPTIONS = {
    "period": "Days to show; this month if you leave it out",
    "since": "First day, for example 2026-11-03",
    "until": "Last day, for example 2026-11-30",
}

Date = app_commands.Range[str, 1, DATE_CHARACTERS]


class StatementCommand(commands.Cog):
    """The `/statement` command."""

    def __init__(self, responder: Responder, replies: StatementReplies) -> None:
        self._responder = responder
        self._replies = replies

    @app_commands.command(extras=declare(Topic.CREDITS))
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=False)
    @app_commands.describe(**PERIOD_OPTIONS)
    @app_commands.choices(period=PERIODS)
    async def statement(
        self,
        interaction: discord.Interaction[Any],
        period: str | None = None,
        since: Date | None = None,
        until: Date | None = None,
    ) -> None:
        """Show where your credits came from and went, with a chart and a CSV file."""
        asked = AskedPeriod(period, since, until)
        await self._responder.privately(interaction, self._replies.of_member(interaction, asked))


def server_statement(responder: Responder, replies: StatementReplies) -> AnyCommand:
    """Return the command `/easel-admin statement`."""

    @app_commands.command(name="statement", extras=declare(Topic.MODERATORS))
    @app_commands.describe(**PERIOD_OPTIONS)
    @app_commands.choices(period=PERIODS)
    async def statement(
        interaction: discord.Interaction[Any],
        period: str | None = None,
        since: Date | None = None,
        until: Date | None = None,
    ) -> None:
        """Show where this server's credits came from and went, with a chart and a CSV file."""
        if not interaction.permissions.manage_guild:
            raise NotAllowed(rule="manage-server")
        await responder.privately(interaction, replies.of_guild(interaction, AskedPeriod(period, since, until)))

    return cast("AnyCommand", statement)


def operator_statement(responder: Responder, replies: StatementReplies, operators: Collection[int]) -> AnyCommand:
    """Return the command `/easel-ops statement`."""

    @app_commands.command(name="statement")
    @app_commands.describe(**PERIOD_OPTIONS)
    @app_commands.choices(period=PERIODS)
    async def statement(
        interaction: discord.Interaction[Any],
        period: str | None = None,
        since: Date | None = None,
        until: Date | None = None,
    ) -> None:
        """Show where the credits of all servers came from and went, with a chart and a CSV file."""
        if interaction.user.id not in operators:
            raise NotAllowed(rule="operators-only")
        await responder.privately(interaction, replies.of_all_guilds(interaction, AskedPeriod(period, since, until)))

    return cast("AnyCommand", statement)
