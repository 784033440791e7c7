"""Handles the buttons on a job's card: Cancel, Notify me, and Show."""

import asyncio
from dataclasses import replace
from typing import Any

import discord

from bot.chat.cards import job_card
from bot.chat.cards.card import Card
from bot.chat.cards.custom_ids import CustomId
from bot.chat.cards.text_cards import as_text
from bot.chat.delivery.packing import MessagePacker
from bot.chat.discord import calls
from bot.chat.discord.interactions import may, sent_ms
from bot.chat.discord.responses import Responder, reply_privately
from bot.chat.results.follow_up_actions import FollowUpActions
from bot.clock import ServerClock
from bot.errors import NotAllowed
from bot.jobs.jobs import Cancelled, Jobs
from bot.jobs.records import NotifyChoice, Receipt, Rung, State
from bot.money import show as show_credits
from bot.permissions import ATTACH_FILES, EMBED_LINKS


class JobButtons:
    """Handlers of the buttons on a job's card: Cancel, Notify me, and Show."""

    def __init__(
        self,
        jobs: Jobs,
        responder: Responder,
        packer: MessagePacker,
        actions: FollowUpActions,
        discord_clock: ServerClock,
    ) -> None:
        self._jobs = jobs
        self._responder = responder
        self._packer = packer
        self._actions = actions
        self._clock = discord_clock

    async def cancel(self, interaction: discord.Interaction[Any], pressed: CustomId) -> None:
        """Cancel a job. Allowed for its member and its guild's moderators. Raises NotAllowed, NotFound."""
        await self._responder.privately(interaction, self._cancelled(interaction, pressed.source))

    async def notify(self, interaction: discord.Interaction[Any], pressed: CustomId) -> None:
        """Switch the direct message at a job's end on or off, for its member only. Raises NotAllowed, NotFound."""
        await self._responder.privately(interaction, self._notified(interaction, pressed.source))

    async def show(self, interaction: discord.Interaction[Any], pressed: CustomId) -> None:
        """Show a kept result privately to its member, in any channel. Raises NotAllowed, NotFound."""
        await self._show(interaction, pressed.source)

    async def _cancelled(self, interaction: discord.Interaction[Any], job: str) -> Card:
        say = self._responder.speech(interaction)
        found = (await self._jobs.get(job)).job
        moderator = interaction.permissions.manage_messages and interaction.guild_id == found.guild
        if found.member != interaction.user.id and not moderator:
            raise NotAllowed(rule="not-yours")
        pressed = interaction.message
        card = pressed.id if pressed is not None and job_card.shows(pressed, found.short_id) else 0
        match await self._jobs.cancel(job, by=interaction.user.id, moderator=moderator, card=card):
            case Cancelled.BEFORE_SUBMIT:
                return Card(say("cancelled-before", amount=show_credits(found.held_mcr)))
            case Cancelled.ASKED:
                return Card(say("cancel-asked"))
            case Cancelled.TOO_LATE:
                return Card(say("cancel-too-late"))

    async def _notified(self, interaction: discord.Interaction[Any], job: str) -> Card:
        say, found = self._responder.speech(interaction), (await self._jobs.get(job)).job
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
            raise NotAllowed(rule="orderer-only")
        if not may(interaction, ATTACH_FILES):
            await reply_privately(interaction, Card(self._responder.speech(interaction)("files-not-here")))
            return
        # Reading and uploading files can take longer than the 3 s that Discord allows for the first response.
        await interaction.response.defer(ephemeral=True, thinking=True)
        say = self._responder.speech(interaction)
        card = job_card.card(snapshot, say, now_ms=self._clock.now_ms())
        if interaction.guild_id == snapshot.job.guild:
            card = await self._actions.add_actions(card, snapshot, say)
        with self._packer.folder() as folder:
            limit = interaction.filesize_limit
            packed = await self._packer.pack(card, snapshot, say, limit=limit, folder=folder)
            if not may(interaction, EMBED_LINKS):
                packed = replace(packed, card=as_text(packed.card)[0])  # a job's card is short
            async with asyncio.timeout(calls.UPLOAD_S):
                shown = await interaction.edit_original_response(**calls.edit_fields(packed.card, packed.open_files()))
        if packed.complete and snapshot.job.state is State.UNDELIVERED:
            await self._jobs.shown(job, Receipt(Rung.KEPT, interaction.channel_id or 0, shown.id))
