"""Uses a member's earlier results as the files of a new order."""

from collections.abc import Iterable

import discord

from bot.catalogue.order import FileRole, InputFile
from bot.catalogue.refusals import invalid
from bot.chat.discord.interactions import command_of, guild_of, input_file, result_file
from bot.chat.ordering.job_access import JobAccess
from bot.errors import FilesRemoved, NotFound
from bot.jobs.jobs import Jobs
from bot.jobs.records import Artefact

KINDS = {FileRole.VIDEO: "video", FileRole.AUDIO: "audio"}
"""The roles whose files are not pictures, with the media type of those files."""

THINGS = {"image": "picture", "video": "video", "audio": "sound"}
"""The name that errors use for a file of each media type."""


def kind_of(role: FileRole) -> str:
    """Return the media type (`image`, `video`, `audio`) of the files of a role."""
    return KINDS.get(role, "image")


def files_of_kind(artefacts: Iterable[Artefact], kind: str) -> list[Artefact]:
    """Return the results that have this media type, in the order in which they are numbered for members."""
    return [artefact for artefact in artefacts if artefact.media.startswith(f"{kind}/")]


class EarlierResults:
    """Finds earlier results by the ids that people read: `K7QF-2M`, or `K7QF-2M/2` for the second file."""

    def __init__(self, jobs: Jobs, access: JobAccess, *, keep_days: int) -> None:
        """`keep_days` is how long results are kept."""
        self._jobs = jobs
        self._access = access
        self._keep_days = keep_days

    async def source(
        self,
        interaction: discord.Interaction,
        attached: discord.Attachment | None,
        job: str | None,
        role: FileRole = FileRole.IMAGE,
    ) -> InputFile:
        """Return the file that a command works on: the attached one, or an earlier result. Raises Refused."""
        command, slot = command_of(interaction), role.value
        if attached is not None and job is not None:
            raise invalid(command, slot, "two-sources", "job")
        if attached is not None:
            return input_file(attached, slot, role)
        if job is None:
            raise invalid(command, slot, "needed-or", "job")
        return await self._earlier(interaction, job, role)

    async def _earlier(self, interaction: discord.Interaction, reference: str, role: FileRole) -> InputFile:
        """Return an earlier result as an input. Raises NotFound if there is none, or this person may not use it."""
        short, slash, number = reference.partition("/")
        snapshot = await self._jobs.find(guild_of(interaction), short)
        if not await self._access.may_use(interaction, snapshot.job):
            raise self._access.refusal(interaction, snapshot.job, NotFound(what="job", name=short))
        if snapshot.job.has_paid_results and not snapshot.artefacts:
            raise FilesRemoved(days=self._keep_days)
        kind = kind_of(role)
        files = files_of_kind(snapshot.artefacts, kind)
        place = number if slash else "1"
        found = next((file for position, file in enumerate(files, start=1) if str(position) == place), None)
        if found is None:
            raise NotFound(what=THINGS[kind], name=reference)
        return result_file(found, role)
