"""Redraws the cards of waiting jobs when their place in line or their estimated turn changes.

A card is drawn when its job is ordered, so only changes since then are shown, and the messenger limits the edits.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from bot.clock import wakeup_or_time
from bot.jobs.engine.context import EngineContext
from bot.jobs.engine.loops import LOOK_AGAIN_S
from bot.jobs.ports import Messenger
from bot.jobs.records import Snapshot, State
from bot.jobs.waits import Wait, WaitReason

LEAST_PAUSE_S = 1.0
"""The pause between two rounds, so that a burst of new or finished jobs causes only a few rounds."""

BUSY_SHARE = 0.1
"""The largest share of the time that rounds may keep the database busy, however long the line is."""

ESTIMATES_S = 5.0
"""How often estimates are checked while jobs are waiting: time passes without any event."""

CARDS_A_ROUND = 100
"""How many cards are read in one round, because at most 20 edits a second are sent to Discord."""


@dataclass(frozen=True, slots=True)
class _Place:
    """A job's state, and what the job is waiting for in that state."""

    state: State
    wait: Wait | None

    @property
    def is_shown(self) -> bool:
        """Whether the card shows this. An accepted job may have no card yet; a job whose turn it is will run soon."""
        waits = self.wait is not None and self.wait.reason is not WaitReason.TURN
        return waits and self.state is not State.ACCEPTED


class QueueCards:
    """Remembers the wait that each card shows, and tells the messenger to show changed waits."""

    def __init__(self, context: EngineContext) -> None:
        self._snapshots = context.snapshots
        self._holder = context.process.token
        self._send_line = context.send_line
        self._wakeups = context.wakeups
        self._shown: dict[str, Wait | None] = {}

    def drawn(self, snapshot: Snapshot) -> None:
        """Record the wait that the first card of a job shows."""
        if snapshot.job.state is State.ACCEPTED:
            self._shown[snapshot.job.id] = snapshot.wait
            self._wakeups.queue.set()

    async def refresh(self, messenger: Messenger) -> float:
        """Show what has changed since the last round; return the seconds until the next round."""
        before = set(self._shown)
        line = await self._line()
        changed = self._changed(line)
        now = changed[:CARDS_A_ROUND]
        for snapshot in await self._snapshots.of_ids(now) if now else ():
            place = line[snapshot.job.id]
            if snapshot.job.state is place.state:  # otherwise the job has moved on in the meantime
                messenger.progress(replace(snapshot, wait=place.wait))
        for job in now:  # also jobs that cannot be read, so that others get their turn
            self._shown.pop(job, None)
            self._shown[job] = line[job].wait
        gone = before - line.keys()  # not jobs that were ordered in the meantime
        self._shown = {job: wait for job, wait in self._shown.items() if job not in gone}
        if len(changed) > len(now):
            return LEAST_PAUSE_S
        return ESTIMATES_S if line else LOOK_AGAIN_S

    def _changed(self, line: Mapping[str, _Place]) -> list[str]:
        """Return the jobs whose cards are out of date, starting with the card that was drawn longest ago."""
        drawn = {job: number for number, job in enumerate(self._shown)}
        changed = [job for job, place in line.items() if place.is_shown and self._shown.get(job) != place.wait]
        return sorted(changed, key=lambda job: drawn.get(job, -1))

    async def _line(self) -> dict[str, _Place]:
        """Return the waiting jobs, with the place of those that are waiting for the provider's rate limit.

        Jobs in the line of creates have a slot already. Jobs whose turn it is come after them: the loop that sends
        creates handles a limited number of jobs at a time.
        """
        sending = self._send_line.jobs
        places = {job: place for place, job in enumerate(sending, start=1)}
        found: dict[str, _Place] = {}
        for job, wait in await self._snapshots.in_line(sending, self._holder):
            begun = job.state is State.RUNNING and job.id in places and not job.is_sent
            next_ = bool(sending) and wait is not None and wait.reason is WaitReason.TURN
            if begun or (next_ and job.state is State.WAITING):
                place = places.setdefault(job.id, len(places) + 1)
                found[job.id] = _Place(job.state, Wait(WaitReason.SERVICE, place))
            else:
                found[job.id] = _Place(job.state, wait)
        return found


class QueueRounds:
    """The body of the loop that keeps the cards of waiting jobs up to date."""

    def __init__(self, cards: QueueCards, messenger: Messenger, context: EngineContext) -> None:
        self._cards = cards
        self._messenger = messenger
        self._clock = context.clock
        self._wakeup = context.wakeups.queue

    async def run(self, beat: Callable[[], None]) -> None:
        """Refresh the cards whenever the line changes, and regularly while jobs are waiting."""
        while True:
            beat()
            began_s = self._clock.monotonic_s()
            wait_s = await self._cards.refresh(self._messenger)
            pause_s = max(LEAST_PAUSE_S, (self._clock.monotonic_s() - began_s) / BUSY_SHARE)
            await self._clock.sleep(pause_s)
            await wakeup_or_time(self._wakeup, self._clock, max(0.0, wait_s - pause_s))

    async def drain(self) -> None:
        """Do nothing: every change is shown again after the next start."""
