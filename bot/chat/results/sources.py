"""Finds the input of a follow-up action: a result, or the pictures of any message that the person can see."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import discord

from bot.catalogue.order import FileRole, InputFile
from bot.chat.discord.interaction_defaults import message_as_sent
from bot.chat.discord.interactions import guild_of, is_ephemeral, result_file
from bot.chat.ordering.job_access import JobAccess
from bot.chat.results.message_pictures import PREFIX, KeptPictures, MessagePictures
from bot.chat.results.shown_pictures import MOST_PICTURES, is_picture, pictures_in
from bot.errors import NoPicture, NotFound, NotOurs, RecordGone
from bot.jobs.jobs import Jobs
from bot.jobs.records import SPOILER_PREFIX, Artefact, Snapshot, Visibility


@dataclass(frozen=True, slots=True)
class Source:
    """A result (`snapshot`), or the pictures of another message (None). Its files are in order of appearance.

    `private` says whether only one person can see that other message.
    """

    id: str
    snapshot: Snapshot | None
    pictures: tuple[InputFile, ...]
    videos: tuple[InputFile, ...] = ()
    private: bool = False

    @property
    def prompt(self) -> str:
        """The prompt with which the result was ordered; empty if unknown."""
        return (self.snapshot.job.order.prompt or "") if self.snapshot else ""

    @property
    def speech(self) -> str:
        """The text spoken in the result; empty if unknown."""
        return (self.snapshot.job.order.text or "") if self.snapshot else ""

    @property
    def owner(self) -> int | None:
        """The member whose result it is; None for another message."""
        return self.snapshot.job.member if self.snapshot else None

    @property
    def visibility(self) -> Visibility:
        """The source's visibility. Anything made from it inherits that, unless it is public and another member's."""
        if self.snapshot:
            return self.snapshot.job.visibility
        return Visibility.PRIVATE if self.private else Visibility.CHANNEL


class Sources:
    """Finds sources by id or by message, for the person who is asking."""

    def __init__(self, jobs: Jobs, access: JobAccess, message_pictures: MessagePictures) -> None:
        self._jobs = jobs
        self._access = access
        self._message_pictures = message_pictures

    async def of_id(self, interaction: discord.Interaction[Any], name: str) -> Source:
        """Return the source with this id from a `custom_id`. Raises RecordGone and NotAllowed."""
        if name.startswith(PREFIX):
            kept = await self._message_pictures.find(name, guild_of(interaction), interaction.user.id)
            return Source(name, None, kept.files, private=kept.private)
        try:
            snapshot = await self._jobs.get(name)
        except NotFound:
            raise RecordGone from None
        if not await self._access.may_use(interaction, snapshot.job):
            raise self._access.refusal(interaction, snapshot.job, RecordGone())
        shown = interaction.message.attachments if interaction.message else ()
        return of_job(snapshot, shown)

    async def of_message(self, interaction: discord.Interaction[Any], message: discord.Message) -> Source:
        """Return the pictures of a message. Raises NoPicture if it has none."""
        guild = guild_of(interaction)
        snapshot = await self._jobs.of_message(guild, message.id)
        if snapshot is not None and await self._access.may_use(interaction, snapshot.job):
            source = of_job(snapshot, message.attachments)
        else:
            shown = pictures_in(message_as_sent(interaction, message.id))
            source = Source("", None, shown, private=is_ephemeral(interaction, message))
        if not source.pictures:
            raise NoPicture
        return source

    async def of_result(self, interaction: discord.Interaction[Any], message: discord.Message) -> Source:
        """Return the result in a message. Raises NotOurs if it has none that this person may use."""
        snapshot = await self._jobs.of_message(guild_of(interaction), message.id)
        if snapshot is None or not await self._access.may_use(interaction, snapshot.job):
            raise NotOurs
        return of_job(snapshot, message.attachments)

    async def copied(self, source: Source) -> frozenset[str]:
        """Return the slots of the files of a source's order that are in Easel's store."""
        if source.snapshot is None:
            return frozenset()
        recipe = await self._jobs.recipe(source.snapshot)
        return frozenset(one.slot for one in recipe.inputs if one.sha256)

    async def kept(self, interaction: discord.Interaction[Any], source: Source) -> Source:
        """Return the same source with an id for `custom_id`s; if it has none yet, store its pictures to get one."""
        if source.id:
            return source
        kept = KeptPictures(source.pictures, source.private)
        name = await self._message_pictures.keep(guild_of(interaction), interaction.user.id, kept)
        return replace(source, id=name)


def of_job(snapshot: Snapshot, shown: Sequence[discord.Attachment] = ()) -> Source:
    """Return a job's results as a source. `shown` are its message's attachments, whose links are fresh."""
    pictures = [_as_input(one, shown) for one in snapshot.artefacts if is_picture(one.media)]
    videos = [result_file(one, FileRole.VIDEO) for one in snapshot.artefacts if one.media.startswith("video/")]
    return Source(snapshot.job.id, snapshot, tuple(pictures[:MOST_PICTURES]), tuple(videos[:MOST_PICTURES]))


def _as_input(artefact: Artefact, shown: Sequence[discord.Attachment]) -> InputFile:
    same = (
        one.url
        for one in shown
        if one.filename.removeprefix(SPOILER_PREFIX) == artefact.name and one.size == artefact.size
    )
    return result_file(artefact, FileRole.IMAGE, url=next(same, ""))
