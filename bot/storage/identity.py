"""The owner of a database: the Discord application and the provider that it was first used with."""

from collections.abc import Mapping

from bot.errors import StorageError
from bot.storage.operation import Operation, Statement


def owners() -> Operation[Mapping[str, str]]:
    """Return the application and the provider of this database; empty before the first start."""
    rows = yield Statement("SELECT name, value FROM identity")
    return {str(name): str(value) for name, value in rows}


def require(known: Mapping[str, str], *, application: str, provider: str) -> None:
    """Raise StorageError if a database with these owners belongs to another application or provider."""
    for name, ours in (("application", application), ("provider", provider)):
        theirs = known.get(name, ours)
        if theirs != ours:
            raise StorageError(
                problem=f"this database belongs to the {name} {theirs}, not to {ours}",
                fix="Set DATABASE_URL to another file, or restore the setting; one ledger never serves two of them",
            )


def claim(application: str, provider: str) -> Operation[None]:
    """Store both at the first start and compare them later, so that play money never mixes with real credits.

    `application` is the Discord application's id, `provider` the provider's address. Raises StorageError if the
    database belongs to others.
    """
    for name, ours in (("application", application), ("provider", provider)):
        yield Statement("INSERT INTO identity (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING", name, ours)
    require((yield from owners()), application=application, provider=provider)
