"""The store of result and input files: what the rest of Easel needs from it, and how its files are named.

A file is named after its content, and durable before anything refers to it. Its path in the store is the same in a
folder (`artefact_folder.py`) and in a bucket (`artefact_bucket.py`), so that one can be copied to the other.
"""

import re
from collections.abc import AsyncGenerator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Protocol

TEMPORARY = "tmp"
"""The folder for unfinished files, next to the stored ones."""

PIECE_BYTES = 4 * 1024 * 1024
"""Files are read in pieces of at most this size, so that a whole film is never in memory."""

_DIGITS = 32
"""How many digits of the hash are in a name."""

_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
_LONGEST_NAME = 100
_STORED = re.compile(r"[0-9a-f]{2}/(?P<digest>[0-9a-f]+)-(?P<name>[A-Za-z0-9._-]+)")


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


class ArtefactStore(Protocol):
    """Stores files. A path that would be outside the store raises ValueError.

    All methods raise StorageError if the store fails; FilesUnreachable, a subclass, if it may work again later.
    """

    async def probe(self, *, needed_bytes: int = 0) -> None:
        """Test that there is room on the disk for that many bytes of results."""
        ...

    async def clean(self) -> int:
        """Remove unfinished files of an earlier process and return their number. Call it only when the bot starts."""
        ...

    def temporary(self, *, needed_bytes: int = 0) -> AbstractContextManager[Path]:
        """Provide a fresh path for a file to be written and then kept. It is removed at the end if it was not kept."""
        ...

    async def keep(self, temporary: Path, *, name: str) -> StoredFile:
        """Store a finished temporary file. Once this returns, the file survives a power failure.

        `name` contains the owner (job and number) and the file type (as its suffix). The same content under the same
        name is the same file, so repeating this creates no second file.
        """
        ...

    async def size(self, kept: Path | str) -> int | None:
        """Return the size of a stored file in bytes; None if it is not in the store."""
        ...

    async def fetch(self, kept: Path | str, into: Path) -> Path:
        """Return a path on disk at which a stored file can be read: its own, or `into`, to which it is copied.

        A file that is already at `into` is taken for an earlier copy. Raises FileNotFoundError.
        """
        ...

    async def fetch_part(self, kept: Path | str, into: Path, *, start: int, size: int) -> None:
        """Copy a part of a stored file to `into`. Raises FileNotFoundError."""
        ...

    def pieces(self, kept: Path | str, start: int, stop: int) -> AsyncGenerator[bytes]:
        """Yield the bytes of a stored file from `start` to `stop`, in pieces. Raises FileNotFoundError."""
        ...

    def on_disk(self, kept: Path | str) -> Path | None:
        """Return the path at which a stored file would be on this machine; None if the store is elsewhere."""
        ...

    async def list_files(self, owner: str = "") -> tuple[StoredName, ...]:
        """Return all stored files whose names begin with `owner`. This lists the store, so use it rarely."""
        ...

    async def read(self, kept: Path) -> StoredFile:
        """Return a file that is in the store, with its real hash and size."""
        ...

    async def remove(self, kept: Path | str) -> None:
        """Remove a stored file for good. A file that is already gone is not an error."""
        ...


def path_of(sha256: str, name: str) -> Path:
    """Return the path in the store of a file with this content and name."""
    return Path(sha256[:2]) / f"{sha256[:_DIGITS]}-{_UNSAFE.sub('_', name)[-_LONGEST_NAME:]}"


def stored_name(path: str) -> StoredName | None:
    """Parse the path of a stored file. Return None if it is not a path in the store."""
    found = _STORED.fullmatch(path)
    return StoredName(Path(path), found["name"]) if found else None


def digest_in(path: str) -> str:
    """Return the beginning of the hash that a stored file must have; empty if its path does not say."""
    found = _STORED.fullmatch(path)
    return found["digest"] if found else ""


def inner_path(kept: Path | str) -> str:
    """Return a path in the store, written with forward slashes. Raises ValueError for a path outside it."""
    path = PurePosixPath(Path(kept).as_posix())
    if path.is_absolute() or ".." in path.parts or "\0" in str(path):
        raise ValueError(f"{kept} is not in the artefact store")
    return path.as_posix()
