"""Finds out whether Discord accepted a job's card when Discord's answer was lost.

Until the messenger can tell, the job keeps its hold and waits. Once the interaction token has expired, nothing more can
be learned about a private card, and the hold is released.
"""

import logging
import random

from bot import interaction_token
from bot.errors import TooLate
from bot.jobs.checkpoints import Checkpoint
from bot.jobs.engine.context import EngineContext
from bot.jobs.money import transitions
from bot.jobs.ports import CardState, Messenger
from bot.jobs.records import EndNotice, Job, State
from bot.jobs.store import job_rows, pause_rows
from bot.jobs.store.job_locks import of_job
from bot.jobs.store.pause_rows import Step

LONGEST_PAUSE_MS = 30_000

ARRIVES_MS = 30_000
"""How long after its order a card may still appear if it follows another answer to its interaction: the call that sends
it may still be in progress."""

log = logging.getLogger(__name__)


class CardCheck:
    """Moves accepted jobs on: to waiting if Discord accepted their cards, otherwise to failed."""

    def __init__(self, context: EngineContext) -> None:
        self._database = context.database
        self._snapshots = context.snapshots
        self._clock = context.clock
        self._discord_clock = context.discord_clock
        self._checkpoints = context.checkpoints
        self._wakeups = context.wakeups
        self._waiting_s = context.limits.waiting_s

    async def taken(self, job: str, message: int) -> None:
        """Record that Discord accepted the card as this message, so that the job may be submitted."""
        now_ms = self._clock.now_ms()
        waits = await self._database.run(of_job(job, lambda: job_rows.taken(job, message, now_ms)))
        await self._checkpoints.reached(Checkpoint.TAKEN, job)
        if waits:
            self._wakeups.after(State.WAITING, job)
        else:
            self._wakeups.after(State.DONE)
        self._wakeups.deadlines.look_within(self._waiting_s)

    async def refused(self, job: str, notice: EndNotice = EndNotice.NONE) -> None:
        """Release the hold of a job whose card Discord did not accept. `notice` is whether its end is to be shown."""
        snapshot = await self._snapshots.get(job)
        age_ms = self._age_ms(snapshot.job)
        failure = TooLate(age_ms=age_ms).failure
        now_ms = self._clock.now_ms()
        # Only a job that is still `accepted` is ended: if the card was found after all, the job has moved on and keeps
        # its hold.
        released = await self._database.run(
            of_job(job, lambda: transitions.close(job, {State.ACCEPTED}, State.FAILED, failure, now_ms, notice))
        )
        if released:
            log.warning("job %s ends unanswered: Discord did not accept its card after %s ms", job, age_ms)
        self._wakeups.after(State.FAILED)
        await self._checkpoints.reached(Checkpoint.RELEASED, job)

    async def unclear(self, job: str) -> None:
        """Look for the card now, because Discord's answer was lost."""
        await self._database.run(of_job(job, lambda: job_rows.retry_at(job, State.ACCEPTED, 0)))
        self._wakeups.cards.set()

    async def look(self, job: str, messenger: Messenger) -> None:
        """Ask Discord about one job's card."""
        snapshot = await self._snapshots.get(job)
        if snapshot.job.state is not State.ACCEPTED:
            return
        state, message = await messenger.card(snapshot.job)
        if state is CardState.SHOWN:
            await self.taken(job, message)
        elif state is CardState.ABSENT:
            await self.refused(job)
        elif self._is_given_up(snapshot.job, state):
            await self.refused(job, EndNotice.DUE)
        else:
            now_ms, jitter = self._clock.now_ms(), random.random()
            await self._database.run(
                of_job(
                    job, lambda: pause_rows.postpone(job, Step.CARD, now_ms, jitter=jitter, longest_ms=LONGEST_PAUSE_MS)
                )
            )

    def _is_given_up(self, job: Job, state: CardState) -> bool:
        """Return whether the card will never appear, although its member may expect it."""
        if state is CardState.UNSENT and self._clock.now_ms() - job.created_ms > ARRIVES_MS:
            return True
        return self._waited_ms(job) > interaction_token.LIFE_MS

    def _waited_ms(self, job: Job) -> int:
        # Both clocks must say that the token has expired: a fast clock must not make Easel give up a shown card.
        return min(self._age_ms(job), self._clock.now_ms() - job.created_ms)

    def _age_ms(self, job: Job) -> int:
        return max(0, self._discord_clock.now_ms() - job.token_created_ms)
