"""Stores files in an S3-compatible bucket, under the same names as in a folder.

A file counts as stored once it has been read back with the right hash. So credits are only captured for files that can
be read, whatever the store answered to the upload and whatever its checksums cover.
"""

import asyncio
import hashlib
from collections.abc import AsyncGenerator
from contextlib import AbstractContextManager, aclosing
from pathlib import Path

from bot.disk_space import require_room
from bot.errors import FilesUnreachable, StorageError
from bot.private_files import close_file, make_folder
from bot.storage.artefacts import (
    PIECE_BYTES,
    StoredFile,
    StoredName,
    digest_in,
    inner_path,
    path_of,
    stored_name,
)
from bot.storage.bucket import Bucket
from bot.storage.temporary_files import TemporaryFiles, storage_errors


class ArtefactBucket:
    """The files of one bucket. Those that are being written, and copies to be read, are on this machine's disk."""

    def __init__(self, bucket: Bucket, unfinished: TemporaryFiles) -> None:
        self._bucket = bucket
        self._unfinished = unfinished

    async def probe(self, *, needed_bytes: int = 0) -> None:
        """Test that there is room on the disk for that many bytes of results. Raises StorageError."""
        await self._unfinished.probe(needed_bytes=needed_bytes)

    async def clean(self) -> int:
        """Remove unfinished files of an earlier process and return their number. Call it only when the bot starts."""
        return await self._unfinished.clean()

    def temporary(self, *, needed_bytes: int = 0) -> AbstractContextManager[Path]:
        """Provide a fresh path for a file to be written and then kept; it is removed at the end.

        Raises StorageError if that many bytes would not fit on the disk.
        """
        return self._unfinished.one(needed_bytes=needed_bytes)

    async def keep(self, temporary: Path, *, name: str) -> StoredFile:
        """Upload a finished temporary file, unless the bucket has it already, and read it back.

        A file that was uploaded just before a crash is found again. Raises StorageError.
        """
        with storage_errors():
            sha256, size = await asyncio.to_thread(_digest, temporary)
        path = path_of(sha256, name)
        key = path.as_posix()
        if not await self._has(key, sha256, size):
            await self._bucket.put(key, temporary)
            if not await self._has(key, sha256, size):
                raise self._damaged(key)
        return StoredFile(path, sha256, size)

    async def size(self, kept: Path | str) -> int | None:
        """Return the size of a stored file in bytes; None if it is not in the store. Raises FilesUnreachable."""
        key = inner_path(kept)
        return await self._bucket.size(key) if stored_name(key) else None

    async def fetch(self, kept: Path | str, into: Path) -> Path:
        """Copy a stored file to `into` and compare it with its hash, unless that was already done.

        Raises FileNotFoundError, or StorageError.
        """
        if not await asyncio.to_thread(into.exists):
            size = await self.size(kept)
            if size is None:
                raise FileNotFoundError(f"{kept} is not in the artefact store")
            found = await self._copy(kept, into, 0, size)
            if not found.startswith(digest_in(inner_path(kept))):
                await asyncio.to_thread(into.unlink)
                raise self._damaged(kept)
        return into

    async def fetch_part(self, kept: Path | str, into: Path, *, start: int, size: int) -> None:
        """Copy a part of a stored file to `into`. Raises FileNotFoundError, or StorageError."""
        await self._copy(kept, into, start, start + size)

    def pieces(self, kept: Path | str, start: int, stop: int) -> AsyncGenerator[bytes]:
        """Yield the bytes of a stored file from `start` to `stop`, in pieces. Raises FileNotFoundError."""
        return self._bucket.pieces(inner_path(kept), start, stop, PIECE_BYTES)

    def on_disk(self, kept: Path | str) -> Path | None:
        """Return None: the files are elsewhere. Raises ValueError for a path outside the store."""
        inner_path(kept)
        return None

    async def list_files(self, owner: str = "") -> tuple[StoredName, ...]:
        """Return all stored files whose names begin with `owner`. This lists the bucket, so use it rarely."""
        async with aclosing(self._bucket.keys()) as keys:
            names = [found async for key in keys if (found := stored_name(key)) and found.name.startswith(owner)]
        return tuple(sorted(names, key=lambda one: one.path))

    async def read(self, kept: Path) -> StoredFile:
        """Return a file that is in the store, with its real hash and size. Raises StorageError."""
        size = await self.size(kept)
        if size is None:
            raise StorageError(problem=f"{kept} is not in {self._bucket.address}", fix="Check who deleted it")
        return StoredFile(kept, await self._digest_of(inner_path(kept), size), size)

    async def remove(self, kept: Path | str) -> None:
        """Delete a stored file. A file that is already gone is not an error. Raises FilesUnreachable."""
        key = inner_path(kept)
        if stored_name(key):
            await self._bucket.delete(key)

    async def _has(self, key: str, sha256: str, size: int) -> bool:
        """Return whether the bucket has exactly this file."""
        try:
            return await self._bucket.size(key) == size and await self._digest_of(key, size) == sha256
        except FileNotFoundError:
            return False

    async def _digest_of(self, key: str, size: int) -> str:
        digest = hashlib.sha256()
        async with aclosing(self._bucket.pieces(key, 0, size, PIECE_BYTES)) as pieces:
            async for piece in pieces:
                await asyncio.to_thread(digest.update, piece)
        return digest.hexdigest()

    async def _copy(self, kept: Path | str, into: Path, start: int, stop: int) -> str:
        """Copy bytes of a stored file to a file and return their hash. An incomplete copy is removed."""
        digest = hashlib.sha256()
        try:
            with storage_errors():
                await asyncio.to_thread(_begin, into, stop - start)
            async with aclosing(self.pieces(kept, start, stop)) as pieces:
                async for piece in pieces:
                    with storage_errors():
                        await asyncio.to_thread(_append, into, piece)
                    await asyncio.to_thread(digest.update, piece)
        except BaseException:
            into.unlink(missing_ok=True)  # noqa: ASYNC240 - also when it is cancelled
            raise
        return digest.hexdigest()

    def _damaged(self, kept: Path | str) -> FilesUnreachable:
        return FilesUnreachable(
            problem=f"{kept} in {self._bucket.address} is not the file that was stored",
            fix="Check the store, and whether anything else writes to it",
        )


def _digest(path: Path) -> tuple[str, int]:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest(), file.tell()


def _begin(into: Path, size: int) -> None:
    make_folder(into.parent)
    require_room(into.parent, size)
    into.open("wb").close()
    close_file(into)


def _append(into: Path, piece: bytes) -> None:
    with into.open("ab") as file:
        file.write(piece)
