"""Wakes the loops: a job's change of state wakes the loop that takes its next step, so no job waits for a timer."""

import asyncio
from math import inf

from bot.jobs.records import TERMINAL, State


class WakeUp(asyncio.Event):
    """Wakes one worker. `set` has it ask the database which jobs are due.

    Whoever has just made a job due names it (`begin`), and whoever knows when one will be due says so (`look_within`).
    Then nothing has to be asked; the database is still asked from time to time, and after a start.
    """

    def __init__(self) -> None:
        super().__init__()
        self._asks = False
        self._jobs: dict[str, None] = {}
        self._within_s = inf

    def set(self) -> None:
        """Have the worker ask which jobs are due."""
        self._asks = True
        super().set()

    def begin(self, job: str) -> None:
        """Have the worker take its step for a job that is due since the transaction that has just ended."""
        self._jobs[job] = None
        super().set()

    def look_within(self, seconds: float) -> None:
        """Have the worker ask after so many seconds at the latest."""
        self._within_s = min(self._within_s, seconds)
        super().set()

    def take(self) -> tuple[bool, list[str], float]:
        """Return whether to ask, the named jobs, and the seconds within which to ask; then forget them."""
        found = self._asks, list(self._jobs), self._within_s
        self._asks, self._jobs, self._within_s = False, {}, inf
        return found


class WakeUps:
    """One wake-up for each loop."""

    def __init__(self) -> None:
        self.compare = WakeUp()
        self.cards = WakeUp()
        self.submit = WakeUp()
        self.poll = asyncio.Event()
        self.sweep = asyncio.Event()
        self.cancel = WakeUp()
        self.collect = WakeUp()
        self.deliver = WakeUp()
        self.notify = WakeUp()
        self.repair = asyncio.Event()
        self.deadlines = WakeUp()
        self.queue = asyncio.Event()
        self.takedown = WakeUp()
        self.slots = SlotsWanted()

    def all(self) -> None:
        """Wake every loop, because a job may go on from any state."""
        for wakeup in vars(self).values():
            if isinstance(wakeup, asyncio.Event):
                wakeup.set()

    def after(self, state: State | None, job: str | None = None) -> None:
        """Wake the loops that handle jobs in this state. None means that the job did not change.

        `job` is named if a transaction of this process has just moved it there, so that its next step is due at once.
        """
        if state is not None:
            self.queue.set()
        if state is State.WAITING:
            _wake(self.submit, job)
        elif state is State.COLLECTING:
            _wake(self.collect, job)
            self._slot_is_free()
        elif state is State.DELIVERING:
            _wake(self.deliver, job)
        elif state in TERMINAL:
            self.deliver.set()
            self.submit.set()

    def _slot_is_free(self) -> None:
        if self.slots.wanted:
            self.submit.set()


class SlotsWanted:
    """Knows whether a job may wait for a slot, so that nothing is asked when one becomes free and no job waits."""

    def __init__(self) -> None:
        self.wanted = True
        self._refused = 0

    def refused(self) -> None:
        """Note that a job has not got a slot."""
        self.wanted = True
        self._refused += 1

    @property
    def mark(self) -> int:
        """What `seen` needs from before the database was read."""
        return self._refused

    def seen(self, mark: int, *, waiting: bool) -> None:
        """Note whether jobs waited when the database was read. A job may have been refused since then."""
        self.wanted = waiting or self._refused != mark


def _wake(wakeup: WakeUp, job: str | None) -> None:
    if job is None:
        wakeup.set()
    else:
        wakeup.begin(job)
