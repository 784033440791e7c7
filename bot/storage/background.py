"""Background work, whose reads and writes come after those that people are waiting for.

A task that was started with `in_background`, and all tasks that it starts, work in the background; all others work
for someone who is waiting. This is a property of the task, because both kinds run the same operations.
"""

from collections.abc import Awaitable
from contextvars import ContextVar
from typing import TypeVar

T = TypeVar("T")

_background: ContextVar[bool] = ContextVar("in the background", default=False)


async def in_background(work: Awaitable[T]) -> T:
    """Do this work in the background. Call this in a separate task, because the rest of the task is affected too."""
    _background.set(True)
    return await work


def is_in_background() -> bool:
    """Return whether the current task works in the background."""
    return _background.get()
