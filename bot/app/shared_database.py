"""Lets several processes share one database: refuses settings that cannot work, and joins the other processes."""

import asyncio
import logging
import secrets
import socket
from dataclasses import dataclass

from bot.app.databases import is_on_server, open_database
from bot.app.paths import KEY_FILE
from bot.app.shutdown import BoundedShutdown
from bot.clock import MachineClock
from bot.errors import FilesUnreachable, SettingsError
from bot.processes import drain_rows
from bot.processes.notices import NoNotices, Notices
from bot.processes.this_process import Process, SingleProcess
from bot.settings import Settings
from bot.storage import identity
from bot.storage.artefacts import ArtefactStore
from bot.storage.operation import Database
from bot.storage.owned_database import BeforeUpgrade, OwnedDatabase
from bot.storage.secret_key import SecretKey

CLOSE_S = 1.0
"""How long the database may take to close, even if other parts have used up the time for stopping."""

HOST_CHARACTERS = 24

MARK, MARK_BYTES = "easel-shared-store", 32
"""The file by which processes recognise that they share a store. It belongs to no job."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Membership:
    """The database, this process among those that use it, and their notices to each other."""

    database: OwnedDatabase
    process: Process
    notices: Notices


def require_shareable(settings: Settings) -> None:
    """Raise SettingsError if ROLE needs something that is not set."""
    if not settings.role.is_shared:
        return
    if not is_on_server(settings):
        raise SettingsError(
            name="ROLE",
            problem=f"is {settings.role}, but a SQLite file belongs to one process",
            fix="Use ROLE=all, or set DATABASE_URL to a PostgreSQL database",
        )
    if settings.secret_key is None:
        raise SettingsError(
            name="SECRET_KEY",
            problem=f"is not set, but ROLE is {settings.role}: the processes read what each of them has encrypted",
            fix=f"Set the same key for all of them{_which_key(settings)}",
        )


async def join(
    settings: Settings, wall: MachineClock, stack: BoundedShutdown, before_upgrade: BeforeUpgrade | None
) -> Membership:
    """Open the database, alone or together with other processes. Closing `stack` undoes all of it.

    Raises SettingsError or StorageError.
    """
    if not settings.role.is_shared:
        database = await open_database(settings, before_upgrade=before_upgrade)
        stack.push_stop(database.close, "the database", least_s=CLOSE_S)  # merges recent writes into the file
        if is_on_server(settings) and await database.run(drain_rows.forget):
            log.info("the drain of several processes is over, because this one has the database alone")
        return Membership(database, SingleProcess(), NoNotices())
    # A single process needs none of these modules, and on SQLite no asyncpg.
    from bot.jobs.store import holder_rows  # noqa: PLC0415
    from bot.processes.fenced_database import FencedDatabase  # noqa: PLC0415
    from bot.processes.leased_process import LeasedProcess  # noqa: PLC0415
    from bot.processes.server_notices import ServerNotices  # noqa: PLC0415

    name = _name(settings.role)
    database = await open_database(settings, before_upgrade=before_upgrade, shared_as=name)
    stack.push_stop(database.close, "the database", least_s=CLOSE_S)
    notices = await ServerNotices.start(settings.database_url, name=name)
    stack.push_async_callback(notices.close)
    process = await LeasedProcess.start(
        settings.database_url, name=name, role=settings.role, clock=wall, freed=holder_rows.free
    )
    stack.push_async_callback(process.close)  # after all parts that write: others may then take this process's jobs
    return Membership(FencedDatabase(database, process), process, notices)


async def require_same_key(database: Database, secret_key: SecretKey, token: int) -> None:
    """Raise SettingsError if another running process has a different SECRET_KEY; record this one if none is running."""
    mark = secret_key.derive("easel shared key").hex()
    if not await database.run(lambda: identity.share_key(mark, token)):
        raise SettingsError(
            name="SECRET_KEY",
            problem="is not that of the other processes, so neither could read what the other one has encrypted",
            fix="Set the same key for all of them. To change it, stop all of them first",
        )


async def require_same_store(database: Database, store: ArtefactStore, token: int) -> None:
    """Raise SettingsError if another running process keeps its files elsewhere: results would be lost.

    A store that cannot be reached now is not examined.
    """
    try:
        if not await _is_shared(database, store) and not await _has_marked(database, store, token):
            raise SettingsError(
                name="ARTEFACTS_URL",
                problem="or DATA_DIR leads to other files than those of the other processes, so results would be lost",
                fix="Use the same bucket for all of them, or the same folder. To change it, stop all of them first",
            )
    except FilesUnreachable as error:
        log.warning("the files were not compared with those of other processes: %s", error)


async def _is_shared(database: Database, store: ArtefactStore) -> bool:
    known = await database.read(identity.shared_store)
    return known is not None and await store.size(known) is not None


async def _has_marked(database: Database, store: ArtefactStore, token: int) -> bool:
    """Put a file that identifies the store into it. Return False if other processes use another store."""
    with store.temporary() as path:
        await asyncio.to_thread(path.write_bytes, secrets.token_bytes(MARK_BYTES))
        mark = await store.keep(path, name=MARK)
    if await database.run(lambda: identity.share_store(mark.path.as_posix(), token)):
        return True
    await store.remove(mark.path)
    return await _is_shared(database, store)  # another process may have put its file there at the same time


def _name(role: str) -> str:
    """Return a name that no other process has, for the database's list of sessions."""
    return f"easel-{role}-{socket.gethostname()[:HOST_CHARACTERS]}-{secrets.token_hex(4)}"


def _which_key(settings: Settings) -> str:
    """Return which key to set. With a different key than before, stored data could not be decrypted."""
    used = settings.data_dir / KEY_FILE
    if used.exists():
        return f": that in {used}"
    from cryptography.fernet import Fernet  # noqa: PLC0415 - for a message that is rarely shown

    return f", such as {Fernet.generate_key().decode()}"
