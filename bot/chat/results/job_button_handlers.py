"""Handles the buttons on the card of a running job: Cancel and Notify me."""

from typing import Any

import discord

from bot.chat.cards import job_card
from bot.chat.cards.card import Card
from bot.chat.cards.custom_ids import CustomId
from bot.chat.discord.interactions import sent_ms
from bot.chat.discord.responses import Responder
from bot.errors import NotAllowed
from bot.jobs.jobs import Cancelled, Jobs
from bot.jobs.records import NotifyChoice
from bot.money import show as show_credits


class JobButtons:
    """Handlers of the buttons on the card of a running job: Cancel and Notify me."""

    def __init__(self, jobs: Jobs, responder: Responder) -> None:
        self._jobs = jobs
        self._responder = responder

    async def cancel(self, interaction: discord.Interaction[Any], pressed: CustomId) -> None:
        """Cancel a job. Allowed for its member and its guild's moderators. Raises NotAllowed, NotFound."""
        await self._responder.privately(interaction, self._cancelled(interaction, pressed.source))

    async def notify(self, interaction: discord.Interaction[Any], pressed: CustomId) -> None:
        """Turn the direct message at the end of a job on or off; only for its member. Raises NotAllowed, NotFound."""
        await self._responder.privately(interaction, self._notified(interaction, pressed.source))

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
                told = say("cancelled-before", amount=show_credits(found.held_mcr))
                own = found.member == interaction.user.id  # moderators must not see a member's balance
                return Card(job_card.with_balance(told, await self._jobs.get(job), say) if own else told)
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
