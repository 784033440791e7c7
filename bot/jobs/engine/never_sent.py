"""Remembers which creates were certainly not executed, until the database says so too.

A write may fail although it was stored: the intent of a create that is never sent, for example. And a refusal by the
provider may not be stored because the database fails just then. When read back, both kinds of creates look like creates
whose answers were lost, which end without a result and count as the operator's loss. The process that made the call
knows better.
"""

import contextlib
from collections.abc import Generator


class NeverSent:
    """The creates of this process that were not executed although they may be stored as sent."""

    def __init__(self) -> None:
        self._known: dict[str, set[int]] = {}

    def of(self, job: str) -> list[int]:
        """Return the numbers of a job's creates that were not executed."""
        return sorted(self._known.get(job, ()))

    def add(self, job: str, number: int) -> None:
        """Note that this create has not been executed."""
        self._known.setdefault(job, set()).add(number)

    def discard(self, job: str, number: int) -> None:
        """Note that this create is being sent, or that the database says what became of it."""
        numbers = self._known.get(job, set())
        numbers.discard(number)
        if not numbers:
            self._known.pop(job, None)

    @contextlib.contextmanager
    def until_stored(self, job: str, number: int) -> Generator[None]:
        """Remember a create that was not executed until the block has stored that; for longer if the block fails."""
        self.add(job, number)
        yield
        self.discard(job, number)
