"""Asks the provider to stop the runs of jobs that are to be cancelled: once for each, as far as it can.

What was complete before the wish is delivered and paid (the member was told so); what stops, or ends later, costs the
member nothing. Runs that go on are waited for by the poller for a little while, then given up.
"""

import random

from bot.errors import NotFound, ProviderBusy, ProviderDown, RunFailed
from bot.jobs.engine.context import EngineContext
from bot.jobs.engine.outcome import Outcomes
from bot.jobs.store import job_rows, prediction_rows
from bot.provider.wire import ProviderPrediction

TRIES = 5


class Canceller:
    """Passes wishes to cancel on to the provider."""

    def __init__(self, context: EngineContext, outcomes: Outcomes) -> None:
        self._database = context.database
        self._provider = context.provider
        self._clock = context.clock
        self._outcomes = outcomes

    async def step(self, job: str) -> None:
        """Ask for all runs of this job to be stopped."""
        for number, provider_id in await self._database.read(lambda: prediction_rows.uncancelled(job)):
            try:
                last = await self._stop(provider_id)
            except (ProviderDown, ProviderBusy):
                if not await self._tried_enough(job):
                    return
                last = None
            await self._database.run(lambda number=number: prediction_rows.cancel_sent(job, number))
            if last is not None and last.status.ended:
                await self._outcomes.ended(job, number, last)

    async def _stop(self, provider_id: str) -> ProviderPrediction | None:
        """Stop a run; where that cannot be done, at least look whether it is over. None where nothing was learned."""
        try:
            return await self._provider.cancel(provider_id) or await self._provider.fetch(provider_id)
        except (ProviderDown, ProviderBusy):
            raise
        except (RunFailed, NotFound):
            return None

    async def _tried_enough(self, job: str) -> bool:
        now_ms, jitter = self._clock.now_ms(), random.random()
        tries = await self._database.run(lambda: job_rows.postpone(job, now_ms, jitter=jitter))
        return tries >= TRIES
