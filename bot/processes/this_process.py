"""What a process knows about itself: its number, whether it may still act, and whether it has the duties.

Duties are work for only one process, such as removing outdated files. The worker with the lowest number has them.
Numbers increase with each start, so a new worker never takes the duties from a living one.
"""

import asyncio
from collections.abc import Callable, Collection, Mapping
from types import MappingProxyType
from typing import Protocol, TypeVar

from bot.process_roles import ProcessRole
from bot.storage.operation import Operation

T = TypeVar("T")


class Process(Protocol):
    """A process among others, or the only one."""

    @property
    def token(self) -> int:
        """The number that jobs of this process carry: it increases with each start; 0 if there is only one process."""
        ...

    @property
    def is_current(self) -> bool:
        """Whether it is certain that no other process has taken over from this one."""
        ...

    def require_current(self) -> None:
        """Raise Fenced if another process may have taken over from this one.

        Called before anything that cannot be undone, except writes to the database, which check this themselves.
        """
        ...

    @property
    def workers(self) -> Collection[int]:
        """The numbers of the living workers, as far as this process knows."""
        ...

    @property
    def numbers(self) -> Mapping[ProcessRole, int]:
        """The number of living processes of each role, including this one, as far as this process knows."""
        ...

    def on_change(self, handler: Callable[[], None]) -> None:
        """Call `handler` whenever other processes have started or ended: there may then be jobs that nobody holds."""
        ...

    def count_refusals(self, counted: Callable[[], int]) -> None:
        """Report to the other processes, from time to time, how many recent requests Discord counts towards a ban.

        `counted` returns the number for those of the last ten minutes.
        """
        ...

    @property
    def refusals_elsewhere(self) -> int:
        """How many requests of the other processes Discord counts towards a ban, as far as this process knows."""
        ...

    async def run(self, operation: Callable[[], Operation[T]]) -> T:
        """Run an operation in a transaction that does not conflict with those of the database.

        Each of its statements sees what was committed before it. Raises Fenced if this process was ended, and
        StorageError if it failed, though it may have been committed. A single process cannot do this.
        """
        ...

    @property
    def is_on_duty(self) -> bool:
        """Whether this process has the duties, which it keeps until it ends."""
        ...

    async def on_duty(self) -> None:
        """Wait until this process has the duties."""
        ...

    async def is_first(self) -> bool:
        """Return whether no other process takes steps of jobs, so that this one has to bring stored times up to date.

        Waits while another one is doing so.
        """
        ...

    async def ready(self) -> None:
        """Record that stored times are up to date, so that others may carry out steps."""
        ...

    async def ended(self) -> None:
        """Wait until other processes have ended this one. Nothing that it does is stored after that."""
        ...


class SingleProcess:
    """The only process of a bot. It has all duties from the beginning."""

    token = 0
    is_current = True
    is_on_duty = True
    workers: Collection[int] = (0,)
    numbers: Mapping[ProcessRole, int] = MappingProxyType({ProcessRole.ALL: 1})
    refusals_elsewhere = 0

    def count_refusals(self, counted: Callable[[], int]) -> None:
        """Do nothing: there are no other processes."""

    def require_current(self) -> None:
        """Do nothing: there are no other processes."""

    def on_change(self, handler: Callable[[], None]) -> None:
        """Do nothing: there are no other processes."""

    async def run(self, operation: Callable[[], Operation[T]]) -> T:
        """Raise RuntimeError: only one of several processes needs this."""
        raise RuntimeError(f"a single process does not run {operation}")

    async def on_duty(self) -> None:
        """Return at once."""

    async def is_first(self) -> bool:
        """Return True."""
        return True

    async def ready(self) -> None:
        """Do nothing: no other process waits for it."""

    async def ended(self) -> None:
        """Wait forever."""
        await asyncio.Event().wait()
