"""Gives the provider access to the files of an order.

A small file is sent inside the request, as a data: URL. A bigger one is linked. If our store can be reached from the
internet, we link to it: that is exactly the file that was inspected, and we decide how long the link works. Otherwise
Discord's signed link is used; for an earlier result, its message is read again to get a fresh link. A picture without
any link is re-encoded until it fits into the request, as a last resort because the loss may be visible. Any other file
without a link cannot be used, which is usually known before credits are held.
"""

import asyncio
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from bot.catalogue.order import InputFile
from bot.catalogue.plan import FileSlot
from bot.catalogue.refusals import unusable
from bot.clock import ServerClock
from bot.errors import NotFound
from bot.jobs.ports import Messenger
from bot.jobs.records import Artefact, Job, Receipt, Rung, StoredInput, Visibility
from bot.jobs.store import file_rows, job_rows
from bot.jobs.store.job_locks import of_job
from bot.jobs.store.snapshots import Snapshots
from bot.media.data_urls import INLINE_BYTES, data_url, room
from bot.media.media_tools import MediaTools
from bot.storage.artefacts import ArtefactStore
from bot.storage.operation import Database
from bot.storage.signed_links import SignedLinks

LINK_S = 3_600
"""How long our own links work: longer than a run may wait and run at the provider."""

LEAST_LIFE_MS = 60_000
"""A signed link that expires sooner than this is not used."""


class ProviderLinks:
    """Links files, and finds out in advance which ones cannot be linked."""

    def __init__(
        self,
        database: Database,
        *,
        snapshots: Snapshots,
        artefacts: ArtefactStore,
        media: MediaTools,
        discord_clock: ServerClock,
        own: SignedLinks | None,
    ) -> None:
        self._database = database
        self._snapshots = snapshots
        self._artefacts = artefacts
        self._media = media
        self._discord_clock = discord_clock
        self._own = own

    async def check(self, file: InputFile, *, only_link: bool = False) -> None:
        """Check a file before credits are held. Raises UnusableFile if it could not be given to the provider.

        `only_link` means that the model accepts only a link.
        """
        media = file.content_type or ""
        # A picture of any size counts: it can be re-encoded until it fits, which no other kind of file allows.
        inline = not only_link and (file.size <= room(media) or media.startswith("image/"))
        if inline or self._own is not None:
            return
        if not (await self._is_readable(file.artefact) if file.artefact else self._lives(file.url)):
            raise unusable(file.name, "file-link" if only_link else "file-no-link")

    async def link(self, job: Job, place: FileSlot, file: StoredInput, messenger: Messenger) -> str:
        """Return a URL from which the provider can read this file; never a data: URL if `place.link` is set.

        Raises UnusableFile if there is no such URL, ConnectionError if Discord cannot be reached now.
        """
        if place.invert:
            return await self._link_inverted(job, file)
        ordered = job.order.file(file.slot)
        # The order matters: a data: URL cannot expire, our own link is exactly the inspected file, and Discord's link
        # may have expired by now.
        found = None if place.link else await self._inline(file)
        found = found or self._own_link(file.path)
        if found is None and ordered is not None:
            found = await self._discord_link(ordered, file, messenger)
        if found is None and not place.link:
            with self._artefacts.temporary() as copy:
                found = await self._smaller(job, file, await self._artefacts.fetch(file.path, copy))
        if found is None:
            raise unusable(ordered.name if ordered else file.slot, "file-no-link")
        return found

    async def _inline(self, file: StoredInput) -> str | None:
        """Return a file as a data: URL; None if it is too large, and then it is not fetched either."""
        if file.size > INLINE_BYTES:
            return None
        with self._artefacts.temporary() as copy:
            return await asyncio.to_thread(data_url, await self._artefacts.fetch(file.path, copy))

    async def _link_inverted(self, job: Job, file: StoredInput) -> str:
        """Link an inverted copy of a mask with our own link or a data: URL, because Discord does not have this copy."""
        with self._artefacts.temporary() as copy, self._artefacts.temporary() as temporary:
            media = self._media.counting(f"{job.id}/{file.slot}")
            await media.invert_mask(await self._artefacts.fetch(file.path, copy), temporary)
            found = await asyncio.to_thread(data_url, temporary)
            if found is None and self._own is not None:
                return self._own.to(await self._keep_inverted(job, file, temporary), life_s=LINK_S)
            found = found or await self._smaller(job, file, temporary)
        if found is None:
            raise unusable(file.slot, "file-no-link")
        return found

    async def _smaller(self, job: Job, file: StoredInput, path: Path) -> str | None:
        with self._artefacts.temporary() as into:
            return await self._media.counting(f"{job.id}/{file.slot}").smaller_data_url(path, into)

    async def _keep_inverted(self, job: Job, file: StoredInput, temporary: Path) -> Path:
        slot = f"{file.slot}-inverted"
        kept = await self._artefacts.keep(temporary, name=f"{job.id}-{slot}.png")
        made = StoredInput(
            job=job.id,
            slot=slot,
            path=kept.path.as_posix(),
            media="image/png",
            size=kept.size,
            sha256=kept.sha256,
            width=file.width,
            height=file.height,
            duration_ms=None,
        )
        # Recorded like an input, so that retention removes it with the job's other files.
        await self._database.run(of_job(made.job, lambda: file_rows.add_input(made)))
        return kept.path

    def _own_link(self, path: str) -> str | None:
        return self._own.to(path, life_s=LINK_S) if self._own else None

    async def _discord_link(self, ordered: InputFile, file: StoredInput, messenger: Messenger) -> str | None:
        """Return the attachment's link while it works, or a fresh link to an earlier result from its message."""
        if ordered.artefact is None:
            # A picture that was repaired, or turned upright to match its mask, is not the file that Discord has.
            changed = ordered.size != file.size and file.media.startswith("image/")
            return ordered.url if not changed and self._lives(ordered.url) else None
        # An input of an earlier job (`job:slot`) is not found here: Discord's link to it has long expired.
        source, _, number = ordered.artefact.partition("/")
        try:
            snapshot = await self._snapshots.get(source)
        except NotFound:
            return None
        shown = await self._shown(source)
        artefact = next((one for one in snapshot.artefacts if str(one.number) == number), None)
        if shown is None or artefact is None or not self._can_be_read(snapshot.job, shown):
            return None
        return await self._fresh(snapshot.job, shown, artefact, messenger)

    async def _fresh(self, job: Job, shown: Receipt, artefact: Artefact, messenger: Messenger) -> str | None:
        found = await messenger.link(job, shown, artefact)
        return found if found and self._lives(found) else None

    async def _is_readable(self, artefact: str) -> bool:
        source = artefact.partition("/")[0]
        shown = await self._shown(source)
        return shown is not None and self._can_be_read((await self._snapshots.get(source)).job, shown)

    async def _shown(self, job: str) -> Receipt | None:
        return await self._database.read(lambda: job_rows.receipt(job))

    def _can_be_read(self, job: Job, shown: Receipt) -> bool:
        """Return whether the message of a receipt can be read again. A private one needs a token that still works."""
        if shown.rung is Rung.KEPT:
            return False
        if shown.rung is not Rung.TOKEN_EDIT or job.visibility is Visibility.CHANNEL:
            return True
        return job.can_use_token(self._discord_clock.now_ms())

    def _lives(self, url: str) -> bool:
        """Return whether a link still works, by Discord's clock. A link without an expiry time is assumed to work."""
        expires_ms = expiry_ms(url)
        return bool(url) and (expires_ms is None or self._discord_clock.now_ms() + LEAST_LIFE_MS < expires_ms)


def expiry_ms(url: str) -> int | None:
    """Return when one of Discord's signed links expires, in milliseconds (`ex`: hexadecimal seconds since 1970)."""
    expiry = parse_qs(urlsplit(url).query).get("ex", [""])[0]
    try:
        return int(expiry, 16) * 1_000
    except ValueError:
        return None
