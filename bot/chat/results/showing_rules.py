"""Decides who may be shown a result again, and where."""

from dataclasses import dataclass
from typing import Any

import discord

from bot.chat.ordering.job_access import JobAccess
from bot.chat.results.posted_messages import latest_place
from bot.jobs.records import JobMessages, Snapshot
from bot.permissions import ATTACH_FILES, SEND_MESSAGES, SEND_MESSAGES_IN_THREADS


@dataclass(frozen=True, slots=True)
class Showing:
    """Whether a result may be shown again, to one person only or to everyone in the interaction's channel."""

    privately: bool
    publicly: bool


NOT_AT_ALL = Showing(privately=False, publicly=False)


async def may_show(
    interaction: discord.Interaction[Any], access: JobAccess, snapshot: Snapshot, messages: JobMessages
) -> Showing:
    """Return how a result may be shown again to the person behind an interaction.

    A result that a moderator removed stays gone. If its message was found deleted, a moderator may have removed it, so
    the result is only shown to its own member. If its member deleted it, only that member may show it again.
    """
    job = snapshot.job
    if not job.has_paid_results or not snapshot.artefacts or not await access.may_use(interaction, job):
        return NOT_AT_ALL
    own = job.member == interaction.user.id
    if messages.removed_for_certain or (not own and is_gone(snapshot, messages)):
        return NOT_AT_ALL
    here = interaction.guild_id == job.guild and not messages.removed and may_post(interaction)
    return Showing(privately=True, publicly=here)


def is_gone(snapshot: Snapshot, messages: JobMessages) -> bool:
    """Return whether the message that shows this job was deleted."""
    place = latest_place(snapshot.job, messages)
    return place is not None and place.message in messages.deleted


def may_post(interaction: discord.Interaction[Any]) -> bool:
    """Return whether the person behind an interaction may post files in its channel."""
    if interaction.guild_id is None:
        return False
    place, granted = interaction.channel, interaction.permissions
    if isinstance(place, discord.Thread):
        if place.locked and not granted.manage_threads:
            return False
        needed = SEND_MESSAGES_IN_THREADS | ATTACH_FILES
    else:
        needed = SEND_MESSAGES | ATTACH_FILES
    return granted.administrator or granted.value & needed == needed
