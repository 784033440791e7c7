"""Runs supervised background loops.

A `Loop` has a name and a body that runs until it is stopped. When the body raises, the error is logged and remembered,
and the body is restarted after a growing pause. A `Worker` is such a body: it asks the database which jobs are due for
one step, takes that step for several jobs at a time, but never twice at once for one job, and otherwise sleeps until it
is woken or the next job is due. Jobs that a wake-up names are known to be due, so the database is not asked about them.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from bot.clock import Alarm, Clock, end
from bot.jobs.engine.wakeups import WakeUp
from bot.jobs.store.due_jobs import Due
from bot.log_context import without_ids
from bot.storage.background import in_background

log = logging.getLogger(__name__)

RESTART_S = 0.5
RESTART_MOST_S = 30.0
LOOK_AGAIN_S = 60.0
"""A worker looks for due jobs this often even if nothing wakes it, in case a wake-up was missed."""

SILENT_S = 3 * LOOK_AGAIN_S
"""A loop that has not started a new round for this long counts as hanging."""

STEP_MOST_S = 30 * 60.0
"""A step that takes longer than this counts as hanging: it is cancelled and tried again. A large, slow download takes
minutes."""


@dataclass(frozen=True, slots=True)
class LoopHealth:
    """The health of a loop: whether it is alive (still starts new rounds), and the last error that ended it."""

    alive: bool
    problem: str | None


class Body(Protocol):
    """The work of a loop."""

    async def run(self, beat: Callable[[], None]) -> None:
        """Repeat the work until cancelled, calling `beat` at the start of each round."""
        ...

    async def drain(self) -> None:
        """Let work in progress reach a safe point within seconds; the rest resumes at the next start."""
        ...


class Loop:
    """Keeps one body running. A `duty` runs in only one of several processes."""

    def __init__(self, name: str, body: Body, clock: Clock, *, duty: bool = False) -> None:
        self.name = name
        self.duty = duty
        self._body = body
        self._clock = clock
        self._task: asyncio.Task[None] | None = None
        self._down = False
        self._beat_s = 0.0
        self._problem: str | None = None

    @property
    def health(self) -> LoopHealth:
        """Return whether the loop is alive, and the last error that ended it."""
        silent_s = self._clock.monotonic_s() - self._beat_s
        alive = self._task is not None and not self._task.done() and not self._down and silent_s < SILENT_S
        return LoopHealth(alive, self._problem)

    def start(self) -> None:
        """Start the body in a task."""
        self._beat()
        # The body's log lines must not carry the ids of whatever the caller is handling.
        own = without_ids()
        self._task = asyncio.create_task(in_background(self._supervise()), name=f"jobs.{self.name}", context=own)

    async def stop(self) -> None:
        """Stop the body, then let its work in progress reach a safe point."""
        if self._task is not None:
            await end([self._task])
        await self._body.drain()

    def _beat(self) -> None:
        self._beat_s = self._clock.monotonic_s()

    async def _supervise(self) -> None:
        pause = RESTART_S
        while True:
            restarted_s = self._clock.monotonic_s()
            try:
                await self._body.run(self._beat)
                self._problem = "returned"
            except Exception as error:  # a dead loop would stop all jobs, so it survives every error
                self._problem = repr(error)
                log.exception("loop %s died", self.name)
            if self._clock.monotonic_s() - restarted_s > RESTART_MOST_S:
                pause = RESTART_S
            self._down = True
            await self._clock.sleep(pause)
            self._down = False
            pause = min(pause * 2, RESTART_MOST_S)


class Worker:
    """Takes one step for every job that is due.

    `due` reads up to a given number of jobs, the earliest first. `step` takes the step for one job, which must not be
    due again immediately afterwards, and returns True if the job will not be due for this step again. `stuck` is called
    with the job and the error if `step` raised.
    """

    def __init__(
        self,
        name: str,
        *,
        due: Callable[[int], Awaitable[Sequence[Due]]],
        step: Callable[[str], Awaitable[bool | None]],
        stuck: Callable[[str, Exception], Awaitable[None]],
        wakeup: WakeUp,
        clock: Clock,
        width: int,
        drain_s: float,
    ) -> None:
        self._name = name
        self._due = due
        self._step = step
        self._stuck = stuck
        self._clock = clock
        self._width = width
        self._drain_s = drain_s
        self._wakeup = wakeup
        self._active: dict[str, asyncio.Task[None]] = {}
        # Whether there was no room for a job that was due, so that the loop must look for it when a step ends.
        self._left_out = False
        # Jobs that may have been made due while their step was being taken, after the step had read them.
        self._again: set[str] = set()

    async def run(self, beat: Callable[[], None]) -> None:
        """Keep starting the steps that are due, until cancelled."""
        ask_s, alarm = float("-inf"), Alarm(self._wakeup, self._clock)
        try:
            while True:
                beat()
                asks, named, within_s = self._wakeup.take()
                now_s = self._clock.monotonic_s()
                ask_s = min(ask_s, now_s + within_s)
                if asks or now_s >= ask_s:
                    ask_s = self._clock.monotonic_s() + await self._begin()
                else:
                    self._begin_named(named)
                await alarm.wait(ask_s)
        finally:
            await alarm.stop()

    async def drain(self) -> None:
        """Wait a little for steps in progress, then cancel them; all of them can be resumed."""
        tasks = list(self._active.values())
        if tasks:
            await asyncio.wait(tasks, timeout=self._drain_s)
            await end(tasks)

    async def _begin(self) -> float:
        """Start the steps that are due, up to the limit; return the seconds until the next one is due."""
        free = self._width - len(self._active)
        self._left_out = free <= 0
        if self._left_out:
            return LOOK_AGAIN_S  # a step that ends wakes this loop
        now_ms = self._clock.now_ms()
        # Jobs whose steps are active are still due, so an extra row is read for each of them.
        for due in await self._due(free + len(self._active)):
            if due.job in self._active:
                if due.at_ms <= now_ms:
                    self._again.add(due.job)
                continue
            if due.at_ms > now_ms:
                return min((due.at_ms - now_ms) / 1_000, LOOK_AGAIN_S)
            self._start(due.job)
            if len(self._active) >= self._width:
                self._left_out = True
                break
        return LOOK_AGAIN_S

    def _begin_named(self, jobs: Sequence[str]) -> None:
        """Start steps of jobs known to be due while there is room, but not ahead of jobs that were left out."""
        for job in jobs:
            if job in self._active:
                self._again.add(job)
            elif self._left_out or len(self._active) >= self._width:
                self._left_out = True
            else:
                self._start(job)

    def _start(self, job: str) -> None:
        self._active[job] = asyncio.create_task(self._take(job), name=f"jobs.{self._name}.{job}")

    async def _take(self, job: str) -> None:
        is_over: bool | None = False
        try:
            async with asyncio.timeout(STEP_MOST_S):
                is_over = await self._step(job)
        except Exception as error:  # one job's fault must not stop the others
            log.exception("step %s failed for job %s", self._name, job)
            await self._tell(job, error)
        finally:
            del self._active[job]
            if self._left_out or job in self._again or not is_over:
                self._wakeup.set()
            self._again.discard(job)

    async def _tell(self, job: str, error: Exception) -> None:
        try:
            await self._stuck(job, error)
        except Exception:  # the database itself failed; the job is still due, so wait a moment first
            log.exception("step %s for job %s could not be postponed", self._name, job)
            await self._clock.sleep(RESTART_S)
