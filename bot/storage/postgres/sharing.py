"""Brings a database on a server up to date before it is used, by one process or by several that share it."""

import asyncio
import random

from bot.errors import StorageError
from bot.storage.owned_database import BeforeUpgrade
from bot.storage.postgres.connection import ALONE, PAUSE_S, ServerConnection, close, connect, shown
from bot.storage.postgres.owner import InUse, Owner, Wish
from bot.storage.postgres.schema import is_current, migrate, owners_before_upgrade

OLDEST = 160_000
"""The oldest supported server, in the server's own numbering: 16.0."""

WAIT_S = 10.0
"""How long a process that shares the database waits for other processes of its bot, which may have just started too."""


async def prepare(url: str, before_upgrade: BeforeUpgrade | None) -> None:
    """Bring the schema up to date. No other process may use the database while this runs. Raises StorageError."""
    connection = await connect(url)
    try:
        await require_version(connection, url)
        owners = await owners_before_upgrade(connection, url) if before_upgrade else None
        if before_upgrade and owners is not None:
            await before_upgrade(owners)
        await migrate(connection, url)
    finally:
        await close(connection)


async def shared(url: str, name: str, before_upgrade: BeforeUpgrade | None) -> Owner:
    """Share the database under this name, with the current schema.

    Only a process that owns the database alone may change the schema, so it is changed before other processes start.
    Raises StorageError if a process that shares the database runs with another schema, or if a process owns the
    database alone.
    """
    deadline_s = asyncio.get_running_loop().time() + WAIT_S
    sharing, alone = Wish(url, name=name, shared=True), Wish(url, name=name)
    while True:
        try:
            owner = await Owner.attempt(sharing)
            if await _is_up_to_date(url, owner):
                return owner
            changing = await Owner.attempt(alone)
        except InUse as others:
            if ALONE in others.names or asyncio.get_running_loop().time() >= deadline_s:
                raise _refused(url, others) from None
            await asyncio.sleep(random.uniform(PAUSE_S / 2, PAUSE_S))
        else:
            try:
                await prepare(url, before_upgrade)
            finally:
                await changing.release()


async def _is_up_to_date(url: str, owner: Owner) -> bool:
    """Return whether the schema is current. If it is not, or if this fails, release the database."""
    try:
        connection = await connect(url)
        try:
            await require_version(connection, url)
            found = await is_current(connection, url)
        finally:
            await close(connection)
    except BaseException:
        await owner.release()
        raise
    if not found:
        await owner.release()
    return found


def _refused(url: str, others: InUse) -> StorageError:
    """Return the error for a database that another process owns alone, or that others share with another schema."""
    if ALONE in others.names:
        return others.told
    return StorageError(
        problem=f"{shown(url)} needs the schema of this version, but processes of another version use it",
        fix=f"Stop them first: {', '.join(sorted(others.names))}",
    )


async def require_version(connection: ServerConnection, url: str) -> None:
    """Raise StorageError if the server or the encoding of the database is not supported."""
    ((number, encoding),) = await connection.fetch(
        "SELECT current_setting('server_version_num')::bigint, current_setting('server_encoding')"
    )
    if not isinstance(number, int) or number < OLDEST:
        raise StorageError(
            problem=f"{shown(url)}: PostgreSQL {number} is too old", fix=f"Use PostgreSQL {OLDEST // 10_000} or newer"
        )
    if encoding != "UTF8":
        raise StorageError(
            problem=f"{shown(url)} stores texts as {encoding}, in which not all languages can be written",
            fix="Create the database with createdb --encoding=UTF8 --template=template0",
        )
