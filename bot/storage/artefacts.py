"""Stores result and input files on disk: named after their content, and durable before anything refers to them."""

import asyncio
import errno
import hashlib
import os
import re
import secrets
import shutil
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.errors import StorageError

RESERVE_BYTES = 64 * 1024 * 1024
"""Kept free on the disk, so that a big file never takes the space that the database needs to commit."""

_TEMPORARY = "tmp"
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
_LONGEST_NAME = 100
_FULL = {errno.ENOSPC, errno.EDQUOT}


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file in the store: its path relative to the store's root, SHA-256 in hexadecimal, size in bytes."""

    path: Path
    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class StoredName:
    """The path of a stored file, relative to the store's root, and the name under which it was kept."""

    path: Path
    name: str


class ArtefactStore:
    """The files under one root directory. It must be on one disk, so that a rename moves a whole file or nothing."""

    def __init__(self, root: Path, *, reserve_bytes: int = RESERVE_BYTES) -> None:
        self._root = root
        self._reserve_bytes = reserve_bytes

    async def clean(self) -> int:
        """Remove unfinished files of an earlier process and return their number. Call it only when the bot starts."""
        return await asyncio.to_thread(self._clean)

    @contextmanager
    def temporary(self, *, needed_bytes: int = 0) -> Generator[Path]:
        """Provide a fresh path for a file to be written and then kept. It is removed at the end if it was not kept.

        Raises StorageError if that many bytes would not fit on the disk.
        """
        directory = self._root / _TEMPORARY
        with _storage_errors():
            directory.mkdir(parents=True, exist_ok=True)
            free = shutil.disk_usage(directory).free
        if free < needed_bytes + self._reserve_bytes:
            raise _full(self._root)
        path = directory / secrets.token_hex(16)
        try:
            yield path
        finally:
            path.unlink(missing_ok=True)

    async def keep(self, temporary: Path, *, name: str) -> StoredFile:
        """Move a finished temporary file into the store. Once this returns, the file survives a power failure.

        `name` has the owner (job and number) and the file type (its suffix). The same content under the same name is
        the same file, so repeating this leaves nothing behind. Raises StorageError.
        """
        return await asyncio.to_thread(self._keep, temporary, name)

    def path(self, kept: Path | str) -> Path:
        """Return the path of a stored file on disk. Raises ValueError for a path outside the store."""
        path = self._root / kept
        if not path.resolve().is_relative_to(self._root.resolve()):
            raise ValueError(f"{kept} is not in the artefact store")
        return path

    async def kept(self, owner: str = "") -> tuple[StoredName, ...]:
        """Return the stored files whose names begin with this owner, or all. It scans all folders: for rare use."""
        return await asyncio.to_thread(self._kept, owner)

    async def read(self, kept: Path) -> StoredFile:
        """Return a file that is in the store, with its real hash and size. Raises StorageError."""
        return await asyncio.to_thread(self._read, kept)

    async def remove(self, kept: Path | str) -> None:
        """Remove a stored file. A file that is already gone is not an error."""
        await asyncio.to_thread(self.path(kept).unlink, missing_ok=True)

    def _kept(self, owner: str) -> tuple[StoredName, ...]:
        found: list[StoredName] = []
        for path in sorted(self._root.glob("??/*")):
            name = path.name.partition("-")[2]
            if name.startswith(owner):
                found.append(StoredName(path.relative_to(self._root), name))
        return tuple(found)

    def _read(self, kept: Path) -> StoredFile:
        with _storage_errors(), self.path(kept).open("rb") as file:
            return StoredFile(kept, hashlib.file_digest(file, "sha256").hexdigest(), file.tell())

    def _clean(self) -> int:
        leftovers = list((self._root / _TEMPORARY).glob("*"))
        for leftover in leftovers:
            leftover.unlink(missing_ok=True)
        return len(leftovers)

    def _keep(self, temporary: Path, name: str) -> StoredFile:
        with _storage_errors():
            with temporary.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
                size = file.tell()
                os.fsync(file.fileno())
            relative = Path(digest[:2]) / f"{digest[:32]}-{_safe(name)}"
            target = self._root / relative
            target.parent.mkdir(parents=True, exist_ok=True)
            temporary.replace(target)
            # The rename itself is durable only once the directories that it changed are on disk.
            for directory in (target.parent, self._root):
                _to_disk(directory)
        return StoredFile(relative, digest, size)


def _safe(name: str) -> str:
    """Return the end of a name, with its suffix, in characters that every file system supports."""
    return _UNSAFE.sub("_", name)[-_LONGEST_NAME:]


def _to_disk(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _full(root: Path) -> StorageError:
    return StorageError(
        problem=f"the disk of {root} is full", fix="Free some space there, or set DATA_DIR to another disk"
    )


@contextmanager
def _storage_errors() -> Generator[None, None, None]:
    """Translate an OSError into a StorageError that says what to do."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise _full(Path(error.filename or "the results")) from error
        raise StorageError(problem=f"a file cannot be stored: {error}", fix="Check DATA_DIR and its disk") from error
