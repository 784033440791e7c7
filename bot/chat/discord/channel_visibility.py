"""Finds out whether the person behind an interaction can see another channel of the guild."""

import logging

import discord

from bot.chat.discord import calls

ASK_S = 1.0
"""How long Discord may take to describe a channel. Its own limit for answering the interaction is 3 s."""

Place = discord.abc.GuildChannel | discord.Thread

log = logging.getLogger(__name__)


async def sees_channel(interaction: discord.Interaction, channel: int) -> bool:
    """Return whether this person can see a channel of the interaction's guild, and read what was posted there before.

    Their current roles decide. Seen from another channel, a private thread counts as hidden unless the person can
    manage threads, because Discord does not tell the bot who is in it.
    """
    if channel == interaction.channel_id:
        return interaction.permissions.view_channel
    guild, member = interaction.guild, interaction.user
    # Without the guild's roles, as during its outage, nobody's permissions can be computed.
    if guild is None or guild.unavailable or not isinstance(member, discord.Member):
        return False
    place = guild.get_channel_or_thread(channel) or await _archived_thread(interaction, channel)
    if place is None or (isinstance(place, discord.Thread) and place.parent is None):
        return False
    granted = place.permissions_for(member)
    hidden = isinstance(place, discord.Thread) and place.is_private() and not granted.manage_threads
    return granted.view_channel and granted.read_message_history and not hidden


async def _archived_thread(interaction: discord.Interaction, channel: int) -> Place | None:
    """Ask Discord about a thread that is not active, which discord.py does not know; None if there is none."""
    try:
        found = await calls.with_timeout(interaction.client.fetch_channel(channel), ASK_S)
    except (*calls.CALL_ERRORS, discord.InvalidData) as error:
        log.info("channel %s cannot be found: %s", channel, error or type(error).__name__)
        return None
    here = isinstance(found, discord.Thread) and found.guild.id == interaction.guild_id
    return found if isinstance(found, discord.Thread) and here else None
