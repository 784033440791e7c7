"""Opens connections to a PostgreSQL server.

asyncpg has no types, so the parts of it that are used are declared here.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol, cast
from urllib.parse import unquote, urlsplit

import asyncpg  # pyright: ignore[reportMissingTypeStubs]

from bot.errors import SettingsError
from bot.storage.postgres.encryption import tls_problem
from bot.storage.postgres.server_errors import is_gone, storage_error
from bot.storage.postgres.silent_ends import ON_THE_SERVER, NoticingConnection

GOODBYE_S = 2.0
"""How long closing a connection may wait for the server."""

CONNECT_S = 30.0
"""How long connecting may take. A restarting server refuses connections at once, so attempts are repeated."""

READ_REFUSED_S = 2.0
"""The same for a command that only reads: someone is waiting for it, and wants to know if the server is down."""

PAUSE_S = 0.2
"""How long to wait before the next attempt to reach the server."""

COMMAND_S = 60.0
"""How long a statement of an operation may take. If the server's machine vanished, `silent_ends.py` ends it sooner."""

ALONE = "easel"
"""The name, on the server, of the sessions of a process that does not share the database."""

_SESSION = {
    "application_name": ALONE,
    "jit": "off",  # JIT compilation costs more than any statement of an operation
    "lock_timeout": "10s",
    **ON_THE_SERVER,
    "idle_in_transaction_session_timeout": "60s",  # a frozen process must not keep its locks forever
}
_CACHED_STATEMENTS = 1024

_connect = cast("Callable[..., Awaitable[object]]", asyncpg.connect)  # pyright: ignore[reportUnknownMemberType]
_create_pool = cast("Callable[..., Awaitable[object]]", asyncpg.create_pool)  # pyright: ignore[reportUnknownMemberType]

WRITING = {
    "default_transaction_isolation": "serializable",
    # Reading a whole table, however small, would make a transaction conflict with every other one that writes to it.
    "enable_seqscan": "off",
    # Members have seen their charges, so nothing may be lost if the server's machine loses power.
    "synchronous_commit": "on",
}
READING = {"default_transaction_isolation": "repeatable read", "default_transaction_read_only": "on"}


def named(settings: Mapping[str, str], name: str | None) -> Mapping[str, str]:
    """Return these settings with a session name, if there is one."""
    return settings if name is None else {**settings, "application_name": name}


class ServerConnection(Protocol):
    """One connection to the server."""

    async def fetch(self, sql: str, *values: object) -> Sequence[Sequence[object]]: ...  # noqa: D102 - asyncpg's

    async def execute(self, sql: str) -> str: ...  # noqa: D102

    async def copy_records_to_table(  # noqa: D102
        self, table: str, *, records: Sequence[tuple[object, ...]], columns: Sequence[str]
    ) -> str: ...

    def is_closed(self) -> bool: ...  # noqa: D102

    async def close(self, *, timeout: float | None = None) -> None: ...  # noqa: D102, ASYNC109

    def terminate(self) -> None: ...  # noqa: D102

    def add_termination_listener(self, callback: Callable[[object], None]) -> None: ...  # noqa: D102

    async def add_listener(self, channel: str, callback: Callable[[object, int, str, str], None]) -> None: ...  # noqa: D102

    def get_server_pid(self) -> int: ...  # noqa: D102


class Pool(Protocol):
    """A limited number of connections, each lent to one caller at a time, and opened when needed."""

    def acquire(self) -> AbstractAsyncContextManager[ServerConnection]: ...  # noqa: D102

    async def close(self) -> None: ...  # noqa: D102

    def terminate(self) -> None: ...  # noqa: D102


async def connect(
    url: str, settings: Mapping[str, str] = WRITING, *, refused_s: float | None = None
) -> ServerConnection:
    """Open one connection. Raises StorageError if the server still refuses it after `refused_s` seconds.

    `refused_s` is CONNECT_S by default. Raises SettingsError if the address cannot be read.
    """
    if url.partition("?")[0].count("@") > 1:  # otherwise asyncpg takes the rest for the server's name
        raise not_an_address(ValueError("the password has an @"))
    deadline_s = asyncio.get_running_loop().time() + (CONNECT_S if refused_s is None else refused_s)
    while True:
        try:
            made = await _connect(url, **_options(settings))
        except Exception as error:
            if (insecure := tls_problem(error, url)) is not None:
                raise insecure from error
            if isinstance(error, ValueError | asyncpg.ClientConfigurationError):
                raise not_an_address(error) from error
            late = asyncio.get_running_loop().time() >= deadline_s
            if late or not isinstance(error, (asyncpg.CannotConnectNowError, ConnectionRefusedError)):
                raise storage_error(error, shown(url)) from error
            await asyncio.sleep(PAUSE_S)
        else:
            return cast("ServerConnection", made)


async def close(connection: ServerConnection) -> None:
    """Close a connection, and abort it if the server takes too long or is gone. Raises nothing."""
    try:
        await connection.close(timeout=GOODBYE_S)
    except Exception:  # noqa: BLE001 - its work is done, and it is no longer needed
        connection.terminate()


async def open_pool(url: str, most: int, settings: Mapping[str, str]) -> Pool:
    """Make a pool with a limited number of connections, which are opened when they are needed."""
    options = {"reset": _unchanged, "command_timeout": COMMAND_S, **_options(settings)}
    try:
        made = await _create_pool(url, min_size=0, max_size=most, **options)
    except Exception as error:
        raise storage_error(error, shown(url)) from error
    return cast("Pool", made)


def _options(settings: Mapping[str, str]) -> dict[str, object]:
    server_settings = {**_SESSION, **settings}
    return {
        "timeout": CONNECT_S,
        "statement_cache_size": _CACHED_STATEMENTS,
        "server_settings": server_settings,
        "connection_class": NoticingConnection,
    }


async def _unchanged(connection: object) -> None:
    """Reset nothing, which saves a round trip: a transaction does not change its session."""


def shown(url: str) -> str:
    """Return the address of a database in a form that people may see: without user, password and options.

    If the password may be elsewhere, because its special characters are not encoded, the address is not shown at
    all.
    """
    if not _is_clear(url):
        return "postgresql://(hidden)"
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    if not host:  # a socket's folder is in the options
        host = next((unquote(one[5:]) for one in parts.query.split("&") if one.startswith("host=")), "")
    return f"postgresql://{host}/{database_name(url)}"


def _is_clear(url: str) -> bool:
    """Return whether an address can contain a password in the usual place only."""
    try:
        parts = urlsplit(url)
        _ = parts.port  # the port is not a number if the password has a #, / or ?
    except ValueError:
        return False
    return "@" not in parts.path + parts.query + parts.fragment


def database_name(url: str) -> str:
    """Return the name of the database in an address."""
    return unquote(urlsplit(url).path.lstrip("/"))


def not_an_address(error: BaseException) -> SettingsError:
    """Return the error for an address that cannot be read. It does not show the address, because of the password."""
    return SettingsError(
        name="DATABASE_URL",
        problem=f"is not the address of a PostgreSQL database ({type(error).__name__})",
        fix="Write postgresql://user:password@host:5432/name; encode special characters of the password (@ is %40)",
    )


def is_lost(connection: ServerConnection, error: BaseException) -> bool:
    """Return whether an error came from a connection that no longer works."""
    if is_gone(error):
        return True
    try:
        return connection.is_closed()
    except asyncpg.InterfaceError:  # the pool has already taken it back
        return True
