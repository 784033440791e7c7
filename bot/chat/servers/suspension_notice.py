"""Tells admins, after they have used a command, that the operator has suspended their server, and why."""

import logging
from typing import Any

import discord

from bot.chat.cards.card import Card
from bot.chat.discord.responses import Responder, reply_privately
from bot.chat.texts import wording
from bot.errors import EaselError, GuildSuspended
from bot.policy.policy import Policy

ADMIN_GROUP = "easel-admin"

log = logging.getLogger(__name__)


class SuspensionNotice:
    """Shows the notice."""

    def __init__(self, policy: Policy, responder: Responder) -> None:
        self._policy = policy
        self._responder = responder

    async def show_after(self, interaction: discord.Interaction[Any]) -> None:
        """Show the reason after an `/easel-admin` command, unless the command opened a form."""
        command = interaction.command
        if interaction.guild_id is None or command is None or not command.qualified_name.startswith(ADMIN_GROUP):
            return
        if interaction.response.type is discord.InteractionResponseType.modal:
            return
        try:
            because = (await self._policy.of_guild(interaction.guild_id)).suspended
        except EaselError as error:
            log.warning("cannot tell whether guild %s is suspended: %s", interaction.guild_id, error)
            return
        if because is None:
            return
        say = self._responder.speech(interaction)
        told = wording.failure(GuildSuspended(because=because).failure, say, ordered=False)
        await reply_privately(interaction, Card(told), as_follow_up=True)
