"""Checks the permissions of people who use a command for moderators or admins.

Discord hides these commands from others, but admins can give anyone a command on the Integrations page.
"""

from typing import Any

import discord

from bot.errors import NotAllowed


def require_moderator(interaction: discord.Interaction[Any]) -> None:
    """Raise NotAllowed if the person lacks Manage Messages."""
    if not interaction.permissions.manage_messages:
        raise NotAllowed(rule="manage-messages")


def require_admin(interaction: discord.Interaction[Any]) -> None:
    """Raise NotAllowed if the person lacks Manage Server."""
    if not interaction.permissions.manage_guild:
        raise NotAllowed(rule="manage-server")
