"""`/easel-admin setup` and `doctor`: help for whoever looks after a new server."""

from collections.abc import Sequence
from typing import Any, cast

import discord
from discord import app_commands

from bot.chat.discord.command_facts import AnyCommand, Topic, declare
from bot.chat.discord.responses import Responder
from bot.chat.replies.setup_wizard import SetupWizard


def setup_commands(responder: Responder, wizard: SetupWizard) -> Sequence[AnyCommand]:
    """Return the commands of `/easel-admin` that this file adds."""

    @app_commands.command(name="setup", extras=declare(Topic.MODERATORS))
    async def set_up(interaction: discord.Interaction[Any]) -> None:
        """Set up Easel for this server, one question at a time; go on where the last admin stopped."""
        await responder.privately(interaction, wizard.open(interaction))

    return (cast("AnyCommand", set_up),)
