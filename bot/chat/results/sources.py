"""What a next step starts from: a result of ours, or pictures of somebody's message, as this person may see them."""

import mimetypes
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import discord

from bot.catalogue.order import InputFile, Role
from bot.chat.discord.interactions import guild_of, input_file, result_file
from bot.chat.results.message_pictures import PREFIX, MessagePictures
from bot.errors import NoPicture, NotFound, NotOurs, RecordGone
from bot.jobs.jobs import Jobs
from bot.jobs.records import Artefact, Snapshot, Visibility

MOST_PICTURES = 10

SLOT = "image"


@dataclass(frozen=True, slots=True)
class Source:
    """A result (`snapshot`), or pictures that were picked (None). All files are in the order in which they show."""

    id: str
    snapshot: Snapshot | None
    pictures: tuple[InputFile, ...]
    videos: tuple[InputFile, ...] = ()

    @property
    def prompt(self) -> str:
        """What it was ordered with, as far as that is known."""
        return (self.snapshot.job.order.prompt or "") if self.snapshot else ""

    @property
    def speech(self) -> str:
        """What is said in it, as far as that is known."""
        return (self.snapshot.job.order.text or "") if self.snapshot else ""

    @property
    def visibility(self) -> Visibility:
        """Who sees what is made from it: nobody but those who see it."""
        return self.snapshot.job.visibility if self.snapshot else Visibility.CHANNEL


class Sources:
    """Finds them."""

    def __init__(self, jobs: Jobs, message_pictures: MessagePictures) -> None:
        self._jobs = jobs
        self._message_pictures = message_pictures

    async def of_id(self, interaction: discord.Interaction[Any], name: str) -> Source:
        """The source that a `custom_id` names. Raises RecordGone, also where this person may not see it."""
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
        """The pictures of a message. Raises NoPicture where it shows none."""
        guild = guild_of(interaction)
        snapshot = await self._jobs.of_message(guild, message.id)
        if snapshot is not None and may_see(snapshot, interaction):
            source = of_job(snapshot, message.attachments)
        else:
            found = [input_file(one, SLOT, Role.IMAGE) for one in message.attachments if _is_picture(_media(one))]
            source = Source("", None, tuple(found[:MOST_PICTURES]))
        if not source.pictures:
            raise NoPicture
        return source

    async def of_result(self, interaction: discord.Interaction[Any], message: discord.Message) -> Source:
        """The result that a message shows. Raises NotOurs where it shows none that this person may see."""
        snapshot = await self._jobs.of_message(guild_of(interaction), message.id)
        if snapshot is None or not may_see(snapshot, interaction):
            raise NotOurs
        return of_job(snapshot, message.attachments)

    async def kept(self, interaction: discord.Interaction[Any], source: Source) -> Source:
        """The same source under an id that a `custom_id` can name."""
        if source.id:
            return source
        name = await self._message_pictures.keep(guild_of(interaction), interaction.user.id, source.pictures)
        return Source(name, None, source.pictures)


def may_see(snapshot: Snapshot, interaction: discord.Interaction[Any]) -> bool:
    """Tell whether this person sees this job where they are: it is theirs, or it was ordered here in public."""
    job = snapshot.job
    here = interaction.guild_id == job.guild and interaction.channel_id == job.channel
    return job.member == interaction.user.id or (here and job.visibility is Visibility.CHANNEL)


def of_job(snapshot: Snapshot, shown: Sequence[discord.Attachment] = ()) -> Source:
    """A result of ours. `shown` are its message's attachments, with fresh links for providers that want one."""
    pictures = [_as_input(one, shown) for one in snapshot.artefacts if _is_picture(one.media)]
    videos = [result_file(one, Role.VIDEO) for one in snapshot.artefacts if one.media.startswith("video/")]
    return Source(snapshot.job.id, snapshot, tuple(pictures[:MOST_PICTURES]), tuple(videos[:MOST_PICTURES]))


def _is_picture(media: str | None) -> bool:
    """Tell whether models can read it as pixels: a drawing in vectors is none."""
    return media is not None and media.startswith("image/") and not media.startswith("image/svg")


def _media(attachment: discord.Attachment) -> str | None:
    """Return the declared type; Discord leaves it out for files whose uploader did not declare any."""
    return attachment.content_type or mimetypes.guess_type(attachment.filename)[0]


def _as_input(artefact: Artefact, shown: Sequence[discord.Attachment]) -> InputFile:
    same = (one.url for one in shown if one.filename == artefact.name and one.size == artefact.size)
    return result_file(artefact, Role.IMAGE, url=next(same, ""))
