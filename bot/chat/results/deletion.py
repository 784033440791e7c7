"""More → Delete: deletes the message of a result, after confirmation.

A deletion by a moderator creates a numbered case.
"""

import asyncio
from typing import Any

import discord

from bot.chat.cards.card import Card, CardButton, Verb
from bot.chat.cards.custom_ids import CustomId
from bot.chat.discord import calls
from bot.chat.discord.responses import Responder, acknowledge, edit, replace_message
from bot.chat.discord.server_log import ServerLog
from bot.chat.results.report_queue import ReportQueue
from bot.chat.results.sources import Source
from bot.errors import NotAllowed, RecordGone
from bot.jobs.jobs import Jobs
from bot.jobs.records import Deleter, Job, Snapshot, Visibility
from bot.moderation.moderation import Act, Moderation
from bot.money import show

DELETING = frozenset({Verb.DELETE, Verb.REMOVE})
"""The verbs of the button that asks for confirmation, and of the one that deletes."""


class ResultDeletion:
    """Handles the buttons that delete a result."""

    def __init__(
        self,
        *,
        jobs: Jobs,
        moderation: Moderation,
        responder: Responder,
        queue: ReportQueue,
        server_log: ServerLog,
        keep_days: int,
    ) -> None:
        """`keep_days` is how long results are kept."""
        self._jobs = jobs
        self._moderation = moderation
        self._responder = responder
        self._queue = queue
        self._server_log = server_log
        self._keep_days = keep_days

    async def pressed(self, interaction: discord.Interaction[Any], source: Source, pressed: CustomId) -> None:
        """Ask for confirmation, or delete. Raises NotAllowed and RecordGone."""
        if source.snapshot is None:
            raise RecordGone
        step = self._ask if pressed.verb is Verb.DELETE else self._delete
        await step(interaction, source.snapshot, pressed.number)

    async def _ask(self, interaction: discord.Interaction[Any], snapshot: Snapshot, message: int) -> None:
        """Ask whether to delete the result's message, and explain the effects."""
        job, own = _deletable(interaction, snapshot), is_own(interaction, snapshot)
        say = self._responder.speech(interaction)
        text = say(
            "delete-ask-own" if own else "delete-ask-other",
            id=job.short_id,
            member=f"<@{job.member}>",
            amount=show(job.captured_mcr),
            days=self._keep_days,
        )
        buttons = (
            CardButton(Verb.REMOVE, job.id, say("delete-confirm" if own else "remove-confirm"), message),
            CardButton(Verb.KEEP, job.id, say("keep-button"), message),
        )
        await replace_message(interaction, Card(text, buttons=buttons))

    async def _delete(self, interaction: discord.Interaction[Any], snapshot: Snapshot, message: int) -> None:
        """Delete the result's message. If a moderator deletes it, nobody can use the result any more."""
        job = _deletable(interaction, snapshot)
        await calls.attempt(acknowledge(interaction))  # a deletion may take longer than Discord waits for a response
        channel = interaction.client.get_partial_messageable(job.channel, guild_id=job.guild)
        try:
            async with asyncio.timeout(calls.UPLOAD_S):
                await channel.get_partial_message(message).delete()
        except discord.NotFound:
            pass  # someone else deleted it first
        # Recorded only after the message is deleted, so that a second press can repeat what failed: once the deletion
        # is recorded, the job cannot be found.
        own = is_own(interaction, snapshot)
        await self._jobs.message_deleted(job.id, message, Deleter.MEMBER if own else Deleter.MODERATOR)
        told = await (self._removed_own(interaction, job) if own else self._removed(interaction, job))
        await calls.attempt(edit(interaction, Card(told)))

    async def _removed_own(self, interaction: discord.Interaction[Any], job: Job) -> str:
        await self._jobs.removed(job.id, by=interaction.user.id)
        return self._responder.speech(interaction)("deleted", id=job.short_id)

    async def _removed(self, interaction: discord.Interaction[Any], job: Job) -> str:
        case = await self._moderation.delete(Act(job.guild, interaction.user.id, ""), job)
        self._server_log.wake()
        await self._queue.refresh((job.id,))
        say = self._responder.speech(interaction)
        if case is None:
            return say("removed-before", id=job.short_id)
        return say("removed", id=job.short_id, case=str(case))


def is_own(interaction: discord.Interaction[Any], snapshot: Snapshot) -> bool:
    """Return whether this person ordered the job."""
    return snapshot.job.member == interaction.user.id


def may_delete(interaction: discord.Interaction[Any], snapshot: Snapshot) -> bool:
    """Return whether this person may delete the result's message: its member and moderators, if it is public.

    Readers dismiss private messages in the client; a bot's token cannot delete them.
    """
    job = snapshot.job
    if job.visibility is not Visibility.CHANNEL or interaction.channel_id != job.channel:
        return False
    return is_own(interaction, snapshot) or interaction.permissions.manage_messages


def _deletable(interaction: discord.Interaction[Any], snapshot: Snapshot) -> Job:
    if not may_delete(interaction, snapshot):
        raise NotAllowed(rule="not-yours")
    return snapshot.job
