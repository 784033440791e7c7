"""The settings of a guild. They apply to everyone in it; what a member may override is a preference."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import StrEnum


class Payer(StrEnum):
    """Who pays for the orders of a guild's members."""

    MEMBER = "member"
    """Each member, from their own balance."""
    POOL = "pool"
    """The guild's pool: members spend its credits within their limits."""


@dataclass(frozen=True, slots=True)
class GuildSettings:
    """A guild's settings. `log_channel` is the id of the channel for its moderators' log; None if there is none.

    `gifts_per_day_mcr` is what a member may give to others per day; 0 if gifts are off. Grants of more than
    `approve_above_mcr`, and any that admins make to themselves, wait for a second admin; None if no grants wait.
    """

    log_channel: int | None = None
    payer: Payer = Payer.MEMBER
    gifts_per_day_mcr: int = 0
    approve_above_mcr: int | None = None


NAMES = tuple(field.name for field in fields(GuildSettings))


def parsed(stored: Mapping[str, str]) -> GuildSettings:
    """Build a guild's settings from their stored texts, by name."""
    channel = stored.get("log_channel")
    return GuildSettings(
        log_channel=int(channel) if channel else None,
        payer=Payer(stored.get("payer", Payer.MEMBER)),
        gifts_per_day_mcr=int(stored.get("gifts_per_day_mcr", 0)),
        approve_above_mcr=int(stored["approve_above_mcr"]) if "approve_above_mcr" in stored else None,
    )
