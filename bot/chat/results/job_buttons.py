"""What buttons do, and the offers of results that are still waiting to be shown."""

import asyncio
import logging
import tempfile
from pathlib import Path
from typing import Any

import discord

from bot.chat.cards import job_card
from bot.chat.cards.card import Card
from bot.chat.cards.custom_ids import CustomId
from bot.chat.delivery.packing import Packer
from bot.chat.discord import calls
from bot.chat.discord.interactions import sent_ms
from bot.chat.discord.responses import Responder, whisper
from bot.chat.ordering.start_buttons import StartButtons
from bot.chat.results.follow_up_actions import FollowUpActions
from bot.clock import ServerClock
from bot.errors import NotAllowed
from bot.jobs.engine.notify import NotifyChoice
from bot.jobs.jobs import Cancelled, Jobs
from bot.jobs.records import Receipt, Rung, State
from bot.money import show as show_credits

log = logging.getLogger(__name__)


class JobButtons:
    """The buttons of jobs."""

    def __init__(
        self,
        jobs: Jobs,
        answers: Responder,
        packer: Packer,
        followups: FollowUpActions,
        starts: StartButtons,
        discord_clock: ServerClock,
    ) -> None:
        self._starts = starts
        self._jobs = jobs
        self._answers = answers
        self._packer = packer
        self._followups = followups
        self._clock = discord_clock

    async def cancel(self, interaction: discord.Interaction[Any], job: str) -> None:
        """Cancel a job: its member may, and whoever may manage messages here."""
        await self._guarded(interaction, self._answers.privately(interaction, self.cancelled(interaction, job)))

    async def notify(self, interaction: discord.Interaction[Any], job: str) -> None:
        """Write to a job's member when it ends, or do not after all: only they may ask."""
        await self._guarded(interaction, self._answers.privately(interaction, self._notified(interaction, job)))

    async def show(self, interaction: discord.Interaction[Any], job: str) -> None:
        """Show a kept result to its member, privately, wherever the button was pressed."""
        await self._guarded(interaction, self._show(interaction, job))

    async def confirmed(self, interaction: discord.Interaction[Any], pressed: CustomId) -> None:
        """Start an order whose price was shown, or drop it."""
        await self._guarded(interaction, self._starts.pressed(interaction, pressed))

    async def unknown(self, interaction: discord.Interaction[Any]) -> None:
        """Say that the button is too old."""
        await whisper(interaction, Card(self._answers.speech(interaction)("old-button")))

    async def cancelled(self, interaction: discord.Interaction[Any], job: str) -> Card:
        """Cancel a job and say what became of that. Raises NotAllowed, NotFound."""
        say = self._answers.speech(interaction)
        found = (await self._jobs.get(job)).job
        moderator = interaction.permissions.manage_messages and interaction.guild_id == found.guild
        if found.member != interaction.user.id and not moderator:
            raise NotAllowed(rule="not-yours")
        match await self._jobs.cancel(job, by=interaction.user.id, moderator=moderator):
            case Cancelled.BEFORE_SUBMIT:
                return Card(say("cancelled-before", amount=show_credits(found.held_mcr)))
            case Cancelled.ASKED:
                return Card(say("cancel-asked"))
            case Cancelled.TOO_LATE:
                return Card(say("cancel-too-late"))

    async def _notified(self, interaction: discord.Interaction[Any], job: str) -> Card:
        say, found = self._answers.speech(interaction), (await self._jobs.get(job)).job
        if found.member != interaction.user.id:
            raise NotAllowed(rule="orderer-only")
        match await self._jobs.toggle_notification(job, sent_ms(interaction)):
            case NotifyChoice.ON:
                return Card(say("notify-on", id=found.short_id))
            case NotifyChoice.OFF:
                return Card(say("notify-off", id=found.short_id))
            case NotifyChoice.TOO_LATE:
                return Card(say("notify-too-late"))

    async def _show(self, interaction: discord.Interaction[Any], job: str) -> None:
        snapshot = await self._jobs.get(job)
        if snapshot.job.member != interaction.user.id:
            raise NotAllowed(rule="not-yours")
        # Reading and sending files takes longer than an answer may.
        await interaction.response.defer(ephemeral=True, thinking=True)
        say = self._answers.speech(interaction)
        card = job_card.card(snapshot, say, now_ms=self._clock.now_ms())
        if interaction.guild_id == snapshot.job.guild:
            card = await self._followups.dress(card, snapshot, say)
        with tempfile.TemporaryDirectory(prefix="easel-") as folder:
            limit = interaction.filesize_limit
            parcel = await self._packer.pack(card, snapshot, say, limit=limit, folder=Path(folder))
            async with asyncio.timeout(calls.UPLOAD_S):
                shown = await interaction.edit_original_response(**calls.editing(parcel.card, parcel.files()))
        if parcel.complete and snapshot.job.state is State.UNDELIVERED:
            await self._jobs.shown(job, Receipt(Rung.KEPT, interaction.channel_id or 0, shown.id))

    async def _guarded(self, interaction: discord.Interaction[Any], work: Any) -> None:  # noqa: ANN401 - any coroutine
        """Errors of buttons do not reach the command tree's handler, so they are handed to it here."""
        try:
            await work
        except Exception as error:  # noqa: BLE001 - explained to the person, and logged where it is our own fault
            await interaction.client.explain(interaction, error)
