"""Checks that all transactions change the rows that many jobs share in the same order.

Otherwise two transactions can wait for each other. PostgreSQL ends one of them only after `deadlock_timeout`, which is
one second unless an administrator has changed it, and the members behind both transactions have to wait that long.
"""

import re
from collections.abc import Callable
from typing import TypeVar

from bot.storage.locking import AfterLock, InLine, line_of, lock_of, name_of
from bot.storage.operation import Operation, Rows

T = TypeVar("T")

SHARED = ("policy_usage", "account")
"""Tables whose rows the jobs of different members change, in the order in which a transaction has to change them.

The rows of other tables belong to one job or one decision, or are only inserted.
"""

_CHANGE = re.compile(r"\b(?:UPDATE|INSERT INTO)\s+(\w+)")
"""Matches UPDATE and INSERT. Rows are deleted only along with a member or a guild that no longer orders anything."""


def in_lock_order(operation: Callable[[], Operation[T]]) -> Callable[[], Operation[T]]:
    """Return the same operation; it raises AssertionError if it changes rows of the shared tables in another order."""
    lock, line, name = lock_of(operation), line_of(operation), name_of(operation)

    def checked() -> Operation[T]:
        steps, rows, last = operation(), Rows(), 0
        try:
            statement = next(steps)
            while True:
                change = _CHANGE.search(statement.sql)
                if change and change[1] in SHARED:
                    place = SHARED.index(change[1])
                    assert place >= last, f"{name} changes {change[1]} after {SHARED[last]}"
                    last = place
                rows = yield statement
                statement = steps.send(rows)
        except StopIteration as end:
            return end.value

    checked.__qualname__ = name
    if lock is not None:
        return AfterLock(checked, lock)
    return checked if line is None else InLine(checked, line)
