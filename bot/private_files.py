"""Files and folders that only their owner may read: they contain prompts, pictures, tokens and the ledger."""

import contextlib
import errno
import os
import secrets
import stat
from itertools import takewhile
from pathlib import Path

FOLDER_MODE = 0o700
FILE_MODE = 0o600
UNSUPPORTED = frozenset({errno.EINVAL, errno.ENOTSUP, errno.ENOSYS})


def make_folder(folder: Path) -> None:
    """Create a folder and its missing parents for the owner only; an existing one is made private. Raises OSError.

    A shared folder such as /tmp stays as it is.
    """
    missing = takewhile(lambda one: not one.exists(), (folder, *folder.parents))
    for one in reversed([*missing]):
        one.mkdir(FOLDER_MODE, exist_ok=True)
    if not folder.stat().st_mode & stat.S_ISVTX:
        _close(folder, FOLDER_MODE)


def create_file(path: Path) -> None:
    """Create an empty file for the owner only. Raises FileExistsError if there is one."""
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, FILE_MODE))


def close_file(path: Path) -> None:
    """Let only the owner read and write a file, if it exists."""
    _close(path, FILE_MODE)


def write_once(path: Path, content: bytes) -> None:
    """Write a file for the owner only: it appears with its whole content, or not at all. An existing one is kept.

    Two processes that do this at the same time on a file system without links may both succeed; the later one wins.
    """
    begun = path.with_name(f"{path.name}.{secrets.token_hex(4)}.new")
    try:
        create_file(begun)
        with begun.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        _put_in_place(begun, path)
    finally:
        begun.unlink(missing_ok=True)
    to_disk(path.parent)


def _put_in_place(begun: Path, path: Path) -> None:
    """Give a finished file its name, unless another process was faster."""
    try:
        path.hardlink_to(begun)
    except FileExistsError:
        return
    except OSError:  # FAT and some network file systems have no links
        if not path.exists():
            begun.rename(path)


def to_disk(path: Path) -> None:
    """Wait until a file or the entries of a folder are on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        # Some network file systems cannot do this for folders, but do it automatically.
        if error.errno not in UNSUPPORTED or not path.is_dir():
            raise
    finally:
        os.close(descriptor)


def _close(path: Path, mode: int) -> None:
    # Some file systems have no modes, and a mounted folder may belong to someone else.
    with contextlib.suppress(OSError):
        if stat.S_IMODE(path.stat().st_mode) != mode:
            path.chmod(mode)
