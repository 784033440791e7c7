"""The parts of `easel check` about the database, the stored files, and the port of a running bot."""

import asyncio
import errno
import os
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TypeVar

from bot.app.databases import is_empty, is_in_use, is_on_server, open_readable, shown_database
from bot.app.file_store import as_setting, build_store, try_bucket
from bot.app.paths import ARTEFACTS, database_path, require_writable
from bot.app.shared_database import MARK
from bot.app.upgrade import port_refused
from bot.cli.counted import counted
from bot.cli.findings import Finding, Grade
from bot.errors import EaselError, FilesUnreachable, OlderSchema, SettingsError, StorageError
from bot.jobs.store import file_rows, job_rows
from bot.ops.http_port import listen
from bot.settings import Settings
from bot.sizes import MEGABYTE
from bot.storage.artefact_folder import ArtefactFolder
from bot.storage.artefacts import ArtefactStore, StoredName
from bot.storage.identity import is_same, owners
from bot.storage.moved_file import require_not_moved
from bot.storage.operation import Database
from bot.storage.sqlite.closed_file import is_closed, read_undisturbed
from bot.storage.sqlite.driver import open_readonly
from bot.storage.sqlite.integrity import check as check_file

T = TypeVar("T")


async def check_database(settings: Settings) -> list[Finding]:
    """Check that the database can be opened, or will be created."""
    if is_on_server(settings):
        return await _server(settings)
    try:
        path = database_path(settings)
        await asyncio.to_thread(require_not_moved, path)
        await asyncio.to_thread(require_writable, path.parent, setting="DATABASE_URL")
        if not await asyncio.to_thread(path.exists):
            return [Finding("database", Grade.OK, f"{path} will be created at the first start")]
        if not await asyncio.to_thread(os.access, path, os.W_OK):
            return [Finding("database", Grade.WRONG, f"{path} cannot be written to", "Let this user write to it")]
        await read_undisturbed(path, partial(_read_all, path))
    except OlderSchema as error:
        return [_older(error)]
    except EaselError as error:
        return [Finding.of_error("database", error)]
    return [Finding("database", Grade.OK, f"{path} can be read")]


async def _server(settings: Settings) -> list[Finding]:
    name = shown_database(settings)
    try:
        if await is_empty(settings):
            return [Finding("database", Grade.OK, f"{name} will get its tables at the first start")]
        await (await open_readable(settings)).close()
    except OlderSchema as error:
        return [_older(error)]
    except EaselError as error:
        return [Finding.of_error("database", error)]
    return [Finding("database", Grade.OK, f"{name} can be read")]


def _older(error: OlderSchema) -> Finding:
    what = f"{error.facts['problem']}: the next start upgrades it"
    return Finding("database", Grade.WARNING, what, "Start Easel. Until then, commands refuse to use it")


async def _read_all(path: Path, alone: bool) -> None:
    await (await open_readonly(path, alone=alone)).close()
    await asyncio.to_thread(check_file, path, quick=True, alone=alone)


async def check_bucket(settings: Settings) -> list[Finding]:
    """Try out the bucket for results, and look for files left in the folder that was used before it."""
    if settings.artefacts_url is None:
        return []
    address = settings.artefacts_url
    try:
        keeps_deleted = await try_bucket(settings)
    except FilesUnreachable as error:
        return [Finding.of_error("bucket", as_setting(error) or error)]
    except SettingsError as error:
        return [Finding.of_error("bucket", error)]
    found = [Finding("bucket", Grade.OK, f"{address} stores, shows and deletes")]
    if keeps_deleted:
        what = f"{address} keeps old versions, so files that were taken down or erased are still there"
        fix = "Suspend its versioning, or let a lifecycle rule delete noncurrent versions (docs/operate.md)"
        found = [Finding("bucket", Grade.WARNING, what, fix)]
    if left := len(await _files_of_jobs(ArtefactFolder(settings.data_dir / ARTEFACTS))):
        what = f"{settings.data_dir / ARTEFACTS} still has {counted(left, 'file')}, which nothing shows or erases"
        found.append(Finding("bucket", Grade.WARNING, what, "Move them as docs/operate.md describes"))
    return found


async def _files_of_jobs(store: ArtefactStore) -> list[StoredName]:
    return [one for one in await store.list_files() if one.name != MARK]


async def check_files(settings: Settings) -> list[Finding]:
    """Look for files that no row of the database refers to, for example after a restore."""
    place = settings.artefacts_url or str(settings.data_dir / ARTEFACTS)

    async def strays_of(database: Database) -> tuple[int, list[Path], int]:
        store = build_store(settings)
        # The files are listed before the rows are read: otherwise, a file stored in between would seem to have no row.
        files = await _files_of_jobs(store)
        known, live = await database.read(file_rows.known_paths), await database.read(job_rows.live_ids)
        # The row of a file is written after the file, so files of a job in progress may still get rows.
        strays = [one.path for one in files if one.path.as_posix() not in known and one.name.split("-")[0] not in live]
        return len(files), strays, sum([await store.size(path) or 0 for path in strays])

    try:
        number, strays, size = await _read(settings, strays_of)
    except EaselError:  # there is no database yet, or another check has already reported the problem
        return []
    if not strays:
        what = f"{place} has {counted(number, 'file')}, all of known jobs" if number else f"{place} has no files yet"
        return [Finding("files", Grade.OK, what)]
    size_mb = size / MEGABYTE
    what = f"{place} has {counted(len(strays), 'file')} without a job ({size_mb:.1f} MB), for example {strays[0]}"
    fix = "They may be results from after a backup that was restored. Delete them when nobody asks for them any more"
    return [Finding("files", Grade.WARNING, what, fix)]


async def _read(settings: Settings, work: Callable[[Database], Awaitable[T]]) -> T:
    """Read from a database that may be in use, and write nothing. Raises SettingsError or StorageError."""

    async def read(alone: bool) -> T:
        database = await (open_readable(settings) if is_on_server(settings) else open_readonly(path, alone=alone))
        try:
            return await work(database)
        finally:
            await database.close()

    if is_on_server(settings):
        return await read(False)
    path = database_path(settings)

    if not await asyncio.to_thread(path.exists):
        raise StorageError(problem=f"there is no database at {path}", fix="Start Easel once, or set DATABASE_URL")
    return await read_undisturbed(path, read)


async def _owners(settings: Settings) -> Mapping[str, str]:
    return await _read(settings, lambda database: database.read(owners))


async def check_provider_of_database(settings: Settings) -> list[Finding]:
    """Check that the database belongs to the configured provider."""
    return await _other_owner(settings, "provider", settings.provider_url, is_same)


async def check_application_of_database(settings: Settings, application: int) -> list[Finding]:
    """Check that the database belongs to this application."""
    return await _other_owner(settings, "application", str(application), str.__eq__)


async def _other_owner(
    settings: Settings, kind: str, configured: str, agree: Callable[[str, str], bool]
) -> list[Finding]:
    """Report a database that belongs to a provider or application other than the configured one."""
    try:
        owner = (await _owners(settings)).get(kind, configured)
    except EaselError:  # there is no database yet, or the database check has already reported the problem
        return []
    if agree(owner, configured):
        return []
    what = f"{shown_database(settings)} belongs to the {kind} {owner}, not to {configured}"
    return [Finding("database", Grade.WRONG, what, "Set DATABASE_URL to another database, or restore the setting")]


async def check_port(settings: Settings) -> list[Finding]:
    """Check that the port for health and metrics is free, unless the bot is running and uses it."""
    if not settings.http_port or await is_running(settings):
        return []
    try:
        for socket in await listen(settings.http_host, settings.http_port):
            socket.close()
    except OSError as error:
        refused = Finding.of_error("port", port_refused(settings, error))
        # The sandbox may be using the port, and is stopped before the bot starts.
        return [replace(refused, grade=Grade.WARNING) if error.errno == errno.EADDRINUSE else refused]
    return []


async def is_running(settings: Settings) -> bool:
    """Return whether a bot uses the database; False if it cannot be read."""
    try:
        if is_on_server(settings):
            return await is_in_use(settings)
        return not await asyncio.to_thread(is_closed, database_path(settings))
    except EaselError:  # reported by the database check
        return False
