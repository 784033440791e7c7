"""A process among several: it renews its lease, and ends others that have not renewed theirs in time.

A process that cannot renew its lease does not know whether others have ended it, so it stops acting before they can. If
the server was unreachable, no process could renew its lease, so none is ended until all have had time to renew theirs.
"""

import asyncio
import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Self, TypeVar

from bot.clock import MachineClock, end
from bot.errors import Fenced, StorageError
from bot.process_roles import ProcessRole
from bot.processes import process_rows
from bot.processes.process_rows import ProcessRow
from bot.storage.operation import Operation
from bot.storage.postgres.side_session import Session

RENEW_S = 3.0
"""How often a lease is renewed."""

LEASE_S = 12.0
"""How long a process counts as alive without a renewal."""

LEASE_MS = round(LEASE_S * 1_000)

ACT_S = 10.0
"""How long a process acts after a renewal. The rest of the lease gives its pending calls time to arrive."""

AGAIN_S = 1.0
"""The pause after a failed renewal, and between two checks of another process."""

SOON_S = 0.1
"""How long after the end of another process's lease that lease is checked again."""

Freed = Callable[[Sequence[int]], Operation[object]]

T = TypeVar("T")

log = logging.getLogger(__name__)


class LeasedProcess:
    """A process with a row in the database, which others end when it falls silent."""

    def __init__(
        self, session: Session, work: Session, token: int, role: ProcessRole, clock: MachineClock, freed: Freed
    ) -> None:
        self.token = token
        self.role = role
        self._session = session
        self._work = work
        self._clock = clock
        self._freed = freed
        self._renewed_s = self._regular_since_s = clock.elapsed_s()
        self._living: Sequence[ProcessRow] = ()
        self._on_duty = asyncio.Event()
        self._ended = asyncio.Event()
        self._renewing: asyncio.Task[None] | None = None
        self._handlers: list[Callable[[], None]] = []
        self._refusals: Callable[[], int] = lambda: 0

    @classmethod
    async def start(cls, url: str, *, name: str, role: ProcessRole, clock: MachineClock, freed: Freed) -> Self:
        """Begin a process. Raises StorageError.

        `name` must be new, and has to be the name of all of its sessions. `freed` frees what the ended processes have
        held, in the transaction that ends them.
        """
        session = Session(url, name)
        token = await session.run(lambda: process_rows.begin(name, role, LEASE_MS))
        process = cls(session, Session(url, name), token, role, clock, freed)
        try:
            await process.renew()
        except StorageError:
            await session.close()
            raise
        process._renewing = asyncio.create_task(process._renew_regularly(), name="process")
        log.info("process %s begins as %s (%s)", process.token, role, name)
        return process

    @property
    def is_current(self) -> bool:
        """Whether it is certain that no other process has taken over from this one."""
        return not self._ended.is_set() and self._clock.elapsed_s() - self._renewed_s < ACT_S

    def require_current(self) -> None:
        """Raise Fenced if another process may have taken over from this one."""
        if not self.is_current:
            raise process_rows.fenced()

    @property
    def workers(self) -> Collection[int]:
        """The numbers of the living workers, as far as this process knows."""
        return [one.token for one in self._living if one.role is ProcessRole.WORKER and not one.late]

    @property
    def numbers(self) -> Mapping[ProcessRole, int]:
        """The number of living processes of each role, including this one, as far as this process knows."""
        roles = [one.role for one in self._living if not one.late]
        return {role: roles.count(role) for role in ProcessRole if role.is_shared}

    @property
    def living(self) -> Collection[ProcessRow]:
        """All processes that were not ended when this one last renewed its lease."""
        return self._living

    def count_refusals(self, counted: Callable[[], int]) -> None:
        """Report to the other processes, with each renewal, how many requests Discord counts towards a ban."""
        self._refusals = counted

    @property
    def refusals_elsewhere(self) -> int:
        """How many requests of the other processes Discord counts towards a ban."""
        return sum(one.refusals for one in self._living if one.token != self.token)

    def on_change(self, handler: Callable[[], None]) -> None:
        """Call `handler` whenever other processes have started or ended."""
        self._handlers.append(handler)

    async def run(self, operation: Callable[[], Operation[T]]) -> T:
        """Run an operation in a READ COMMITTED transaction outside the database's queues. Raises Fenced."""

        def fenced() -> Operation[T]:
            yield from process_rows.fence(self.token)
            return (yield from operation())

        try:
            return await self._work.run(fenced)
        except Fenced:
            self.was_ended()
            raise

    @property
    def is_on_duty(self) -> bool:
        """Whether this process has the duties, which it keeps until it ends."""
        return self._on_duty.is_set()

    async def on_duty(self) -> None:
        """Wait until this process has the duties."""
        await self._on_duty.wait()

    async def is_first(self) -> bool:
        """Return whether no other worker takes steps. Waits while an older one is about to begin, or may have died."""
        while True:
            await self.renew()
            others = [one for one in self._living if one.role is ProcessRole.WORKER and one.token != self.token]
            if any(one.ready and not one.late for one in others):
                return False
            if all(one.token > self.token for one in others):
                return True
            await self._clock.sleep(AGAIN_S)

    async def ready(self) -> None:
        """Record that stored times are up to date, so that other workers may carry out steps."""
        await self._session.run(lambda: process_rows.ready(self.token))

    async def ended(self) -> None:
        """Wait until other processes have ended this one. Nothing that it does is stored after that."""
        await self._ended.wait()

    def was_ended(self) -> None:
        """Note that a write was refused because other processes have ended this one."""
        if not self._ended.is_set():
            log.error("process %s was not heard from for too long: others have taken over", self.token)
            self._ended.set()

    async def close(self) -> None:
        """End this process and free what it holds. Its work must have stopped. A second call does nothing."""
        if self._renewing is not None:
            await end([self._renewing])
            self._renewing = None
            try:
                await self._session.run(self._end_own)
            except StorageError as error:
                log.warning(
                    "process %s ends without notifying the others, which will notice it later: %s", self.token, error
                )
        await self._work.close()
        await self._session.close()

    async def renew(self) -> None:
        """Renew the lease now, find the living processes, and end the others. Raises StorageError if that fails."""
        sent_s = self._clock.elapsed_s()
        try:
            living = await self._session.run(self._renewed)
        except Fenced:
            self.was_ended()
            raise
        if sent_s - self._renewed_s > RENEW_S + LEASE_S / 2:
            self._regular_since_s = sent_s
        self._renewed_s = sent_s
        self._learn(living)
        late = [one for one in living if one.late]
        if late and sent_s - self._regular_since_s >= LEASE_S:
            await self._end(late)

    @property
    def _until_next_s(self) -> float:
        """The seconds until the next renewal, which comes early if the lease of another process ends sooner."""
        left_s = (one.left_ms / 1_000 for one in self._living if one.token != self.token and not one.late)
        return min(RENEW_S, *(one + SOON_S for one in left_s), LEASE_S)

    def _renewed(self) -> Operation[tuple[ProcessRow, ...]]:
        yield from process_rows.renew(self.token, LEASE_MS, self._refusals())
        return (yield from process_rows.everyone())

    def _learn(self, living: Sequence[ProcessRow]) -> None:
        before, self._living = self._living, living
        # An older process counts even if it is late: it may be alive, and two processes must never have the duties.
        oldest = min((one.token for one in living if one.role is ProcessRole.WORKER), default=None)
        if oldest == self.token:
            self._on_duty.set()
        if {one.token for one in living} != {one.token for one in before}:
            for handler in self._handlers:
                handler()

    async def _end(self, late: Sequence[ProcessRow]) -> None:
        await self._session.run(lambda: process_rows.end_sessions([one.name for one in late]))
        ended = await self._session.run(lambda: self._end_others([one.token for one in late]))
        if ended:
            names = ", ".join(one.name for one in late if one.token in ended)
            log.warning("not heard from for too long, so others take over: %s", names)
            self._learn([one for one in self._living if one.token not in ended])

    def _end_others(self, tokens: Sequence[int]) -> Operation[tuple[int, ...]]:
        ended = yield from process_rows.end_late(tokens)
        if ended:
            yield from self._freed(ended)
            yield from process_rows.tell_of_free_jobs()
        return ended

    def _end_own(self) -> Operation[None]:
        yield from process_rows.end(self.token)
        yield from self._freed([self.token])
        yield from process_rows.tell_of_free_jobs()

    async def _renew_regularly(self) -> None:
        pause_s = RENEW_S
        while not self._ended.is_set():
            await self._clock.sleep(pause_s)
            try:
                await self.renew()
                pause_s = self._until_next_s
            except Fenced:
                return
            except Exception as error:  # noqa: BLE001 - whatever it was, the lease has to be renewed in time
                log.warning("process %s could not renew its lease: %s", self.token, error)
                pause_s = AGAIN_S
