"""Lets one process at a time own a database: the kernel releases the lock when the process ends in any way."""

import fcntl
import os
from pathlib import Path
from typing import Self

from bot.errors import StorageError

ANOTHER = "Stop that one first, or set DATABASE_URL to another file"


class Lock:
    """An exclusive lock on `NAME.lock` next to a database file. The lock file itself is never removed."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor: int | None = descriptor

    @classmethod
    def acquire(cls, database: Path, *, fix: str = ANOTHER) -> Self:
        """Acquire the lock. Raises StorageError with this `fix` at once if another process (or this one) has it.

        A file system that cannot lock files is an error too: without a lock, two processes could own the database.
        """
        path = database.with_name(database.name + ".lock")
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            owner = os.read(descriptor, 20).decode(errors="replace").strip() or "unknown"
            os.close(descriptor)
            raise StorageError(
                problem=f"{database} is in use by another Easel (process {owner})",
                fix=fix,
            ) from error
        except OSError as error:  # some network file systems have no locks
            os.close(descriptor)
            raise StorageError(
                problem=f"{database} cannot be locked: {error.strerror}", fix="Put it on a local disk"
            ) from error
        # The process id is only for the error message of the next process; the lock itself is what counts.
        os.ftruncate(descriptor, 0)
        os.write(descriptor, str(os.getpid()).encode())
        return cls(descriptor)

    def release(self) -> None:
        """Release the lock. A second call does nothing."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
