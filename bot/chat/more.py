"""The private menu of a result: its recipe, its command, its files, and taking its message away."""

import asyncio
import tempfile
from pathlib import Path
from typing import Any

import discord

from bot.chat import cards, wire
from bot.chat.answer import Answers, whisper
from bot.chat.cards import Card, Press, Verb
from bot.chat.custom_ids import CustomId
from bot.chat.followups import FollowUps, press
from bot.chat.parcel import DEFAULT_LIMIT, Packer, Parcel
from bot.chat.recipes import command_card, recipe_card
from bot.chat.sources import Source
from bot.chat.texts.loader import Speech
from bot.chat.wire import Fate
from bot.clock import ServerClock
from bot.errors import NotAllowed, RecordGone
from bot.jobs.jobs import Jobs
from bot.jobs.records import Relation, Snapshot, Visibility

CLOSED_DMS = 50007


class More:
    """What stands behind the last button of a result."""

    def __init__(
        self, *, jobs: Jobs, answers: Answers, followups: FollowUps, packer: Packer, discord_clock: ServerClock
    ) -> None:
        self._jobs = jobs
        self._answers = answers
        self._followups = followups
        self._packer = packer
        self._clock = discord_clock

    async def pressed(self, interaction: discord.Interaction[Any], source: Source, pressed: CustomId) -> None:
        """Do what was pressed. Raises Refused."""
        snapshot = source.snapshot
        if snapshot is None:
            raise RecordGone
        match pressed.verb:
            case Verb.MORE:
                await self.menu(interaction, source, interaction.message)
            case Verb.RECIPE:
                await self.recipe(interaction, snapshot)
            case Verb.COMMAND:
                order = self._followups.once_more(source, Relation.AGAIN)
                await whisper(interaction, command_card(snapshot, order))
            case Verb.TO_DM:
                await self._to_dm(interaction, snapshot)
            case Verb.ORIGINAL:
                await self._original(interaction, snapshot)
            case _:
                await self._delete(interaction, snapshot, pressed.number)

    async def menu(
        self, interaction: discord.Interaction[Any], source: Source, message: discord.Message | None
    ) -> None:
        """Show the menu of a result that this message shows. Raises RecordGone where it is no result of ours."""
        if source.snapshot is None:
            raise RecordGone
        say, job = self._answers.speech(interaction), source.snapshot.job
        presses = [
            Press(Verb.RECIPE, job.id, say("recipe-button")),
            Press(Verb.COMMAND, job.id, say("command-button")),
            Press(Verb.TO_DM, job.id, say("dm-button")),
            Press(Verb.ORIGINAL, job.id, say("original-button")),
        ]
        if interaction.guild_id is not None:
            again = await self._followups.steps(source, interaction.guild_id, (Relation.AGAIN,))
            presses += [press(step, source, say) for step in again]
        if message is not None and _may_delete(interaction, source.snapshot):
            presses.append(Press(Verb.DELETE, job.id, say("delete-button"), message.id))
        await whisper(interaction, Card(say("more-head", id=job.short_id), presses=tuple(presses)))

    async def recipe(self, interaction: discord.Interaction[Any], snapshot: Snapshot) -> None:
        """Show a recipe."""
        say = self._answers.speech(interaction)
        await self._answers.privately(interaction, self._recipe(snapshot, say))

    async def _recipe(self, snapshot: Snapshot, say: Speech) -> Card:
        return recipe_card(await self._jobs.recipe(snapshot), say)

    async def _to_dm(self, interaction: discord.Interaction[Any], snapshot: Snapshot) -> None:
        say = self._answers.speech(interaction)
        await interaction.response.defer(ephemeral=True, thinking=True)
        with tempfile.TemporaryDirectory(prefix="easel-") as folder:
            parcel = await self._packed(snapshot, say, DEFAULT_LIMIT, Path(folder))
            sent = await wire.attempt(_send(interaction, parcel), timeout_s=wire.UPLOAD_S)
        if sent.error is not None and sent.code != CLOSED_DMS:
            raise sent.error
        told = {Fate.TAKEN: "dm-sent", Fate.REFUSED: "dm-closed", Fate.UNCLEAR: "dm-unclear"}
        await whisper(interaction, Card(say(told[sent.fate])))

    async def _original(self, interaction: discord.Interaction[Any], snapshot: Snapshot) -> None:
        say = self._answers.speech(interaction)
        await interaction.response.defer(ephemeral=True, thinking=True)
        with tempfile.TemporaryDirectory(prefix="easel-") as folder:
            parcel = await self._packed(snapshot, say, interaction.filesize_limit, Path(folder))
            async with asyncio.timeout(wire.UPLOAD_S):
                await interaction.edit_original_response(**wire.editing(parcel.card, parcel.files()))

    async def _packed(self, snapshot: Snapshot, say: Speech, limit: int, folder: Path) -> Parcel:
        """The result's files as they were made, without the buttons that only its own message has."""
        shown = cards.card(snapshot, say, now_ms=self._clock.now_ms())
        card = Card(say("files-of", id=snapshot.job.short_id), enclosures=shown.enclosures)
        return await self._packer.pack(card, snapshot, say, limit=limit, folder=folder)

    async def _delete(self, interaction: discord.Interaction[Any], snapshot: Snapshot, message: int) -> None:
        """Take the result's message away. Its job, its price and its files stay as they are."""
        if not _may_delete(interaction, snapshot):
            raise NotAllowed(rule="not-yours")
        say = self._answers.speech(interaction)
        channel = interaction.client.get_partial_messageable(snapshot.job.channel, guild_id=snapshot.job.guild)
        try:
            async with asyncio.timeout(wire.UPLOAD_S):
                await channel.get_partial_message(message).delete()
        except discord.NotFound:
            pass  # somebody was quicker: it is gone, as was wished
        await whisper(interaction, Card(say("deleted", id=snapshot.job.short_id)))


def _may_delete(interaction: discord.Interaction[Any], snapshot: Snapshot) -> bool:
    """A private message is its reader's own to dismiss; a public one is its member's and the moderators'."""
    job = snapshot.job
    if job.visibility is not Visibility.CHANNEL or interaction.channel_id != job.channel:
        return False
    return job.member == interaction.user.id or interaction.permissions.manage_messages


async def _send(interaction: discord.Interaction[Any], parcel: Parcel) -> int:
    channel = await interaction.client.create_dm(interaction.user)
    return (await channel.send(**wire.sending(parcel.card, parcel.files()))).id
