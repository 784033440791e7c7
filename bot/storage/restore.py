"""Replaces the database with a backup, and keeps the old database.

No matter when the process is killed, at the next startup the bot finds the old database or the restored one, or refuses
to use the restored one with the log of the old one; then `easel restore` can be repeated.
"""

import glob
import shutil
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.errors import StorageError
from bot.private_files import close_file, make_folder, to_disk
from bot.storage.backup import backup
from bot.storage.sqlite.integrity import has_foreign_log, log_of
from bot.storage.sqlite.lock import Lock
from bot.storage.sqlite.schema import migrate, require_easel

STOP = "Stop the bot first"


@contextmanager
def locked(target: Path) -> Generator[None]:
    """Own a database that need not exist. Raises StorageError if the bot is running."""
    try:
        make_folder(target.parent)
        lock = Lock.acquire(target, fix=STOP)
    except OSError as error:
        raise StorageError(problem=f"{target} cannot be used: {error.strerror}", fix="Check DATABASE_URL") from error
    try:
        yield
    finally:
        lock.release()


def stage(file: Path, target: Path) -> Path:
    """Copy a backup next to the database and check every page of the copy; return its path. Blocks.

    Raises StorageError if there is no such file, if it is damaged or another program's, or if it cannot be copied.
    """
    if not file.is_file():
        raise StorageError(problem=f"there is no file {file}", fix="Check the name of the backup")
    require_easel(file)
    staged = target.with_name(f"{target.name}.restoring")
    staged.unlink(missing_ok=True)
    for left in target.parent.glob(f"{glob.escape(staged.name)}-*"):  # left by a restore that was killed
        shutil.rmtree(left, ignore_errors=True)
    backup(file, staged)
    return staged


@contextmanager
def migrated(staged: Path) -> Generator[Path]:
    """Provide a copy that has the current schema, and delete it afterwards. Blocks.

    The staged copy itself stays as it is until the next startup: because it has no log, it is never mistaken for the
    owner of the log that the replaced database leaves. Raises StorageError if the schema cannot be updated.
    """
    with TemporaryDirectory(dir=staged.parent, prefix=f"{staged.name}-") as folder:
        copy = Path(folder) / staged.name
        shutil.copyfile(staged, copy)
        migrate(copy)
        yield copy


def replace(target: Path, staged: Path) -> Path | None:
    """Replace the database with the staged copy. Return where the old one is kept; None if there was none.

    Blocks. Raises StorageError if the files cannot be written.
    """
    try:
        kept = _keep(target)
        staged.replace(target)
        for left in (log_of(target), target.with_name(f"{target.name}-shm")):
            left.unlink(missing_ok=True)
        to_disk(target.parent)
    except OSError as error:
        raise StorageError(problem=f"{target} cannot be replaced: {error.strerror}", fix="Check the folder") from error
    return kept


def _keep(target: Path) -> Path | None:
    """Give the database a second name, and copy its log, which contains its last commits."""
    log = log_of(target)
    if not target.exists() and not log.exists():
        return None
    kept = _free_name(target)  # free for both files: a log without its database is kept too
    # The log belongs to another database if an earlier restore was killed; that restore has kept it.
    if log.exists() and not (target.exists() and has_foreign_log(target)):
        _link_or_copy(log, log_of(kept))
    if target.exists():
        _link_or_copy(target, kept)
    to_disk(target.parent)
    return kept


def _link_or_copy(source: Path, copy: Path) -> None:
    try:
        copy.hardlink_to(source)
    except FileExistsError:
        raise
    except OSError:  # FAT and some network file systems have no links
        shutil.copyfile(source, copy)
        close_file(copy)
        to_disk(copy)


def _free_name(target: Path) -> Path:
    stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    names = (f"{target.name}.replaced-{stamp}{f'.{count}' if count else ''}" for count in range(1_000_000))
    return next(path for path in map(target.with_name, names) if not path.exists() and not log_of(path).exists())
