"""Operations that declare how they are kept from conflicting with others.

SQLite runs one write after the other, so this changes nothing there. The PostgreSQL driver runs writes side by side,
each of them SERIALIZABLE unless it declares something else, and runs them again after a conflict. The server detects
conflicts per index page, and new jobs are neighbours in all indexes. So operations that have nothing to do with each
other would conflict all the time.
https://www.postgresql.org/docs/current/index-locking.html

A wrapper that passes on a plain function loses that declaration. The operation is then SERIALIZABLE again, which is
slower but just as safe.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from bot.storage.operation import Operation

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class AfterLock(Generic[T]):
    """An operation that first takes a lock, at READ COMMITTED: each statement sees all that was committed before it.

    `lock` is for PostgreSQL only. Everything that the operation reads in order to decide must be changed by holders of
    the same lock only, or by operations that also write a row that is locked; for everything else that it changes, the
    check must be a condition of the writing statement itself, or a unique key.
    """

    operation: Callable[[], Operation[T]]
    lock: Callable[[], Operation[object]]

    def __call__(self) -> Operation[T]:
        """Run the operation without its lock."""
        return self.operation()


@dataclass(frozen=True, slots=True)
class InLine(Generic[T]):
    """A SERIALIZABLE operation that conflicts with others of its kind, and so waits for those of this process.

    The line only avoids retries. Correctness does not depend on it, so nobody waits in it for long.
    """

    operation: Callable[[], Operation[T]]
    line: str

    def __call__(self) -> Operation[T]:
        """Run the operation."""
        return self.operation()


def unlocked(operation: Callable[[], Operation[T]]) -> AfterLock[T]:
    """Return an operation that needs no lock because it reads nothing: each of its statements is complete in itself."""
    return AfterLock(operation, _no_lock)


def _no_lock() -> Operation[None]:
    yield from ()


def lock_of(operation: Callable[[], Operation[object]]) -> Callable[[], Operation[object]] | None:
    """Return the lock after which an operation runs; None if there is none."""
    return operation.lock if isinstance(operation, AfterLock) else None


def line_of(operation: Callable[[], Operation[object]]) -> str | None:
    """Return the line in which an operation waits; None if there is none."""
    return operation.line if isinstance(operation, InLine) else None


def name_of(operation: Callable[[], Operation[object]]) -> str:
    """Return the name of an operation's function, for the log."""
    while isinstance(operation, AfterLock | InLine):
        operation = operation.operation
    return getattr(operation, "__qualname__", "")
