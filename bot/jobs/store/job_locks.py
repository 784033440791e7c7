"""Keeps operations on jobs from interfering with each other (`bot/storage/locking.py`).

Every operation on one job, from the acceptance of its card on, begins by locking the job's row. So two such
operations run one after the other, and the second one sees what the first one did. Besides the rows of its job, each
operation changes only counters and accounts, with statements that add to them under a condition, in the order of
`tests/lock_order.py`.

An operation on many jobs, such as a takedown of a family, is SERIALIZABLE. PostgreSQL runs it again if an operation on
one job has meanwhile changed a row that it also changes. A row that was only added goes unnoticed, so an operation on
many jobs must not conclude anything from what a job in progress does not have yet: a takedown looks for messages and
files again in its later steps, and an erasure waits until all jobs have ended.
"""

from collections.abc import Callable
from typing import TypeVar

from bot.storage.locking import AfterLock, InLine
from bot.storage.operation import Operation, Statement

T = TypeVar("T")

_SLOTS = 0x534C4F54
"""The first half of the key of a guild's slot lock ("SLOT"); the second half is derived from the guild."""


def of_job(job: str, operation: Callable[[], Operation[T]]) -> AfterLock[T]:
    """Return an operation on one job, to be run after taking that job's lock."""
    return AfterLock(operation, lambda: _lock(job))


def of_slots(guild: int, job: str, operation: Callable[[], Operation[T]]) -> AfterLock[T]:
    """Return an operation that takes one of a guild's slots for a job. Nothing else lets a job run."""
    return AfterLock(operation, lambda: _lock_slots(guild, job))


def in_order(operation: Callable[[], Operation[T]]) -> InLine[T]:
    """Return an operation that accepts an order. Orders that are accepted at the same time would conflict."""
    return InLine(operation, "orders")


def _lock(job: str) -> Operation[None]:
    # Not FOR UPDATE, so that rows that refer to the job may still be added.
    yield Statement("SELECT 1 FROM job WHERE id = $1 FOR NO KEY UPDATE", job)


def _lock_slots(guild: int, job: str) -> Operation[None]:
    # Two guilds may have the same hash; then they merely wait for each other.
    yield Statement("SELECT pg_advisory_xact_lock(CAST($1 AS INTEGER), hashint8($2))", _SLOTS, guild)
    yield from _lock(job)
