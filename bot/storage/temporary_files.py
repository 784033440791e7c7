"""Files that are being written, before they are stored under their names: in a separate folder."""

import asyncio
import errno
import secrets
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from bot.disk_space import RESERVE_BYTES, full, require_room
from bot.errors import StorageError
from bot.private_files import make_folder

LEFT_OVER_S = 24 * 60 * 60.0

_FULL = {errno.ENOSPC, errno.EDQUOT}


class TemporaryFiles:
    """Unfinished files in one folder, which need not exist yet."""

    def __init__(self, folder: Path, *, reserve_bytes: int = RESERVE_BYTES, shared: bool = False) -> None:
        """`shared` means that other processes write to the folder too."""
        self._folder = folder
        self._shared = shared
        self._reserve_bytes = reserve_bytes

    async def probe(self, *, needed_bytes: int = 0) -> None:
        """Test that there is room for that many bytes. Raises StorageError."""
        # Asking the disk takes microseconds; in another thread it would take ten times as long. `one` does the same.
        with storage_errors():
            require_room(_existing(self._folder), needed_bytes, reserve_bytes=self._reserve_bytes)

    async def clean(self) -> int:
        """Remove unfinished files of an earlier process and return their number. Call it only when the bot starts.

        In a shared folder, only files that have not been written to for a day are removed.
        """
        return await asyncio.to_thread(self._clean)

    @contextmanager
    def one(self, *, needed_bytes: int = 0) -> Generator[Path]:
        """Provide a fresh path for a file, which is removed at the end if it is still there.

        Raises StorageError if that many bytes would not fit on the disk.
        """
        with storage_errors():
            make_folder(self._folder)
            require_room(self._folder, needed_bytes, reserve_bytes=self._reserve_bytes)
        path = self._folder / secrets.token_hex(16)
        try:
            yield path
        finally:
            path.unlink(missing_ok=True)

    def _clean(self) -> int:
        leftovers = [one for one in self._folder.glob("*") if not self._shared or is_left_over(one)]
        for leftover in leftovers:
            leftover.unlink(missing_ok=True)
        return len(leftovers)


def is_left_over(path: Path) -> bool:
    """Return whether a temporary file or folder is so old that its process must have ended."""
    try:
        return time.time() - path.stat().st_mtime > LEFT_OVER_S
    except FileNotFoundError:  # its process has just removed it
        return False


@contextmanager
def storage_errors() -> Generator[None]:
    """Translate an OSError into a StorageError that says what to do."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise full(Path(error.filename or "the results")) from error
        raise StorageError(problem=f"a file cannot be stored: {error}", fix="Check DATA_DIR and its disk") from error


def _existing(folder: Path) -> Path:
    """Return this folder or the nearest one above it that exists."""
    return next((one for one in (folder, *folder.parents) if one.exists()), folder)
