"""Redraws the cards of jobs that wait, when their place in line or their estimated turn changes.

A card is drawn when its job is ordered, so only changes since then are shown, and the messenger limits the edits.
"""

from collections.abc import Callable
from dataclasses import replace

from bot.clock import wakeup_or_time
from bot.jobs.engine.context import EngineContext
from bot.jobs.engine.loops import LOOK_AGAIN_S
from bot.jobs.ports import Messenger
from bot.jobs.records import PredictionState, Snapshot, State
from bot.jobs.waits import Wait, WaitReason

LEAST_PAUSE_S = 1.0
"""The pause between two rounds, so that a burst of orders or ends causes a few rounds only."""

ESTIMATES_S = 5.0
"""How often estimates are checked while jobs wait: time passes without any event."""


class QueueCards:
    """Remembers the wait that each card shows, and tells the messenger to show new ones."""

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
        """Show every change since the last round; return the seconds until the next round."""
        in_line = await self._in_line()
        for snapshot in in_line:
            # Nothing is edited for an accepted job: it may not have a card. A job whose turn it is runs in a moment.
            waits = snapshot.wait is not None and snapshot.wait.reason is not WaitReason.TURN
            if snapshot.job.state is not State.ACCEPTED and waits and self._changed(snapshot):
                self._shown[snapshot.job.id] = snapshot.wait
                messenger.progress(snapshot)
        still = {snapshot.job.id for snapshot in in_line}
        self._shown = {job: wait for job, wait in self._shown.items() if job in still}
        return ESTIMATES_S if in_line else LOOK_AGAIN_S

    def _changed(self, snapshot: Snapshot) -> bool:
        return self._shown.get(snapshot.job.id) != snapshot.wait

    async def _in_line(self) -> list[Snapshot]:
        """Return the jobs that wait, with the place of those that wait for the provider's rate limit.

        Jobs in the line of creates have a slot already. Those whose turn it is come after them: the loop that sends
        creates handles a limited number of jobs at a time.
        """
        sending = self._send_line.jobs
        found = {one.job.id: one for one in await self._snapshots.in_line(sending, self._holder)}
        places = {job: place for place, job in enumerate(sending, start=1)}
        for job, snapshot in found.items():
            unsent = all(run.state is PredictionState.INTENDED for run in snapshot.predictions)
            begun = snapshot.job.state is State.RUNNING and job in places and unsent
            next_ = bool(sending) and snapshot.wait is not None and snapshot.wait.reason is WaitReason.TURN
            if begun or (next_ and snapshot.job.state is State.WAITING):
                place = places.setdefault(job, len(places) + 1)
                found[job] = replace(snapshot, wait=Wait(WaitReason.SERVICE, place))
        return list(found.values())


class QueueRounds:
    """The body of the loop that keeps the cards of waiting jobs true."""

    def __init__(self, cards: QueueCards, messenger: Messenger, context: EngineContext) -> None:
        self._cards = cards
        self._messenger = messenger
        self._clock = context.clock
        self._wakeup = context.wakeups.queue

    async def run(self, beat: Callable[[], None]) -> None:
        """Refresh the cards at each change of the line, and while jobs wait."""
        while True:
            beat()
            wait_s = await self._cards.refresh(self._messenger)
            await self._clock.sleep(LEAST_PAUSE_S)
            await wakeup_or_time(self._wakeup, self._clock, wait_s - LEAST_PAUSE_S)

    async def drain(self) -> None:
        """Do nothing: every change is shown again after the next start."""
