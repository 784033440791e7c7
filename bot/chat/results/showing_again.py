"""Handles the buttons that show a result again: Show me, Show here, and the one that removes the posted result."""

import asyncio
import contextlib
import hashlib
import logging
from dataclasses import replace
from typing import Any

import discord

from bot.chat.cards import job_card
from bot.chat.cards.card import Card, CardButton, Verb
from bot.chat.cards.custom_ids import CustomId
from bot.chat.cards.text_cards import as_text
from bot.chat.delivery.notifications import link_to
from bot.chat.delivery.packing import DEFAULT_LIMIT, MessagePacker
from bot.chat.discord import calls
from bot.chat.discord.calls import CallOutcome
from bot.chat.discord.interactions import may
from bot.chat.discord.responses import Responder, reply_privately
from bot.chat.discord_limits import NONCE_CHARACTERS
from bot.chat.ordering.job_access import JobAccess, raise_if_taken_down
from bot.chat.results.follow_up_actions import FollowUpActions
from bot.chat.results.posted_messages import PostedMessages
from bot.chat.results.showing_rules import may_post, may_show
from bot.clock import ServerClock
from bot.errors import FilesRemoved, MissingPermission, NotAllowed, RecordGone
from bot.jobs.jobs import Jobs
from bot.jobs.records import Deleter, Job, JobMessages, Receipt, Rung, Snapshot, State
from bot.permissions import ATTACH_FILES, EMBED_LINKS, TO_SHOW_A_RESULT, missing

CONFIRMED = 1
"""The number in the id of the button that posts a private result after its member has confirmed."""

log = logging.getLogger(__name__)


class ShowingAgain:
    """Handlers of the buttons that show a result again."""

    def __init__(
        self,
        *,
        jobs: Jobs,
        access: JobAccess,
        responder: Responder,
        packer: MessagePacker,
        actions: FollowUpActions,
        posted: PostedMessages,
        discord_clock: ServerClock,
        keep_days: int = 30,
    ) -> None:
        """`keep_days` is how long results are kept."""
        self._jobs = jobs
        self._access = access
        self._responder = responder
        self._packer = packer
        self._actions = actions
        self._posted = posted
        self._clock = discord_clock
        self._keep_days = keep_days

    async def to_me(self, interaction: discord.Interaction[Any], pressed: CustomId) -> None:
        """Show a result privately, in any channel. Raises NotAllowed, FilesRemoved, RecordGone, NotFound."""
        snapshot = await self._jobs.get(pressed.source)
        raise_if_taken_down(snapshot.job)
        if not await self._access.may_use(interaction, snapshot.job):
            raise self._access.refusal(interaction, snapshot.job, RecordGone())
        if not may(interaction, ATTACH_FILES):
            await reply_privately(interaction, Card(self._responder.speech(interaction)("files-not-here")))
            return
        # Reading and uploading files can take longer than the 3 s that Discord allows for the first response.
        await interaction.response.defer(ephemeral=True, thinking=True)
        messages = await self._posted.of_result(interaction.client, snapshot)
        await self._require(snapshot, messages, interaction)
        say = self._responder.speech(interaction)
        card = job_card.card(snapshot, say, now_ms=self._clock.now_ms())
        if interaction.guild_id == snapshot.job.guild:
            card = await self._actions.add_actions(card, snapshot, say)
        with self._packer.folder() as folder:
            packed = await self._packer.pack(card, snapshot, say, limit=interaction.filesize_limit, folder=folder)
            if not may(interaction, EMBED_LINKS):
                packed = replace(packed, card=as_text(packed.card)[0])  # a job's card is short
            async with asyncio.timeout(calls.UPLOAD_S):
                shown = await interaction.edit_original_response(**calls.edit_fields(packed.card, packed.open_files()))
        if snapshot.job.state is State.UNDELIVERED and snapshot.job.member == interaction.user.id:
            await self._jobs.shown(snapshot.job.id, Receipt(Rung.KEPT, interaction.channel_id or 0, shown.id))

    async def here(self, interaction: discord.Interaction[Any], pressed: CustomId) -> None:
        """Post a result in this channel for everyone; a private one only after confirmation. Raises like `to_me`."""
        snapshot = await self._jobs.get(pressed.source)
        self._require_place(snapshot.job, interaction)
        await interaction.response.defer(ephemeral=True, thinking=True)
        messages = await self._posted.of_result(interaction.client, snapshot)
        await self._require(snapshot, messages, interaction)
        if messages.removed:
            raise NotAllowed(rule="maybe-removed")
        say = self._responder.speech(interaction)
        if snapshot.job.is_private and pressed.number != CONFIRMED:
            sure = CardButton(Verb.POST, snapshot.job.id, say("post-private-button"), CONFIRMED)
            await reply_privately(interaction, Card(say("post-private", id=snapshot.job.short_id), buttons=(sure,)))
            return
        message = await self._post(interaction, snapshot)
        place = Receipt(Rung.NEW_MESSAGE, interaction.channel_id or 0, message)
        await self._jobs.posted_again(snapshot, place.channel, place.message)
        await self._point_to(interaction, snapshot, place)
        own = snapshot.job.member == interaction.user.id
        undo = (CardButton(Verb.UNPOST, snapshot.job.id, say("unpost-button"), message),) if own else ()
        await reply_privately(interaction, Card(say("posted", link=link_to(snapshot.job, place)), buttons=undo))

    async def remove(self, interaction: discord.Interaction[Any], pressed: CustomId) -> None:
        """Delete a message that `here` posted. Raises NotAllowed, RecordGone, NotFound."""
        snapshot = await self._jobs.get(pressed.source)
        own = snapshot.job.member == interaction.user.id
        if not own and not interaction.permissions.manage_messages:
            raise NotAllowed(rule="not-yours")
        shown = (await self._jobs.messages([snapshot.job.id]))[snapshot.job.id].shown
        if shown is None or (shown.channel, shown.message) != (interaction.channel_id, pressed.number):
            raise RecordGone  # posted once more since then, or a forged id
        await interaction.response.defer(ephemeral=True, thinking=True)
        await self._jobs.message_deleted(snapshot.job.id, shown.message, Deleter.MEMBER if own else Deleter.MODERATOR)
        channel = interaction.client.get_partial_messageable(shown.channel, guild_id=snapshot.job.guild)
        with contextlib.suppress(discord.NotFound):  # someone else may have deleted it first
            await calls.with_timeout(channel.get_partial_message(shown.message).delete(), calls.CALL_S)
        say = self._responder.speech(interaction)
        await reply_privately(interaction, Card(say("unposted", id=snapshot.job.short_id)))

    async def _require(self, snapshot: Snapshot, messages: JobMessages, interaction: discord.Interaction[Any]) -> None:
        """Raise an error if a result may not be shown to this person."""
        raise_if_taken_down(snapshot.job)
        if snapshot.job.has_paid_results and not snapshot.artefacts:
            raise FilesRemoved(days=self._keep_days)
        if messages.removed_for_certain:
            raise NotAllowed(rule="removed")
        if await self._jobs.looks_banned(snapshot):
            raise NotAllowed(rule="banned-look")
        if not (await may_show(interaction, self._access, snapshot, messages)).privately:
            raise RecordGone

    @staticmethod
    def _require_place(job: Job, interaction: discord.Interaction[Any]) -> None:
        """Raise an error if this person may not post anything in this channel."""
        if interaction.guild_id != job.guild:
            raise NotAllowed(rule="other-server")
        if not may_post(interaction):
            raise NotAllowed(rule="may-not-post")
        granted = interaction.app_permissions.value
        lacking = missing(TO_SHOW_A_RESULT, granted) if granted else ()
        if lacking:
            raise MissingPermission(permission=lacking[0])

    async def _post(self, interaction: discord.Interaction[Any], snapshot: Snapshot) -> int:
        """Post a result, without a ping, and return the message's id."""
        say, job = self._responder.public_speech(interaction), snapshot.job
        card = job_card.card(snapshot, say, now_ms=self._clock.now_ms())
        head = say("shown-again", member=f"<@{job.member}>", model=job_card.label(job))
        card = replace(card, content=head, mention=None)
        # Other people may not use a result that is private or was made elsewhere.
        if not job.is_private and interaction.channel_id == job.channel:
            card = await self._actions.add_actions(card, snapshot, say)
        guild = interaction.guild
        limit = guild.filesize_limit if guild else DEFAULT_LIMIT
        channel = interaction.client.get_partial_messageable(interaction.channel_id or 0, guild_id=job.guild)
        with self._packer.folder() as folder:
            packed = await self._packer.pack(card, snapshot, say, limit=limit, folder=folder)
            fields = calls.message_fields(packed.card, packed.open_files())
            sent = await calls.with_timeout(channel.send(**fields, nonce=_nonce(interaction, job)), calls.UPLOAD_S)
        return sent.id

    async def _point_to(self, interaction: discord.Interaction[Any], snapshot: Snapshot, place: Receipt) -> None:
        """Edit a public card that never got its result to say where the result is now."""
        job = snapshot.job
        if job.state is not State.UNDELIVERED or job.is_private or not job.message:
            return
        say = self._responder.public_speech(interaction)
        told = Card(say("shown-elsewhere", id=job.short_id, link=link_to(job, place)))
        card = interaction.client.get_partial_messageable(job.channel, guild_id=job.guild)
        sent = await calls.attempt(_edited(card.get_partial_message(job.message), told))
        if sent.outcome is not CallOutcome.ACCEPTED:
            log.info("the card of job %s does not say where its result is: %s", job.id, sent.error or "no answer")


async def _edited(message: discord.PartialMessage, card: Card) -> int:
    return (await message.edit(**calls.edit_fields(card))).id


def _nonce(interaction: discord.Interaction[Any], job: Job) -> str:
    """Return the same nonce for a second press of the same button: Discord then returns the first message."""
    pressed = interaction.message.id if interaction.message else interaction.id
    about = f"{job.id}:{interaction.channel_id}:{pressed}"
    return hashlib.blake2b(about.encode(), digest_size=NONCE_CHARACTERS // 2).hexdigest()
