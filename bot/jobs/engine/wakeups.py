"""Wakes the loops: a job's change of state wakes the loop that takes its next step, so no job waits for a timer.

The loop may be in another process. Then that process is told the loop's name, and the job's id if a job was named.
"""

import asyncio
from collections.abc import Callable
from functools import partial
from math import inf

from bot.jobs.records import TERMINAL, State
from bot.processes.notices import JOBS, NoNotices, Notices

SLOT_WANTED = "wanted"
"""The notice that a job got no slot."""

CARD = "card"
"""The notice that a job's card has to change. Only the process that holds the job edits it."""


class WakeUp(asyncio.Event):
    """Wakes one worker. `set` makes it query the database for due jobs.

    The code that makes a job due names it (`begin`), and the code that knows when one will be due says so
    (`look_within`). Then no query is needed; the database is still asked from time to time, and at startup.
    """

    def __init__(self, elsewhere: Callable[[str], None] | None = None) -> None:
        """`elsewhere` is called with the named job, or "", if the worker is in another process."""
        super().__init__()
        self._elsewhere = elsewhere
        self._asks = False
        self._jobs: dict[str, None] = {}
        self._within_s = inf

    def set(self) -> None:
        """Make the worker query for due jobs."""
        if self._elsewhere is not None:
            self._elsewhere("")
            return
        self._asks = True
        super().set()

    def begin(self, job: str) -> None:
        """Make the worker take its step for a job that has just been made due by a completed transaction."""
        if self._elsewhere is not None:
            self._elsewhere(job)
            return
        self._jobs[job] = None
        super().set()

    def look_within(self, seconds: float) -> None:
        """Make the worker query within this many seconds. In another process, it does so when it claims the job."""
        if self._elsewhere is not None:
            return
        self._within_s = min(self._within_s, seconds)
        super().set()

    def take(self) -> tuple[bool, list[str], float]:
        """Return and forget whether to query, the named jobs, and the seconds within which to query."""
        found = self._asks, list(self._jobs), self._within_s
        self._asks, self._jobs, self._within_s = False, {}, inf
        return found


class WakeUps:
    """One wake-up for each loop. Loops that only one process runs can be woken from any process."""

    def __init__(self, notices: Notices | None = None, *, here: bool = True) -> None:
        """`here` says whether this process runs the loops. If not, it only tells the processes that do."""
        self._notices = notices or NoNotices()
        self._here = here
        self.compare = self._wakeup("compare")
        self.cards = self._wakeup("cards")
        self.submit = self._wakeup("submit")
        self.poll = asyncio.Event()
        self.sweep = asyncio.Event()
        self.cancel = self._wakeup("cancel")
        self.collect = self._wakeup("collect")
        self.deliver = self._wakeup("deliver")
        self.notify = self._wakeup("notify")
        self.repair = asyncio.Event()
        self.deadlines = self._wakeup("deadlines")
        self.queue = asyncio.Event()
        self.takedown = self._wakeup("takedown")
        self.slots = SlotsWanted(lambda: self._notices.tell(JOBS, SLOT_WANTED))

    def _wakeup(self, name: str) -> WakeUp:
        return WakeUp(None if self._here else partial(self.tell, name))

    def tell(self, name: str, job: str = "") -> None:
        """Tell the other processes to wake the loop with this name, or that a job is due for it."""
        self._notices.tell(JOBS, f"{name} {job}".rstrip())

    def named(self, name: str) -> WakeUp | None:
        """Return the wake-up with this name; None if there is none."""
        found = vars(self).get(name)
        return found if isinstance(found, WakeUp) else None

    def all(self) -> None:
        """Wake every loop, because a job may continue from any state."""
        if not self._here:
            self._notices.tell(JOBS)
            return
        for wakeup in vars(self).values():
            if isinstance(wakeup, asyncio.Event):
                wakeup.set()

    def everywhere(self) -> None:
        """Wake every loop in all processes."""
        self.all()
        self._notices.tell(JOBS)

    def taken_down(self) -> None:
        """Wake the takedown loop, wherever it runs."""
        self.takedown.set()
        self.tell("takedown")

    def after(self, state: State | None, job: str | None = None) -> None:
        """Wake the loops that handle jobs in this state. None means that the job did not change.

        `job` is given if a transaction of this process has just moved it to this state, so that its next step is due at
        once.
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
            self._tell_of_slot()

    def _slot_is_free(self) -> None:
        if self.slots.wanted:
            self.submit.set()
            self._tell_of_slot()

    def _tell_of_slot(self) -> None:
        if self._here and self.slots.wanted:
            self.tell("submit")


class SlotsWanted:
    """Knows whether a job may be waiting for a slot, so that a free slot causes no query while no job is."""

    def __init__(self, tell: Callable[[], None] | None = None) -> None:
        """`tell` tells the other processes that a job may be waiting for a slot."""
        self.wanted = True
        self._refused = 0
        self._tell = tell
        # Whether the other processes know this. A process that never saw a waiting job would tell no other that a slot
        # is free.
        self._is_told = False

    def refused(self) -> None:
        """Note that a job got no slot."""
        self.refused_elsewhere()
        if self._tell is not None:
            self._tell()

    def refused_elsewhere(self) -> None:
        """Note that a job of another process may be waiting for a slot; all processes have been told."""
        self.wanted = self._is_told = True
        self._refused += 1

    @property
    def mark(self) -> int:
        """The value to take before reading the database, and to pass to `seen` afterwards."""
        return self._refused

    def seen(self, mark: int, *, waiting: bool) -> None:
        """Note whether jobs waited when the database was read. A job may have been refused a slot since then."""
        if waiting and not self._is_told:
            self.refused()
        self.wanted = waiting or self._refused != mark
        self._is_told = self.wanted


def _wake(wakeup: WakeUp, job: str | None) -> None:
    if job is None:
        wakeup.set()
    else:
        wakeup.begin(job)
