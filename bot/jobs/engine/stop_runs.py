"""Asks the provider to stop runs, either because a member cancelled the job or because Easel has given them up.

The provider is asked once to stop each run, with retries. If the run had already succeeded when the provider first
answered after the member's request, the result is delivered and charged (the member is told so when cancelling). A run
that stops, or ends later, costs the member nothing. The poller waits briefly for runs that continue and then abandons
them. A job without runs is cancelled by its state change alone (`bot/jobs/money/transitions.py`).
"""

import logging
import random

from bot.errors import NotFound, ProviderBusy, ProviderDown, RunFailed
from bot.jobs.engine.context import EngineContext
from bot.jobs.engine.outcome import RunOutcomes
from bot.jobs.store import pause_rows, prediction_rows
from bot.jobs.store.job_locks import of_job
from bot.jobs.store.pause_rows import Step
from bot.jobs.store.prediction_rows import ToStop
from bot.provider.wire import ProviderPrediction

TRIES = 10
"""How many requests to stop may fail before Easel gives up: about five minutes including the pauses."""

log = logging.getLogger(__name__)


class RunStopper:
    """Asks the provider to stop the runs of one job at a time."""

    def __init__(self, context: EngineContext, outcomes: RunOutcomes) -> None:
        self._database = context.database
        self._provider = context.provider
        self._clock = context.clock
        self._outcomes = outcomes

    async def step(self, job: str) -> None:
        """Ask the provider to stop each run of this job that it has not yet been asked to stop."""
        for run in await self._database.read(lambda: prediction_rows.to_stop(job)):
            began_ms = self._clock.now_ms()
            try:
                last = await self._stop(run.provider_id)
            except (ProviderDown, ProviderBusy):
                if not await self._tried_enough(job):
                    return
                log.warning("run %s of job %s could not be stopped", run.number, job)
                last = None
            if last is not None and not run.abandoned:
                await self._learn(job, run, last, began_ms)
            # Recorded last: after a crash before this point, the provider is asked again, which is harmless.
            await self._database.run(of_job(job, lambda run=run: prediction_rows.cancel_sent(job, run.number)))

    async def _learn(self, job: str, run: ToStop, last: ProviderPrediction, began_ms: int) -> None:
        """Store the provider's answer; the result of a run that is still unfinished would come too late."""
        if last.status.ended:
            await self._outcomes.ended(job, run.number, last)
        else:
            await self._outcomes.news(job, run.number, last, read_ms=began_ms)

    async def _stop(self, provider_id: str) -> ProviderPrediction | None:
        """Stop a run, or at least read it if the provider cannot stop it. Return None if nothing was learned."""
        try:
            return await self._provider.cancel(provider_id) or await self._provider.fetch(provider_id)
        except (ProviderDown, ProviderBusy):
            raise
        except (RunFailed, NotFound):
            return None

    async def _tried_enough(self, job: str) -> bool:
        now_ms, jitter = self._clock.now_ms(), random.random()
        tries = await self._database.run(
            of_job(job, lambda: pause_rows.postpone(job, Step.STOP, now_ms, jitter=jitter))
        )
        return tries >= TRIES
