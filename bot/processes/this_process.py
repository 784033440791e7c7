"""What a process knows about itself: its number, whether it may still act, and whether it has the duties of all.

Duties are what only one process may do, such as the removal of outdated files. The worker with the lowest number has
them. Numbers grow with each start, so nobody gets them from a process that lives.
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
        """The number that jobs of this process carry: one that grows with each start, or 0 if it is the only one."""
        ...

    @property
    def is_current(self) -> bool:
        """Whether nobody can have taken over from this process yet."""
        ...

    def require_current(self) -> None:
        """Raise Fenced if somebody may have taken over from this process.

        It is called before what cannot be taken back and is not a write to the database, which checks by itself.
        """
        ...

    @property
    def workers(self) -> Collection[int]:
        """The numbers of the living workers, as far as this process knows."""
        ...

    @property
    def numbers(self) -> Mapping[ProcessRole, int]:
        """How many processes of each role live, this one among them, as far as this process knows."""
        ...

    def on_change(self, handler: Callable[[], None]) -> None:
        """Call `handler` whenever others have begun or ended, so that there may be jobs which nobody holds."""
        ...

    def count_refusals(self, counted: Callable[[], int]) -> None:
        """Tell the others from time to time how many requests of the last ten minutes Discord counts towards a ban."""
        ...

    @property
    def refusals_elsewhere(self) -> int:
        """How many requests of the other processes Discord counts towards a ban, as far as this process knows."""
        ...

    async def run(self, operation: Callable[[], Operation[T]]) -> T:
        """Run an operation in a transaction that neither disturbs those of the database nor is disturbed by them.

        Each of its statements sees what was committed before it. Raises Fenced if this process was ended, else
        StorageError if it failed, though it may have been committed. There is no such way for a single process.
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
        """Record that stored times are up to date, so that others may take steps."""
        ...

    async def ended(self) -> None:
        """Wait until others have ended this process. Nothing it does is stored after that."""
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
        """Do nothing: there is nobody to tell."""

    def require_current(self) -> None:
        """Do nothing: there is nobody else."""

    def on_change(self, handler: Callable[[], None]) -> None:
        """Do nothing: there are no others."""

    async def run(self, operation: Callable[[], Operation[T]]) -> T:
        """Raise RuntimeError: what only several processes need is not asked for."""
        raise RuntimeError(f"a single process does not run {operation}")

    async def on_duty(self) -> None:
        """Return at once."""

    async def is_first(self) -> bool:
        """Return True."""
        return True

    async def ready(self) -> None:
        """Do nothing: nobody waits for it."""

    async def ended(self) -> None:
        """Wait forever."""
        await asyncio.Event().wait()
