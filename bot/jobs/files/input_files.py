"""Copies and inspects the files of an order while its job waits, and later links them for the provider."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import cast

from bot.catalogue.catalogue import Catalogue
from bot.catalogue.file_rules import mask_size
from bot.catalogue.order import FileRole, InputFile, Order
from bot.catalogue.plan import FileSlot, Plan
from bot.catalogue.refusals import RefusalReason, unusable
from bot.errors import NotFound, PictureBanned, ResultExpired, ResultReplaced, ResultUnusable, UnknownModel
from bot.filetype import extension
from bot.jobs.files.banned_pictures import BannedPictures
from bot.jobs.files.provider_links import ProviderLinks
from bot.jobs.limits import JobLimits
from bot.jobs.ports import Messenger, Provider
from bot.jobs.records import Job, StoredInput
from bot.jobs.store import file_rows
from bot.jobs.store.job_locks import of_job
from bot.media.media_info import Caps, MediaInfo
from bot.media.media_tools import MediaTools
from bot.storage.artefacts import ArtefactStore
from bot.storage.operation import Database

log = logging.getLogger(__name__)

InputLinks = Mapping[FileSlot | str, str]
"""The link for each place in a request that needs a file."""


class InputFiles:
    """The input files of orders."""

    def __init__(
        self,
        database: Database,
        *,
        catalogue: Catalogue,
        provider: Provider,
        artefacts: ArtefactStore,
        media: MediaTools,
        linker: ProviderLinks,
        messenger: Messenger,
        limits: JobLimits,
    ) -> None:
        self._database = database
        self._catalogue = catalogue
        self._provider = provider
        self._artefacts = artefacts
        self._media = media
        self._linker = linker
        self._banned = BannedPictures(database, artefacts, media)
        self._messenger = messenger
        self._limits = limits

    async def copy(self, job: Job) -> None:
        """Copy the files that have not been copied yet, and check them against what the model supports.

        Raises UnusableFile and other Refused errors if retrying cannot help, ProviderDown and ProviderBusy if it can.
        """
        self._check_again(job, await self._copy_all(job))

    async def links(self, job: Job) -> InputLinks:
        """Return a link for each file in the job's requests. All files must have been copied.

        Raises UnusableFile if there is no way to link a file, ConnectionError if Discord cannot be reached now.
        """
        stored = await self._database.read(lambda: file_rows.inputs_of(job.id))
        by_slot = {file.slot: file for file in stored}
        wanted = {place for request in job.plan.requests for place in places(request.body)}
        return {place: await self._linker.link(job, place, by_slot[place.slot], self._messenger) for place in wanted}

    async def _copy_all(self, job: Job) -> Sequence[StoredInput]:
        known = {file.slot: file for file in await self._database.read(lambda: file_rows.inputs_of(job.id))}
        # In the order of the files, because a mask is made from a picture before it. Each file is recorded at once, so
        # after a crash only the missing ones are copied again.
        for file in job.order.files:
            if file.slot not in known:
                # The file is durable before its row is written, so a row never refers to a file that is not there.
                copied = await self._obtain(job, file, known)
                await self._database.run(of_job(copied.job, lambda copied=copied: file_rows.add_input(copied)))
                known[file.slot] = copied
        return tuple(known.values())

    async def _obtain(self, job: Job, file: InputFile, known: Mapping[str, StoredInput]) -> StoredInput:
        if file.artefact:
            return await self._reuse(job, file)
        if file.alpha_of:
            return await self._masked(job, file, known[file.alpha_of])
        return await self._copy(job, file)

    async def _masked(self, job: Job, file: InputFile, picture: StoredInput) -> StoredInput:
        """Create a mask from a picture's transparency. Raises UnusableFile if the picture has none."""
        with self._artefacts.temporary(needed_bytes=picture.size) as temporary:
            media = self._media.counting(f"{job.id}/{file.slot}")
            with self._artefacts.temporary() as copy:
                original = await self._artefacts.fetch(picture.path, copy)
                if not await media.alpha_mask(original, temporary, name=file.name):
                    raise unusable(file.name, RefusalReason("file-opaque"))
            info = await self._look(media, temporary, file.name)
            kept = await self._artefacts.keep(temporary, name=f"{job.id}-{file.slot}.png")
        return _stored(job, file, kept.path.as_posix(), kept.size, kept.sha256, info)

    async def _copy(self, job: Job, file: InputFile) -> StoredInput:
        with self._artefacts.temporary(needed_bytes=max(0, file.size)) as temporary:
            await self._fetch(file, temporary)
            media = self._media.counting(f"{job.id}/{file.slot}")
            info = await self._look(media, temporary, file.name)
            await self._require_unbanned(job, file, temporary)
            if info.media.startswith("image/"):
                await media.repair(temporary, temporary, name=file.name)
                if _has_mask(job.order):
                    info = await self._fit_for_mask(media, file, temporary, info)
            kept = await self._artefacts.keep(temporary, name=f"{job.id}-{file.slot}.{extension(info.media)}")
        return _stored(job, file, kept.path.as_posix(), kept.size, kept.sha256, info)

    async def _fit_for_mask(self, media: MediaTools, file: InputFile, path: Path, info: MediaInfo) -> MediaInfo:
        """Replace a mask, or a picture that has one, with an upright copy, because some models ignore EXIF.

        Raises UnusableFile for an empty mask.
        """
        if file.role is FileRole.MASK and not await media.marks_something(path, name=file.name):
            raise unusable(file.name, "file-mask-empty")
        if not await media.upright(path, path, name=file.name):
            return info
        return await self._look(media, path, file.name)

    async def _fetch(self, file: InputFile, into: Path) -> None:
        try:
            await self._provider.download(file.url, into, max_bytes=self._limits.input_max_bytes)
        except ResultExpired as error:
            raise unusable(file.name, "file-gone") from error
        except ResultReplaced as error:  # the host sent an error page, or the member attached a web page
            raise unusable(file.name, "file-unreadable") from error
        except ResultUnusable as error:
            log.info("%s cannot be fetched: %s", file.name, error)
            raise unusable(file.name, "file-not-fetched") from error

    async def _reuse(self, job: Job, file: InputFile) -> StoredInput:
        """Reuse a file of an earlier job that is already in our store: one of its results or inputs."""
        source, _, slot = (file.artefact or "").partition(":")
        if slot:
            return await self._reuse_input(job, file, source, slot)
        source, _, number = source.partition("/")
        results = await self._database.read(lambda: file_rows.artefacts_of(source))
        found = next((result for result in results if str(result.number) == number), None)
        if found is None:
            raise NotFound(what="result", name=file.name)
        with self._artefacts.temporary() as copy:
            try:
                path = await self._artefacts.fetch(found.path, copy)
            except FileNotFoundError as error:  # the retention period may have ended since the offer was made
                raise unusable(file.name, "file-not-kept") from error
            info = await self._look(self._media.counting(f"{job.id}/{file.slot}"), path, file.name)
            await self._require_unbanned(job, file, path)
        return _stored(job, file, found.path.as_posix(), found.size, found.sha256, info)

    async def _reuse_input(self, job: Job, file: InputFile, source: str, slot: str) -> StoredInput:
        inputs = await self._database.read(lambda: file_rows.inputs_of(source))
        found = next((one for one in inputs if one.slot == slot), None)
        if found is None or await self._artefacts.size(found.path) is None:
            raise NotFound(what="file", name=file.name)
        if await self._banned.has_stored(job.guild, found.path, f"{job.id}/{file.slot}"):
            raise PictureBanned(name=file.name)
        # Both jobs' rows refer to the same file. Retention removes it only when neither of them needs it.
        return replace(found, job=job.id, slot=file.slot)

    async def _require_unbanned(self, job: Job, file: InputFile, path: Path) -> None:
        """Raise PictureBanned for a picture or a video that was taken down in this guild."""
        if await self._banned.has(job.guild, path, f"{job.id}/{file.slot}"):
            raise PictureBanned(name=file.name)

    async def _look(self, media: MediaTools, path: Path, name: str) -> MediaInfo:
        return await media.inspect(path, caps=Caps(size=self._limits.input_max_bytes), name=name)

    def _check_again(self, job: Job, stored: Sequence[StoredInput]) -> None:
        """Plan the order again with measured facts about its files, because Discord's may be wrong. Raises Refused."""
        real = {file.slot: file for file in stored}
        files = tuple(_as_found(file, real[file.slot]) for file in job.order.files)
        _check_mask(files)
        found = replace(job.order, files=files)
        self._catalogue.plan(found, measured_ms=measured_ms(self._catalogue, job.plan, stored))


def measured_ms(catalogue: Catalogue, plan: Plan, stored: Sequence[StoredInput]) -> int | None:
    """Return the length of the input that decides the price; None if the price does not depend on one."""
    try:
        name = catalogue.get(plan.model).seconds_of
    except UnknownModel:  # removed from the catalogue since the order: the quote still applies
        return None
    if name is None:
        return None
    inputs = cast("Mapping[str, object]", plan.requests[0].body.get("input", {}))
    slots = {place.slot for place in places(inputs.get(name))}
    return next((file.duration_ms for file in stored if file.slot in slots), None)


def places(value: object) -> Iterator[FileSlot]:
    """Yield every place for a file in a request's body."""
    if isinstance(value, FileSlot):
        yield value
    elif isinstance(value, Mapping):
        for item in cast("Mapping[str, object]", value).values():
            yield from places(item)
    elif isinstance(value, list | tuple):
        for item in cast("Sequence[object]", value):
            yield from places(item)


def _has_mask(order: Order) -> bool:
    return any(file.role is FileRole.MASK for file in order.files)


def _check_mask(files: Sequence[InputFile]) -> None:
    """Raise UnusableFile for a mask that differs in size from its picture."""
    masks = [file for file in files if file.role is FileRole.MASK]
    pictures = [file for file in files if file.role is FileRole.IMAGE]
    for mask, picture in zip(masks, pictures, strict=False):
        if (mask.width, mask.height) != (picture.width, picture.height):
            raise unusable(mask.name, mask_size(mask, picture))


def _as_found(file: InputFile, real: StoredInput) -> InputFile:
    return replace(
        file,
        size=real.size,
        content_type=real.media,
        width=real.width,
        height=real.height,
        duration_ms=real.duration_ms,
    )


def _stored(job: Job, file: InputFile, path: str, size: int, sha256: str, info: MediaInfo) -> StoredInput:
    return StoredInput(
        job=job.id,
        slot=file.slot,
        path=path,
        media=info.media,
        size=size,
        sha256=sha256,
        width=info.width,
        height=info.height,
        duration_ms=info.duration_ms,
    )
