"""Determines who pays for an order."""

from bot.guilds import guild_setting_rows
from bot.guilds.guild_settings import GuildSettings, Payer
from bot.storage.operation import Operation

POOL = 0
"""The payer of an order that a guild's pool pays for."""


def payer_in(settings: GuildSettings, member: int) -> int:
    """Return who pays for a member's orders: their id, or POOL."""
    return POOL if settings.payer is Payer.POOL else member


def payer_of(guild: int, member: int) -> Operation[int]:
    """Return who pays for a member's orders at this moment."""
    return payer_in((yield from guild_setting_rows.of_guild(guild)), member)
