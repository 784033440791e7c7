"""The owner of a database: the Discord application and the provider that it was first used with."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from bot.errors import StorageError
from bot.proxies import is_this_machine
from bot.storage.operation import Operation, Statement

DEFAULT_PORTS = {"https": 443, "http": 80}
LOOPBACK = "localhost"


def owners() -> Operation[Mapping[str, str]]:
    """Return the application and the provider of this database; empty before the first start."""
    rows = yield Statement("SELECT name, value FROM identity")
    return {str(name): str(value) for name, value in rows}


def require(known: Mapping[str, str], *, application: str, provider: str) -> None:
    """Raise StorageError if a database with these owners belongs to another application or provider."""
    for name, ours in (("application", application), ("provider", provider)):
        theirs = known.get(name, ours)
        if not is_same(theirs, ours):
            raise StorageError(
                problem=f"this database belongs to the {name} {theirs}, not to {ours}",
                fix="Set DATABASE_URL to another database, or restore the setting; one ledger never serves two of them",
            )


def is_same(one: str, other: str) -> bool:
    """Return whether two names mean the same owner: an address can be written in several ways."""
    return _canonical(one) == _canonical(other)


def _canonical(owner: str) -> str:
    if "://" not in owner:
        return owner
    try:
        address = urlsplit(owner)
        port = address.port or DEFAULT_PORTS.get(address.scheme)
    except ValueError:
        return owner
    host = LOOPBACK if is_this_machine(address.hostname or "") else address.hostname
    return f"{address.scheme}://{host}:{port}{address.path.rstrip('/').removesuffix('/v1').rstrip('/')}"


def claim(application: str, provider: str) -> Operation[None]:
    """Store the owners at the first startup and compare them later, so that play money never mixes with real credits.

    `application` is the Discord application's id, `provider` the provider's address. Raises StorageError if the
    database belongs to others.
    """
    for name, ours in (("application", application), ("provider", provider)):
        yield Statement("INSERT INTO identity (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING", name, ours)
    require((yield from owners()), application=application, provider=provider)


def share_key(mark: str, token: int) -> Operation[bool]:
    """Store a value derived from the key for shared data, and return whether all processes have the same key.

    The key may change while the process with this token is the only one.
    """
    return (yield from _share("shared key", mark, token))


def shared_store() -> Operation[str | None]:
    """Return the path of a file in the file store that the processes share; None if no path is known yet."""
    rows = yield Statement("SELECT value FROM identity WHERE name = 'shared store'")
    return str(rows[0][0]) if rows else None


def share_store(path: str, token: int) -> Operation[bool]:
    """Store the path of a file in the shared file store, unless another one is stored; return whether this one is now.

    The path may change while the process with this token is the only one.
    """
    return (yield from _share("shared store", path, token))


def _share(name: str, value: str, token: int) -> Operation[bool]:
    """Store a value that must be the same for all processes; return whether this one is stored."""
    rows = yield Statement(
        "INSERT INTO identity (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = $2 "
        "WHERE identity.value = $2 OR NOT EXISTS (SELECT 1 FROM process WHERE token <> $3) RETURNING 1",
        name,
        value,
        token,
    )
    return bool(rows)
