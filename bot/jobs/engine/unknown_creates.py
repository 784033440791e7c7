"""Settles creates whose answers were lost: adopts the only listed run that fits, or gives the run up as lost.

A create is never sent again. Adoption needs a provider with a list of recent runs; without one, the run is lost at once
and the operator's loss is recorded. A job may have sent the same request several times (if its model makes one picture
at a time). Then it may adopt one run for each lost answer to that request, because all of these runs must be its own.
"""

import hashlib
import json
from collections.abc import Sequence

from bot.catalogue.plan import Plan
from bot.errors import OutcomeUnknown, RunFailed
from bot.jobs.engine.context import EngineContext
from bot.jobs.engine.outcome import RunOutcomes
from bot.jobs.engine.poll import Poller
from bot.jobs.engine.watched_run import Run
from bot.jobs.records import Job, PredictionState
from bot.jobs.store import prediction_rows
from bot.jobs.store.job_locks import of_job
from bot.jobs.store.loss_rows import LossReason
from bot.jobs.store.prediction_rows import Created, Unanswered
from bot.provider.wire import ProviderPrediction

EARLIER_MS = 5_000
"""A run may seem to have begun this long before it was sent, because the two clocks differ."""

LATER_MS = 120_000
"""A run that begins more than this long after the create was sent belongs to another create."""

LOOKS_S = (0.0, 1.0, 3.0)
"""The pause before each look: a run may appear in the list a moment after it began."""


def fingerprint(inputs: object) -> str:
    """Return the SHA-256 of a request's input, independent of the order of its keys."""
    text = json.dumps(inputs, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


class UnknownCreates:
    """Settles a job's creates whose answers are unknown."""

    def __init__(self, context: EngineContext, *, poller: Poller, outcomes: RunOutcomes) -> None:
        self._database = context.database
        self._wakeups = context.wakeups
        self._provider = context.provider
        self._clock = context.clock
        self._poller = poller
        self._outcomes = outcomes

    async def settle(self, job: Job) -> None:
        """Settle all of a job's creates with lost answers. Afterwards, none of its predictions is `submitting`."""
        open_ones = await self._database.read(lambda: prediction_rows.unanswered(job.id))
        for index, sent in enumerate(open_ones):
            # Counted from here on: each create that was settled before has taken its run out of the candidates.
            alike = sum(other.sent_sha256 == sent.sent_sha256 for other in open_ones[index:])
            if not await self._adopt(job, sent, alike):
                await self._lose(sent)

    async def _adopt(self, job: Job, sent: Unanswered, alike: int) -> bool:
        """Adopt a run for this create if at most `alike` runs fit: that many answers to this request were lost."""
        for pause_s in LOOKS_S:
            if pause_s:
                await self._clock.sleep(pause_s)
            try:
                recent = await self._provider.recent(sent.submitted_ms - EARLIER_MS)
            except RunFailed:
                continue
            if recent is None:
                return False
            ours = await self._ours(job.plan, sent, recent)
            if len(ours) > alike:
                return False
            if ours and await self._take(job, sent, ours[0]):
                return True
        return False

    async def _ours(
        self, plan: Plan, sent: Unanswered, recent: Sequence[ProviderPrediction]
    ) -> list[ProviderPrediction]:
        alike = [run for run in recent if is_ours(run, plan, sent)]
        held = await self._database.read(lambda: prediction_rows.known_among([run.id for run in alike]))
        return [run for run in alike if run.id not in held]

    async def _take(self, job: Job, sent: Unanswered, run: ProviderPrediction) -> bool:
        created_ms = run.created_ms or sent.submitted_ms
        created = await self._database.run(
            of_job(job.id, lambda: prediction_rows.created(job.id, sent.number, run.id, created_ms))
        )
        if created is Created.UNWANTED:
            return False
        # The job's last change is when it began to run; the provider's times are not compared with local ones.
        await self._poller.track(Run.of(job, sent.number, run.id, job.updated_ms))
        if created is Created.CANCELLING:
            self._wakeups.cancel.set()
        return True

    async def _lose(self, sent: Unanswered) -> None:
        failure = OutcomeUnknown(detail="the answer to the request was lost").failure
        await self._outcomes.given_up(sent.job, sent.number, PredictionState.LOST, failure, LossReason.LOST)


def is_ours(run: ProviderPrediction, plan: Plan, sent: Unanswered) -> bool:
    """Return whether a listed run matches this create: same model, same input, about the same time."""
    if fingerprint(dict(run.input)) != sent.sent_sha256:
        return False
    same_model = plan.version is not None and plan.version == run.version
    if not same_model and run.model != plan.model:
        return False
    began_ms = sent.submitted_ms if run.created_ms is None else run.created_ms
    return sent.submitted_ms - EARLIER_MS <= began_ms <= sent.submitted_ms + LATER_MS
