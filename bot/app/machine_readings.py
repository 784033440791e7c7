"""Measures the machine: disks, files, versions and the event loop."""

import asyncio
import platform
import shutil
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from bot.app.databases import is_on_server
from bot.app.paths import backups_folder, database_path
from bot.ops.loop_lag import LoopLag
from bot.ops.scheduled_backups import ScheduledBackups
from bot.settings import Settings

LOG_SUFFIX = "-wal"


@dataclass(frozen=True, slots=True)
class MachineReadings:
    """Readings of files and disks, each taken in a thread: a disk may be slow. `folders` are watched for free space."""

    database_file: Path | None
    folders: Mapping[str, Path]
    backups: ScheduledBackups | None
    loop_lag: LoopLag
    versions: Mapping[str, str]

    async def database(self) -> Mapping[str, float]:
        """Return the size of the database's file and of its log, in bytes; nothing if it is on a server."""
        file = self.database_file
        if file is None:
            return {}
        log = file.with_name(file.name + LOG_SUFFIX)
        return await asyncio.to_thread(lambda: {"main": _bytes(file), "log": _bytes(log)})

    async def free(self) -> Mapping[str, float]:
        """Return the free bytes on the disk of each folder."""
        return {name: free for name, (free, _) in (await self._disks()).items()}

    async def size(self) -> Mapping[str, float]:
        """Return the size of the disk of each folder, in bytes."""
        return {name: size for name, (_, size) in (await self._disks()).items()}

    async def backup_age(self) -> Mapping[str, float]:
        """Return the age of the newest copy in seconds, or for how long there has been none."""
        return {} if self.backups is None else {"": await asyncio.to_thread(self.backups.without_copy_s)}

    async def _disks(self) -> Mapping[str, tuple[float, float]]:
        """Return the free and total bytes of the disk of each folder that exists."""
        return await asyncio.to_thread(
            lambda: {name: _free_and_size(folder) for name, folder in self.folders.items() if folder.exists()}
        )


def machine_readings(settings: Settings, backups: ScheduledBackups | None, lag: LoopLag) -> MachineReadings:
    """Return the readings for an operator's settings."""
    file = None if is_on_server(settings) else database_path(settings)
    folders = {"data": settings.data_dir} | ({} if file is None else {"database": file.parent})
    if backups is not None:
        folders["backups"] = backups_folder(settings)
    return MachineReadings(file, folders, backups, lag, versions())


def versions() -> Mapping[str, str]:
    """Return the versions of Easel, of Python and of the libraries."""
    return {
        "version": _version("easel"),
        "python": platform.python_version(),
        "discord_py": _version("discord.py"),
        "sqlite": sqlite3.sqlite_version,
    }


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:  # run from its source folder, without being installed
        return "unknown"


def _bytes(file: Path) -> float:
    try:
        return float(file.stat().st_size)
    except FileNotFoundError:
        return 0.0


def _free_and_size(folder: Path) -> tuple[float, float]:
    usage = shutil.disk_usage(folder)
    return float(usage.free), float(usage.total)
