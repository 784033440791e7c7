"""Finds the input of a follow-up action: a result, or the pictures of any message that the person can see."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import discord

from bot.catalogue.order import InputFile, Role
from bot.chat.discord.interaction_defaults import message_as_sent
from bot.chat.discord.interactions import guild_of, result_file
from bot.chat.results.message_pictures import PREFIX, MessagePictures
from bot.chat.results.shown_pictures import MOST_PICTURES, is_picture, pictures_in
from bot.errors import NoPicture, NotFound, NotOurs, RecordGone
from bot.jobs.jobs import Jobs
from bot.jobs.records import Artefact, Snapshot, Visibility


@dataclass(frozen=True, slots=True)
class Source:
    """A result (`snapshot`), or the pictures of another message (None). Files are in the order in which they appear."""

    id: str
    snapshot: Snapshot | None
    pictures: tuple[InputFile, ...]
    videos: tuple[InputFile, ...] = ()

    @property
    def prompt(self) -> str:
        """The prompt it was ordered with; empty if unknown."""
        return (self.snapshot.job.order.prompt or "") if self.snapshot else ""

    @property
    def speech(self) -> str:
        """The text spoken in it; empty if unknown."""
        return (self.snapshot.job.order.text or "") if self.snapshot else ""

    @property
    def visibility(self) -> Visibility:
        """The visibility of anything made from it: the same as its own."""
        return self.snapshot.job.visibility if self.snapshot else Visibility.CHANNEL


class Sources:
    """Finds sources by id or by message, for the person who asks."""

    def __init__(self, jobs: Jobs, message_pictures: MessagePictures) -> None:
        self._jobs = jobs
        self._message_pictures = message_pictures

    async def of_id(self, interaction: discord.Interaction[Any], name: str) -> Source:
        """Return the source that a `custom_id` names. Raises RecordGone if it is gone or this person may not see it."""
        if name.startswith(PREFIX):
            files = await self._message_pictures.find(name, guild_of(interaction), interaction.user.id)
            return Source(name, None, files)
        try:
            snapshot = await self._jobs.get(name)
        except NotFound:
            raise RecordGone from None
        if not may_see(snapshot, interaction):
            raise RecordGone
        shown = interaction.message.attachments if interaction.message else ()
        return of_job(snapshot, shown)

    async def of_message(self, interaction: discord.Interaction[Any], message: discord.Message) -> Source:
        """Return the pictures of a message. Raises NoPicture if it has none."""
        guild = guild_of(interaction)
        snapshot = await self._jobs.of_message(guild, message.id)
        if snapshot is not None and may_see(snapshot, interaction):
            source = of_job(snapshot, message.attachments)
        else:
            source = Source("", None, pictures_in(message_as_sent(interaction, message.id)))
        if not source.pictures:
            raise NoPicture
        return source

    async def of_result(self, interaction: discord.Interaction[Any], message: discord.Message) -> Source:
        """Return the result in a message. Raises NotOurs if it has none that this person may see."""
        snapshot = await self._jobs.of_message(guild_of(interaction), message.id)
        if snapshot is None or not may_see(snapshot, interaction):
            raise NotOurs
        return of_job(snapshot, message.attachments)

    async def kept(self, interaction: discord.Interaction[Any], source: Source) -> Source:
        """Return the same source with an id for `custom_id`s, storing its pictures if it has none yet."""
        if source.id:
            return source
        name = await self._message_pictures.keep(guild_of(interaction), interaction.user.id, source.pictures)
        return Source(name, None, source.pictures)


def may_see(snapshot: Snapshot, interaction: discord.Interaction[Any]) -> bool:
    """Return whether this person may see this job: it is theirs, or it was ordered publicly in this channel."""
    job = snapshot.job
    here = interaction.guild_id == job.guild and interaction.channel_id == job.channel
    return job.member == interaction.user.id or (here and job.visibility is Visibility.CHANNEL)


def of_job(snapshot: Snapshot, shown: Sequence[discord.Attachment] = ()) -> Source:
    """Return a job's results as a source. `shown` are its message's attachments, whose links are fresh."""
    pictures = [_as_input(one, shown) for one in snapshot.artefacts if is_picture(one.media)]
    videos = [result_file(one, Role.VIDEO) for one in snapshot.artefacts if one.media.startswith("video/")]
    return Source(snapshot.job.id, snapshot, tuple(pictures[:MOST_PICTURES]), tuple(videos[:MOST_PICTURES]))


def _as_input(artefact: Artefact, shown: Sequence[discord.Attachment]) -> InputFile:
    same = (one.url for one in shown if one.filename == artefact.name and one.size == artefact.size)
    return result_file(artefact, Role.IMAGE, url=next(same, ""))
