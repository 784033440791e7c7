"""`/gift`, and the commands of admins and moderators that give credits away according to a rule or from a budget."""

from typing import Any, cast

import discord
from discord import app_commands
from discord.ext import commands

from bot.calendar_periods import Every
from bot.chat.credits.funding_replies import FundingReplies
from bot.chat.credits.gifts import Gifts
from bot.chat.discord.command_facts import AnyCommand, Topic, declare
from bot.chat.discord.credit_option import Credits
from bot.chat.discord.interactions import guild_of
from bot.chat.discord.responses import Responder
from bot.funding.allowances import How
from bot.funding.funding import RoleShare
from cogs.options import numbered_choices

NOTE_CHARACTERS = 200

EACH = "each-"
"""The prefix of the values below, because other commands have choices with the values day, week and month."""

EVERY = [
    app_commands.Choice(name="Day", value=f"{EACH}{Every.DAY}"),
    app_commands.Choice(name="Week", value=f"{EACH}{Every.WEEK}"),
    app_commands.Choice(name="Month", value=f"{EACH}{Every.MONTH}"),
]
HOW = [
    app_commands.Choice(name="Fill up to the amount", value=How.FILL.value),
    app_commands.Choice(name="Add the amount", value=How.ADD.value),
]

Amount = app_commands.Transform[int, Credits]
Note = app_commands.Range[str, 1, NOTE_CHARACTERS]
Interaction = discord.Interaction[Any]


class GiftCommand(commands.Cog):
    """The `/gift` command."""

    def __init__(self, responder: Responder, gifts: Gifts) -> None:
        self._responder = responder
        self._gifts = gifts

    @app_commands.command(extras=declare(Topic.CREDITS))
    @app_commands.describe(
        user="Who gets them", amount="Number of credits; decimals allowed", note="A message for the recipient"
    )
    async def gift(self, interaction: Interaction, user: discord.User, amount: Amount, note: Note = "") -> None:
        """Give some of your credits to another member."""
        await self._responder.privately(interaction, self._gifts.ask(interaction, user, amount, note))


class AllowanceCommands(app_commands.Group):
    """The `/easel-admin allowance` commands."""

    def __init__(self, responder: Responder, replies: FundingReplies) -> None:
        super().__init__(name="allowance", description="Credits that members with a role get from the server's pool")
        self._responder = responder
        self._replies = replies

    @app_commands.command()
    @app_commands.describe(
        role="Role whose members get it",
        amount="Number of credits; decimals allowed",
        every="How often",
        how="Whether to add the amount, or only what is missing to reach it",
    )
    @app_commands.choices(every=EVERY, how=HOW)
    async def add(self, interaction: Interaction, role: discord.Role, amount: Amount, every: str, how: str) -> None:
        """Give members with a role credits each day, week or month, when they next use Easel."""
        share = RoleShare(guild_of(interaction), role.id, amount, _every(every), How(how))
        await self._responder.privately(interaction, self._replies.allow(interaction, share))

    @app_commands.command(name="list")
    async def list_all(self, interaction: Interaction) -> None:
        """Show the allowances of this server."""
        await self._responder.privately(interaction, self._replies.allowances(interaction))

    @app_commands.command()
    @app_commands.describe(number="Its number in the list")
    async def remove(self, interaction: Interaction, number: app_commands.Range[int, 1, 1_000_000_000]) -> None:
        """End an allowance; members keep what they have."""
        await self._responder.privately(interaction, self._replies.disallow(interaction, number))

    @remove.autocomplete("number")
    async def _known(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[int]]:
        return numbered_choices(await self._replies.known_allowances(interaction, typed))


def grant_to_role(responder: Responder, replies: FundingReplies) -> AnyCommand:
    """Return the command `/easel-admin credits grant-role`."""

    @app_commands.command(name="grant-role")
    @app_commands.describe(
        role="Role whose members get it",
        amount="Number of credits for each; decimals allowed",
        reason="Note for the ledger",
    )
    async def grant_role(interaction: Interaction, role: discord.Role, amount: Amount, reason: Note) -> None:
        """Give credits once to each member with a role, when they next use Easel."""
        share = RoleShare(guild_of(interaction), role.id, amount, Every.ONCE, How.ADD, reason)
        await responder.privately(interaction, replies.allow(interaction, share))

    return cast("AnyCommand", grant_role)


def moderators_purse(responder: Responder, replies: FundingReplies) -> AnyCommand:
    """Return the command `/easel-admin purse`."""

    @app_commands.command(name="purse")
    @app_commands.describe(
        amount="Credits that all moderators together may grant in a period",
        every="The period; a month if you leave it out",
        remove="Take the purse away",
    )
    @app_commands.choices(every=EVERY)
    async def purse(
        interaction: Interaction, amount: Amount | None = None, every: str = EACH + Every.MONTH, remove: bool = False
    ) -> None:
        """Let moderators grant credits from the pool within a budget, or show that budget."""
        await responder.privately(interaction, replies.purse(interaction, amount, _every(every), remove=remove))

    return cast("AnyCommand", purse)


def grant_from_purse(responder: Responder, replies: FundingReplies) -> AnyCommand:
    """Return the command `/easel-mod grant`."""

    @app_commands.command(name="grant")
    @app_commands.describe(
        user="Who gets them", amount="Number of credits; decimals allowed", reason="Note for the ledger"
    )
    async def grant(interaction: Interaction, user: discord.User, amount: Amount, reason: Note) -> None:
        """Give a member credits from the moderators' purse."""
        await responder.privately(interaction, replies.grant_from_purse(interaction, user, amount, reason))

    return cast("AnyCommand", grant)


def _every(chosen: str) -> Every:
    return Every(chosen.removeprefix(EACH))
