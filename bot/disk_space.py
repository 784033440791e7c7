"""Keeps some of the disk free, so that a big file never takes the space that the database needs to commit."""

import shutil
from pathlib import Path

from bot.errors import StorageError

RESERVE_BYTES = 64 * 1024 * 1024


def require_room(folder: Path, needed_bytes: int, *, reserve_bytes: int = RESERVE_BYTES) -> None:
    """Raise StorageError if that many bytes would not leave the reserve free on the disk of this folder."""
    if shutil.disk_usage(folder).free < needed_bytes + reserve_bytes:
        raise full(folder)


def full(folder: Path) -> StorageError:
    """Return the error for a full disk."""
    return StorageError(
        problem=f"the disk of {folder} is full", fix="Free some space there, or set DATA_DIR to another disk"
    )
