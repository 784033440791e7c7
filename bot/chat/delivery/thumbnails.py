"""Makes thumbnails of results for lists, and keeps the latest ones in memory.

Discord's links to a result expire after about a day, and those to a private result stop working with its message. So
the thumbnails are made from the stored files, by the media workers, and sent with each page.
"""

import asyncio
import logging
import tempfile
from collections import OrderedDict
from pathlib import Path
from typing import Protocol, Self

from bot.chat.delivery.packing import StoredFiles, mark_of
from bot.errors import EaselError, StorageError
from bot.jobs.records import Snapshot
from bot.media.provenance.label_content import Mark
from bot.sizes import MEBIBYTE

REMEMBERED = 300
"""The number of thumbnails kept in memory; each takes up about 10 kB."""

FETCHED_BYTES = 32 * MEBIBYTE
"""The largest file that is copied to this machine just to make a thumbnail."""

log = logging.getLogger(__name__)


class ThumbnailMaker(Protocol):
    """Makes thumbnails. All methods raise UnusableFile."""

    def counting(self, subject: str) -> Self:
        """Return the same tools, which refuse to decode `subject` again if that has already killed the bot twice."""
        ...

    async def thumbnail(self, path: Path, into: Path) -> Path | None:
        """Write a thumbnail of a file next to `into`; None if the file has no picture."""
        ...

    async def label(self, path: Path, mark: Mark) -> bool:
        """Write a label into a file that says how it was made; False if that is impossible."""
        ...


class Thumbnails:
    """Makes the thumbnail that represents a job in a list: that of its first stored result."""

    def __init__(self, store: StoredFiles, maker: ThumbnailMaker, *, scratch: Path | None = None) -> None:
        """`store` has the files; thumbnails are made in `scratch`."""
        self._store = store
        self._maker = maker
        self._scratch = scratch
        self._known: OrderedDict[Path, tuple[str, bytes] | None] = OrderedDict()

    async def of(self, snapshot: Snapshot) -> tuple[str, bytes] | None:
        """Return the suffix and the content of a job's thumbnail; None if there is none."""
        if not snapshot.job.has_paid_results or not snapshot.artefacts:
            return None
        path = snapshot.artefacts[0].path
        if not await self._is_stored(path):
            self._known.pop(path, None)  # the thumbnail of a removed file must not stay here
            return None
        if path not in self._known:
            self._known[path] = await self._made(snapshot)
        self._known.move_to_end(path)
        while len(self._known) > REMEMBERED:
            self._known.popitem(last=False)
        return self._known.get(path)

    async def _is_stored(self, path: Path) -> bool:
        try:
            return await self._store.size(path) is not None
        except StorageError as error:
            log.warning("it is not known whether %s is still stored: %s", path, error)
            return False

    async def _made(self, snapshot: Snapshot) -> tuple[str, bytes] | None:
        artefact = snapshot.artefacts[0]
        if artefact.size > FETCHED_BYTES and self._store.on_disk(artefact.path) is None:
            return None
        maker = self._maker.counting(f"{artefact.job}/{artefact.number}")
        try:
            with tempfile.TemporaryDirectory(prefix="easel-", dir=self._scratch) as folder:
                original = await self._store.fetch(artefact.path, Path(folder) / artefact.path.name)
                made = await maker.thumbnail(original, Path(folder) / "thumbnail")
                if made is None:
                    return None
                await maker.label(made, mark_of(snapshot, artefact))
                return made.suffix, await asyncio.to_thread(made.read_bytes)
        except (EaselError, OSError) as error:
            log.warning("cannot make a thumbnail of %s: %s", artefact.name, error)
            return None
