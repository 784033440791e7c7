"""Whether Discord took a job's card, where the answer to that was lost or never came.

Only an edit of the original response by the stored token can tell. Until it does, the job has its hold and waits; once
the token is dead nothing can be learned any more, and the hold is released.
"""

import random

from bot import interaction_token
from bot.errors import TooLate
from bot.jobs.checkpoints import Checkpoint
from bot.jobs.engine.context import EngineContext
from bot.jobs.money import transitions
from bot.jobs.ports import CardState, Messenger
from bot.jobs.records import Job, Notice, State
from bot.jobs.store import job_rows

MOST_PAUSE_MS = 30_000


class CardCheck:
    """Settles accepted jobs."""

    def __init__(self, context: EngineContext) -> None:
        self._database = context.database
        self._snapshots = context.snapshots
        self._clock = context.clock
        self._discord_clock = context.discord_clock
        self._checkpoints = context.checkpoints
        self._wakeups = context.wakeups

    async def taken(self, job: str, message: int) -> None:
        """Discord took the card: the job may be submitted."""
        now_ms = self._clock.now_ms()
        waits = await self._database.run(lambda: job_rows.taken(job, message, now_ms))
        await self._checkpoints.reached(Checkpoint.TAKEN, job)
        self._wakeups.after(State.WAITING if waits else State.DONE)
        self._wakeups.deadlines.set()

    async def refused(self, job: str, notice: Notice = Notice.NONE) -> None:
        """Discord did not take the card: nothing was shown, so nobody is told, and the hold is released."""
        snapshot = await self._snapshots.get(job)
        failure = TooLate(age_ms=self._age_ms(snapshot.job)).failure
        now_ms = self._clock.now_ms()
        await self._database.run(
            lambda: transitions.close(job, {State.ACCEPTED}, State.FAILED, failure, now_ms, notice)
        )
        self._wakeups.after(State.FAILED)
        await self._checkpoints.reached(Checkpoint.RELEASED, job)

    async def unclear(self, job: str) -> None:
        """The answer was lost: find out."""
        await self._database.run(lambda: job_rows.retry_at(job, 0))
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
        elif self._age_ms(snapshot.job) > interaction_token.LIFE_MS:
            await self.refused(job, Notice.DUE)
        else:
            now_ms, jitter = self._clock.now_ms(), random.random()
            await self._database.run(lambda: job_rows.postpone(job, now_ms, jitter=jitter, most_ms=MOST_PAUSE_MS))

    def _age_ms(self, job: Job) -> int:
        return max(0, self._discord_clock.now_ms() - job.token_created_ms)
