"""`/easel-admin setup` and `doctor`: help for the people who look after a new server."""

from collections.abc import Sequence
from typing import Any, cast

import discord
from discord import app_commands

from bot.chat.discord.command_facts import AnyCommand, Topic, declare
from bot.chat.discord.responses import Responder
from bot.chat.servers.server_doctor import ServerDoctor
from bot.chat.servers.setup_wizard import SetupWizard


def setup_commands(responder: Responder, wizard: SetupWizard, doctor: ServerDoctor) -> Sequence[AnyCommand]:
    """Return the commands of `/easel-admin` that this file adds."""

    @app_commands.command(name="setup", extras=declare(Topic.MODERATORS))
    async def set_up(interaction: discord.Interaction[Any]) -> None:
        """Set up Easel for this server, one question at a time; continue where the last admin stopped."""
        await responder.privately(interaction, wizard.open(interaction))

    @app_commands.command(name="doctor", extras=declare(Topic.MODERATORS))
    async def examine(interaction: discord.Interaction[Any]) -> None:
        """Check permissions, channels, credits and rules here, and read how to fix what is wrong."""
        await responder.privately(interaction, doctor.examine(interaction))

    return cast("AnyCommand", set_up), cast("AnyCommand", examine)
