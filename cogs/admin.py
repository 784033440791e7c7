"""`/easel-admin`: the settings and credits of a server, for its managers."""

from collections.abc import Sequence
from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.chat.cards.card import Card
from bot.chat.credits.credit_grants import CreditGrants
from bot.chat.credits.grant_messages import GrantMessages
from bot.chat.discord.command_facts import Topic, declare
from bot.chat.discord.credit_option import Credits, CreditsOrNone
from bot.chat.discord.permission_checks import require_admin
from bot.chat.discord.responses import Responder
from bot.chat.servers.server_settings import ServerSettings
from bot.errors import NotAllowed
from cogs.options import LANGUAGES, PAYERS, SubCommand, add_to_group

REASON_CHARACTERS = 200


@app_commands.default_permissions(manage_guild=True)
class Admin(
    commands.GroupCog,
    group_name="easel-admin",
    group_description="Commands for server admins",
    group_extras=declare(Topic.MODERATORS),
):
    """The `/easel-admin` commands: settings, and transfers between the server's pool and its members."""

    grants = app_commands.Group(name="credits", description="Manage the credits of this server's members")

    def __init__(
        self,
        responder: Responder,
        credit_grants: CreditGrants,
        direct_messages: GrantMessages,
        settings: ServerSettings,
        more: Sequence[SubCommand] = (),
        more_credits: Sequence[SubCommand] = (),
    ) -> None:
        """`more` and `more_credits` are commands of this group, and of its subgroup, that other files define."""
        self._responder = responder
        self._direct_messages = direct_messages
        self._credit_grants = credit_grants
        self._settings = settings
        add_to_group(self, more)
        add_to_group(self, more_credits, within="credits")

    @app_commands.command(name="settings")
    @app_commands.describe(
        confirm_above="Ask members before orders above this many credits, unless they set their own limit",
        language="Language of the messages that everyone here sees",
        log_channel="Channel for the moderators' log",
        pays="Whether each member pays for their orders, or the server's pool pays for all",
        gifts="Credits that each member may give to others per day; 0 turns gifts off",
        approve_above="Grants of more credits than this, or to oneself, need a second admin; 0 turns this off",
        reset="Reset all settings of this server first",
    )
    @app_commands.choices(language=LANGUAGES, pays=PAYERS)
    async def set_up(
        self,
        interaction: discord.Interaction[Any],
        confirm_above: app_commands.Transform[int, Credits] | None = None,
        language: str | None = None,
        log_channel: discord.TextChannel | None = None,
        pays: str | None = None,
        gifts: app_commands.Transform[int, CreditsOrNone] | None = None,
        approve_above: app_commands.Transform[int, CreditsOrNone] | None = None,
        reset: bool = False,
    ) -> None:
        """Change the settings for everyone in this server, or show them if you set no option."""
        require_admin(interaction)
        reply = self._settings.change(
            interaction,
            confirm_above_mcr=confirm_above,
            language=language,
            values={
                "log_channel": log_channel.id if log_channel else None,
                "payer": pays,
                "gifts_per_day_mcr": gifts,
                "approve_above_mcr": approve_above,
            },
            reset=reset,
        )
        await self._responder.privately(interaction, reply)

    @grants.command()
    @app_commands.describe(
        user="Who gets them", amount="Number of credits; decimals allowed", reason="Note for the ledger"
    )
    async def grant(
        self,
        interaction: discord.Interaction[Any],
        user: discord.User,
        amount: app_commands.Transform[int, Credits],
        reason: app_commands.Range[str, 1, REASON_CHARACTERS],
    ) -> None:
        """Give a member credits from the server's pool."""
        await self._responder.privately(interaction, self._granted(interaction, user, amount, reason))

    @grants.command()
    @app_commands.describe(
        user="Who loses them", amount="Number of credits; decimals allowed", reason="Note for the ledger"
    )
    async def revoke(
        self,
        interaction: discord.Interaction[Any],
        user: discord.User,
        amount: app_commands.Transform[int, Credits],
        reason: app_commands.Range[str, 1, REASON_CHARACTERS],
    ) -> None:
        """Move a member's credits back into the server's pool."""
        await self._responder.privately(interaction, self._revoked(interaction, user, amount, reason))

    async def _granted(
        self, interaction: discord.Interaction[Any], user: discord.User | discord.Member, amount: int, reason: str
    ) -> Card:
        require_admin(interaction)
        if user.bot:
            raise NotAllowed(rule="no-bots")
        card, given = await self._credit_grants.grant(interaction, user.id, amount, reason)
        if given:
            self._direct_messages.granted(interaction, user.id, amount, reason)
        return card

    async def _revoked(
        self, interaction: discord.Interaction[Any], user: discord.User | discord.Member, amount: int, reason: str
    ) -> Card:
        require_admin(interaction)
        card, taken = await self._credit_grants.revoke(interaction, user.id, amount, reason)
        if taken:
            self._direct_messages.revoked(interaction, user.id, amount, reason)
        return card
