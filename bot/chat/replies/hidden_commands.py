"""Finds out whether Discord hides a command from someone. Easel is not told when a hidden command is attempted."""

from collections.abc import Callable, Iterable
from typing import Any

import discord

from bot.chat.discord.command_permissions import CommandPermissions, HiddenBy, Viewer
from bot.chat.discord.interactions import guild_of, of_person

Person = discord.User | discord.Member


class HiddenCommands:
    """Finds out which commands are hidden from whom."""

    def __init__(self, permissions: CommandPermissions, id_of: Callable[[str], int | None]) -> None:
        """`id_of` returns the id that Discord has given to a command."""
        self._permissions = permissions
        self._id_of = id_of

    async def hides(
        self, interaction: discord.Interaction[Any], who: Person, command: str, *, shown: int, channel: int
    ) -> HiddenBy | None:
        """Return the reason why a command is hidden from a member; None if it is visible, or if Discord does not say.

        `shown` is the place that the question is about; `channel` is the same place, or the parent if it is a thread.
        """
        granted = _granted(interaction, who, shown)
        if granted.administrator:
            return None
        if not granted.use_application_commands:
            return HiddenBy.PERMISSION
        number = self._id_of(command)
        if number is None:
            return None
        viewer = Viewer(guild_of(interaction), who.id, of_person(who)["roles"], channel)
        return await self._permissions.hides(viewer, number)

    async def hidden_channels(self, guild: int, channels: Iterable[int], command: str) -> tuple[int, ...]:
        """Return the channels in which a command is hidden from members without a role."""
        number = self._id_of(command)
        return () if number is None else await self._permissions.hidden_channels(guild, channels, number)


def _granted(interaction: discord.Interaction[Any], who: Person, shown: int) -> discord.Permissions:
    """Return someone's permissions in a place; if those are unknown, only the permission to use commands."""
    if who == interaction.user and shown == interaction.channel_id:
        return interaction.permissions
    place = interaction.guild.get_channel_or_thread(shown) if interaction.guild else None
    orphan = isinstance(place, discord.Thread) and place.parent is None
    if isinstance(who, discord.Member) and place is not None and not orphan and not who.guild.unavailable:
        return place.permissions_for(who)
    return discord.Permissions(use_application_commands=True)
