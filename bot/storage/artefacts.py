"""Result and input files in our own store: named by their content, durable before anybody relies on them."""

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
"""Left free on the disk, so that a last big file never takes the room that the database needs to commit."""

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


class ArtefactStore:
    """Files under one root directory. All of it is on one disk, so that a rename moves a whole file or nothing."""

    def __init__(self, root: Path, *, reserve_bytes: int = RESERVE_BYTES) -> None:
        self._root = root
        self._reserve_bytes = reserve_bytes

    async def clean(self) -> int:
        """Remove what an earlier process left unfinished, and return how many files. Only for the start of the bot."""
        return await asyncio.to_thread(self._clean)

    @contextmanager
    def temporary(self, *, needed_bytes: int = 0) -> Generator[Path]:
        """Give a fresh path for a file to be written and then kept. What was not kept is removed at the end.

        Raises StorageError where that many bytes would not fit on the disk.
        """
        directory = self._root / _TEMPORARY
        with _problems():
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
        """Move a finished temporary file into the store; when this returns, it survives a loss of power.

        `name` says whose it is (job and number) and what kind (its suffix). The same content under the same name is
        the same file, so a repeated attempt leaves nothing behind; another name is another file. Raises StorageError.
        """
        return await asyncio.to_thread(self._keep, temporary, name)

    def path(self, kept: Path | str) -> Path:
        """Return where a kept file lies. Raises ValueError for a path that leaves the store."""
        path = self._root / kept
        if not path.resolve().is_relative_to(self._root.resolve()):
            raise ValueError(f"{kept} is not in the artefact store")
        return path

    async def remove(self, kept: Path | str) -> None:
        """Remove a kept file; one that is gone already is no error."""
        await asyncio.to_thread(self.path(kept).unlink, missing_ok=True)

    def _clean(self) -> int:
        leftovers = list((self._root / _TEMPORARY).glob("*"))
        for leftover in leftovers:
            leftover.unlink(missing_ok=True)
        return len(leftovers)

    def _keep(self, temporary: Path, name: str) -> StoredFile:
        with _problems():
            with temporary.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
                size = file.tell()
                os.fsync(file.fileno())
            relative = Path(digest[:2]) / f"{digest[:32]}-{_safe(name)}"
            target = self._root / relative
            target.parent.mkdir(parents=True, exist_ok=True)
            temporary.replace(target)
            for directory in (target.parent, self._root):
                _to_disk(directory)
        return StoredFile(relative, digest, size)


def _safe(name: str) -> str:
    """Keep the end of a name, where its suffix is, in characters that every file system takes."""
    return _UNSAFE.sub("_", name)[-_LONGEST_NAME:]


def _to_disk(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _full(root: Path) -> StorageError:
    return StorageError(problem=f"the disk of {root} is full", fix="Make room there, or set DATA_DIR to another disk")


@contextmanager
def _problems() -> Generator[None, None, None]:
    """Say in words what a person can do about a file that cannot be written."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise _full(Path(error.filename or "the results")) from error
        raise StorageError(problem=f"a file cannot be stored: {error}", fix="Check DATA_DIR and its disk") from error
