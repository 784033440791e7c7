"""Translates PostgreSQL's errors, and decides what a transaction does about them."""

import ssl

import asyncpg  # pyright: ignore[reportMissingTypeStubs]

from bot.errors import StorageError

_CLASHES = (
    asyncpg.SerializationError,
    asyncpg.DeadlockDetectedError,
)
_GONE = (
    asyncpg.CannotConnectNowError,
    asyncpg.PostgresConnectionError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.IdleInTransactionSessionTimeoutError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    OSError,  # this includes TimeoutError
)
_PROBLEMS: tuple[tuple[type[BaseException], str, str], ...] = (
    (asyncpg.InvalidPasswordError, "the database refused the password", "Correct the password in DATABASE_URL"),
    (
        asyncpg.InvalidAuthorizationSpecificationError,
        "the database refused this user",
        "Correct the user in DATABASE_URL, or let it in (pg_hba.conf)",
    ),
    (
        asyncpg.InvalidCatalogNameError,
        "the server has no such database",
        "Create it with createdb, or correct its name in DATABASE_URL",
    ),
    (
        asyncpg.TooManyConnectionsError,
        "the server accepts no more connections",
        "Stop programs that use it, or raise max_connections",
    ),
    (
        asyncpg.InsufficientPrivilegeError,
        "the database's user may not do that",
        "Make it the owner of the database: ALTER DATABASE name OWNER TO user",
    ),
    (
        asyncpg.ReadOnlySQLTransactionError,
        "the database is read-only, as a replica is",
        "Set DATABASE_URL to the primary server",
    ),
    (asyncpg.DiskFullError, "the disk of the server is full", "Free some space on it"),
    (asyncpg.OutOfMemoryError, "the server is out of memory", "Give it more memory"),
    (asyncpg.PostgresIOError, "the server's disk cannot be read or written", "Check the disk of the server"),
    (asyncpg.DataCorruptedError, "the database is damaged", "Restore a backup"),
    (asyncpg.IndexCorruptedError, "an index of the database is damaged", "Run REINDEX DATABASE, or restore a backup"),
    (asyncpg.QueryCanceledError, "the server took too long for a statement", "Look at the load of the server"),
    (ssl.SSLError, "the encrypted connection to the server failed", "Check sslmode in DATABASE_URL"),
)


def is_clash(error: BaseException) -> bool:
    """Return whether a transaction failed only because of another one, so that running it again may work.

    A violated unique key is one of the reasons: SERIALIZABLE may report two inserts of the same row in this way.

    https://www.postgresql.org/docs/current/transaction-iso.html
    """
    return isinstance(error, _CLASHES) or is_unique(error)


def is_blocked(error: BaseException) -> bool:
    """Return whether a statement waited too long for a lock."""
    return isinstance(error, asyncpg.LockNotAvailableError)


def is_unique(error: BaseException) -> bool:
    """Return whether a row with this unique key already exists."""
    return isinstance(error, asyncpg.UniqueViolationError)


def is_gone(error: BaseException) -> bool:
    """Return whether the connection or the server is gone for now. A value that cannot be sent is a different error."""
    return isinstance(error, _GONE) and not isinstance(error, ValueError)


def is_refused(error: BaseException) -> bool:
    """Return whether the server refused a statement."""
    return isinstance(error, asyncpg.PostgresError)


def is_invalid(error: BaseException) -> bool:
    """Return whether the server refused a value, for example the number of a transaction that it never had."""
    return isinstance(error, asyncpg.InvalidParameterValueError)


def is_full(error: BaseException) -> bool:
    """Return whether the server has no free connection for now."""
    return isinstance(error, asyncpg.TooManyConnectionsError)


def storage_error(error: BaseException, address: str) -> BaseException:
    """Translate an error that a person can fix into a StorageError; return any other error unchanged.

    `address` is shown, so it must not contain a password.
    """
    for kind, problem, fix in _PROBLEMS:
        if isinstance(error, kind):
            return _translated(error, f"{address}: {problem}", fix)
    if is_gone(error):
        # The library's own message about a broken connection only describes its internal state.
        broken = isinstance(error, asyncpg.InterfaceError | asyncpg.InternalClientError)
        reason = "the connection broke off" if broken else " ".join(str(error).split()) or "no answer in time"
        return _translated(
            error,
            f"{address}: the database cannot be reached ({reason})",
            "Start the PostgreSQL server, or correct DATABASE_URL",
        )
    return error


def too_busy(error: BaseException, address: str) -> StorageError:
    """Return the error for a transaction that conflicted with others each time."""
    return _translated(error, f"{address}: other programs keep changing the same rows", "Try again")


def locked_out(error: BaseException, address: str) -> StorageError:
    """Return the error for a transaction that waited too long for another one's lock."""
    return _translated(
        error,
        f"{address}: another program keeps rows locked",
        "End its transaction (pg_stat_activity shows it), then try again",
    )


def _translated(error: BaseException, problem: str, fix: str) -> StorageError:
    translated = StorageError(problem=problem, fix=fix)
    translated.__cause__ = error
    return translated
