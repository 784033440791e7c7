"""The paths that follow from the operator's settings: the database and the data folder.

Separate from `services.py`, so that a command that only needs a path does not load all parts of the bot.
"""

import os
import shutil
from pathlib import Path
from tempfile import TemporaryFile

from bot.errors import SettingsError
from bot.private_files import make_folder
from bot.settings import Settings
from bot.storage.temporary_files import is_left_over

ARTEFACTS = "artefacts"
"""The folder in DATA_DIR for result and input files."""

BACKUPS = "backups"
"""The folder in DATA_DIR for copies of the database, unless BACKUP_DIR is set."""

KEY_FILE = "secret.key"
"""The file in DATA_DIR with the key that encrypts tokens, unless SECRET_KEY is set."""

SCRATCH = "scratch"
"""The folder in DATA_DIR for files that are not needed after a restart."""


def make_data_dir(folder: Path) -> None:
    """Create the data folder and test that it is writable. Raises SettingsError."""
    try:
        make_folder(folder)
        TemporaryFile(dir=folder).close()
    except OSError as error:
        raise SettingsError(
            name="DATA_DIR",
            problem=f"{folder} cannot be written to: {error.strerror}",
            fix="Make it a folder that this user can write to, or set another one",
        ) from error


def require_writable(folder: Path, *, setting: str = "DATA_DIR") -> None:
    """Check that this folder can be created and written to, without writing anything. Raises SettingsError."""
    nearest = next(one for one in (folder, *folder.absolute().parents) if one.exists())
    if not nearest.is_dir() or not os.access(nearest, os.W_OK | os.X_OK):
        raise SettingsError(
            name=setting,
            problem=f"{folder} cannot be written to" if nearest == folder else f"{folder} cannot be made in {nearest}",
            fix="Make it a folder that this user can write to, or set another one",
        )


def clear_scratch(folder: Path, *, shared: bool = False) -> None:
    """Create an empty folder for copies that are about to be sent: a container may have no other writable place.

    If it is `shared` with other processes, only entries that have been there for a day are removed.
    """
    for left in folder.iterdir() if shared and folder.is_dir() else ():
        if is_left_over(left):
            shutil.rmtree(left, ignore_errors=True)
    if not shared:
        shutil.rmtree(folder, ignore_errors=True)
    make_folder(folder)


def backups_folder(settings: Settings) -> Path:
    """Return the folder for scheduled copies of the database."""
    return settings.backup_dir or settings.data_dir / BACKUPS


def database_path(settings: Settings) -> Path:
    """Return the path of the database file. Raises SettingsError if DATABASE_URL is not for SQLite."""
    kind, _, path = settings.database_url.partition(":///")
    if kind != "sqlite" or not path:
        raise SettingsError(
            name="DATABASE_URL",
            # Not shown, because it may contain a password.
            problem="is neither the address of a SQLite file nor that of a PostgreSQL database",
            fix="Use sqlite:/// and a path, for example sqlite:///data/easel.db, or postgresql://user:password@host/name",
        )
    return Path(path)
