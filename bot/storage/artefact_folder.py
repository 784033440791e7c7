"""Stores files in a folder on this machine, durable before anything refers to them."""

import asyncio
import hashlib
import os
from collections.abc import AsyncGenerator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import BinaryIO

from bot.disk_space import RESERVE_BYTES, require_room
from bot.private_files import close_file, make_folder, to_disk
from bot.storage.artefacts import PIECE_BYTES, TEMPORARY, StoredFile, StoredName, inner_path, path_of
from bot.storage.temporary_files import TemporaryFiles, storage_errors


class ArtefactFolder:
    """The files under one root directory. It must be on one disk, so that a rename moves a whole file or nothing."""

    def __init__(self, root: Path, *, reserve_bytes: int = RESERVE_BYTES, shared: bool = False) -> None:
        """`shared` means that other processes use the folder too."""
        self._root = root
        self._unfinished = TemporaryFiles(root / TEMPORARY, reserve_bytes=reserve_bytes, shared=shared)

    async def probe(self, *, needed_bytes: int = 0) -> None:
        """Test that there is room for that many bytes of results. Raises StorageError."""
        await self._unfinished.probe(needed_bytes=needed_bytes)

    async def clean(self) -> int:
        """Remove unfinished files of an earlier process and return their number. Call it only when the bot starts."""
        return await self._unfinished.clean()

    def temporary(self, *, needed_bytes: int = 0) -> AbstractContextManager[Path]:
        """Provide a fresh path for a file to be written and then kept. It is removed at the end if it was not kept.

        Raises StorageError if that many bytes would not fit on the disk.
        """
        return self._unfinished.one(needed_bytes=needed_bytes)

    async def keep(self, temporary: Path, *, name: str) -> StoredFile:
        """Move a finished temporary file into the store. Once this returns, the file survives a power failure.

        Repeating this with the same content creates no second file. Raises StorageError.
        """
        return await asyncio.to_thread(self._keep, temporary, name)

    def path(self, kept: Path | str) -> Path:
        """Return the path of a stored file on disk. Raises ValueError for a path outside the store."""
        return self._root / inner_path(kept)

    async def size(self, kept: Path | str) -> int | None:
        """Return the size of a stored file in bytes; None if it is not in the store."""
        return await asyncio.to_thread(self._size, self.path(kept))

    async def fetch(self, kept: Path | str, into: Path) -> Path:  # noqa: ARG002 - nothing is copied here
        """Return the path of a stored file. Raises FileNotFoundError."""
        path = self.path(kept)
        if not path.is_file():  # this takes microseconds, so no other thread is needed
            raise FileNotFoundError(f"{kept} is not in the artefact store")
        return path

    async def fetch_part(self, kept: Path | str, into: Path, *, start: int, size: int) -> None:
        """Copy a part of a stored file to `into`. Raises FileNotFoundError, or StorageError if it does not fit."""
        await asyncio.to_thread(_copy_part, self.path(kept), into, start, size)

    async def pieces(self, kept: Path | str, start: int, stop: int) -> AsyncGenerator[bytes]:
        """Yield the bytes of a stored file from `start` to `stop`, in pieces. Raises FileNotFoundError."""
        with await asyncio.to_thread(self.path(kept).open, "rb") as file:
            for begin in range(start, stop, PIECE_BYTES):
                yield await asyncio.to_thread(_read, file, begin, min(stop, begin + PIECE_BYTES))

    def on_disk(self, kept: Path | str) -> Path | None:
        """Return the path of a stored file on disk. Raises ValueError for a path outside the store."""
        return self.path(kept)

    async def list_files(self, owner: str = "") -> tuple[StoredName, ...]:
        """Return all stored files whose names begin with `owner`. This scans all folders, so use it rarely."""
        return await asyncio.to_thread(self._kept, owner)

    async def read(self, kept: Path) -> StoredFile:
        """Return a file that is in the store, with its real hash and size. Raises StorageError."""
        return await asyncio.to_thread(self._read, kept)

    async def remove(self, kept: Path | str) -> None:
        """Remove a stored file. A file that is already gone is not an error."""
        await asyncio.to_thread(self.path(kept).unlink, missing_ok=True)

    def _size(self, path: Path) -> int | None:
        return path.stat().st_size if path.is_file() else None

    def _kept(self, owner: str) -> tuple[StoredName, ...]:
        found: list[StoredName] = []
        for path in sorted(self._root.glob("??/*")):
            name = path.name.partition("-")[2]
            if name.startswith(owner):
                found.append(StoredName(path.relative_to(self._root), name))
        return tuple(found)

    def _read(self, kept: Path) -> StoredFile:
        with storage_errors(), self.path(kept).open("rb") as file:
            return StoredFile(kept, hashlib.file_digest(file, "sha256").hexdigest(), file.tell())

    def _keep(self, temporary: Path, name: str) -> StoredFile:
        with storage_errors():
            with temporary.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
                size = file.tell()
                os.fsync(file.fileno())
            relative = path_of(digest, name)
            target = self._root / relative
            make_folder(target.parent)
            close_file(temporary)
            temporary.replace(target)
            # The rename itself is durable only once the directories that it changed are on disk.
            for directory in (target.parent, self._root):
                to_disk(directory)
        return StoredFile(relative, digest, size)


def _copy_part(path: Path, into: Path, start: int, size: int) -> None:
    make_folder(into.parent)
    require_room(into.parent, size)
    with path.open("rb") as file, into.open("wb") as part:
        for begin in range(start, start + size, PIECE_BYTES):
            part.write(_read(file, begin, min(start + size, begin + PIECE_BYTES)))


def _read(file: BinaryIO, start: int, stop: int) -> bytes:
    file.seek(start)
    return file.read(stop - start)
