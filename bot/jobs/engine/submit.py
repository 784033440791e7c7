"""From waiting to running: copies the files in, takes a slot, and makes each create call once.

The intent is on disk before a create is sent. What surely did not run goes back to be sent again or fails; what may
have run is settled by looking for it (`adopt`), and is never sent twice.
"""

import asyncio
import random
from collections.abc import Mapping
from dataclasses import dataclass

from bot.catalogue.payload import fill
from bot.catalogue.plan import PlannedRequest
from bot.errors import DeadlinePassed, Failure, OutcomeUnknown, ProviderBusy, ProviderDown, Refused, RunFailed
from bot.jobs.checkpoints import Checkpoint
from bot.jobs.engine.adopt import Adopter, fingerprint
from bot.jobs.engine.card_updates import CardUpdates
from bot.jobs.engine.context import EngineContext
from bot.jobs.engine.outcome import Outcomes
from bot.jobs.engine.poll import Poller, Run
from bot.jobs.files.input_files import InputFiles, InputLinks
from bot.jobs.limits import run_limit_s
from bot.jobs.money import transitions
from bot.jobs.records import Job, PredictionState, Snapshot, State
from bot.jobs.store import job_rows, prediction_rows

BUSY_FIRST_MS = 2_000
DOWN_S = 15.0
"""How long a create waits after the provider, or Discord for a file's link, could not be reached."""

LEAST_PAUSE_S = 1.0


class Submitter:
    """Brings waiting jobs to the provider."""

    def __init__(
        self,
        context: EngineContext,
        *,
        inputs: InputFiles,
        adopter: Adopter,
        poller: Poller,
        outcomes: Outcomes,
        card_updates: CardUpdates,
        secrets: Mapping[str, str],
    ) -> None:
        """`secrets` are the operator's keys that some models need as an input, by the input's name."""
        self._database = context.database
        self._snapshots = context.snapshots
        self._provider = context.provider
        self._clock = context.clock
        self._provider_clock = context.provider_clock
        self._limits = context.limits
        self._checkpoints = context.checkpoints
        self._wakeups = context.wakeups
        self._inputs = inputs
        self._adopter = adopter
        self._poller = poller
        self._outcomes = outcomes
        self._card_updates = card_updates
        self._secrets = secrets

    async def step(self, job: str) -> None:
        """Bring one job as far as it goes now."""
        snapshot = await self._snapshots.get(job)
        if snapshot.job.state is State.RUNNING:
            await self._adopter.settle(snapshot.job)
            snapshot = await self._snapshots.get(job)
            if self._provider_clock.now_ms() > snapshot.job.deadline_ms:
                await self._drop_unsent(snapshot, self._too_late(snapshot.job))
                return
        if snapshot.job.state not in {State.WAITING, State.RUNNING}:
            return
        if await self._copied(snapshot.job) and await self._begin(snapshot.job):
            links = await self._links(snapshot)
            if links is not None:
                await self._send_all(snapshot, links)

    async def expire(self, job: str) -> None:
        """A job has waited for too long."""
        await self._close(job, State.EXPIRED, DeadlinePassed(waited_s=self._limits.waiting_s).failure)

    async def _copied(self, job: Job) -> bool:
        """Have the order's files in our store; False where that must wait or has failed."""
        if not job.order.files:
            return True
        try:
            await self._inputs.copy(job)
        except (ProviderDown, ProviderBusy):
            await self._postpone(job.id)
            return False
        except (Refused, RunFailed) as error:
            await self._close(job.id, State.FAILED, error.failure)
            return False
        await self._checkpoints.reached(Checkpoint.FILES_COPIED, job.id)
        return True

    async def _links(self, snapshot: Snapshot) -> InputLinks | None:
        """The links of the order's files; None where they cannot be had now, or at all."""
        if not snapshot.job.order.files:
            return {}
        try:
            return await self._inputs.links(snapshot.job)
        except ConnectionError:
            await self._send_later(snapshot.job, DOWN_S)
        except Refused as error:
            await self._drop_unsent(snapshot, error.failure)
        return None

    async def _begin(self, job: Job) -> bool:
        """Take a slot; False where none is free or the job has ended meanwhile."""
        if job.state is State.RUNNING:
            return True
        now_ms = self._clock.now_ms()
        deadline_ms = self._provider_clock.now_ms() + round(run_limit_s(job.plan.typical_s) * 1_000)
        per_guild, per_member = self._limits.running_per_guild, self._limits.running_per_member
        return await self._database.run(
            lambda: transitions.begin(
                job.id, now_ms, deadline_ms=deadline_ms, per_guild=per_guild, per_member=per_member
            )
        )

    async def _send_all(self, snapshot: Snapshot, links: InputLinks) -> None:
        job = snapshot.job
        unsent = [item.number for item in snapshot.predictions if item.state is PredictionState.INTENDED]
        calls = (self._send(job, number, job.plan.requests[number - 1], links) for number in unsent)
        # Each call comes to its own end: one that fails by a fault of ours must not break off the others.
        ends = await asyncio.gather(*calls, return_exceptions=True)
        for end in ends:
            if isinstance(end, BaseException):
                raise end
        sent = [end for end in ends if isinstance(end, _Sent)]
        if any(end.unknown for end in sent):
            await self._adopter.settle(job)
        if wait_s := max((end.again_s for end in sent), default=0.0):
            await self._send_later(job, wait_s)
        self._wakeups.cancel.set()  # a wish to cancel may have come while the answers were under way
        await self._card_updates.changed(job.id)

    async def _send(self, job: Job, number: int, request: PlannedRequest, links: InputLinks) -> "_Sent":
        """Make one create call, unless cancelling was asked for before its intent could be written."""
        try:
            body = fill(request.body, links, self._secrets)
        except RunFailed as error:
            return await self._refused(job.id, number, error)
        await self._provider.creates.take()
        sent_ms = self._provider_clock.now_ms()
        intended = await self._database.run(
            lambda: prediction_rows.intend(job.id, number, fingerprint(body.get("input")), sent_ms)
        )
        if not intended:
            return _Sent()
        await self._checkpoints.reached(Checkpoint.SUBMITTING, job.id)
        try:
            made = await self._provider.create(request.path, body)
        except OutcomeUnknown:
            return _Sent(unknown=True)
        except RunFailed as error:
            return await self._refused(job.id, number, error)
        await self._checkpoints.reached(Checkpoint.CREATED, job.id)
        await self._created(job, number, made.id, made.created_ms or sent_ms)
        return _Sent()

    async def _created(self, job: Job, number: int, provider_id: str, created_ms: int) -> None:
        ours = await self._database.run(lambda: prediction_rows.created(job.id, number, provider_id, created_ms))
        if ours:
            await self._checkpoints.reached(Checkpoint.RUNNING, job.id)
            self._poller.track(Run(job.id, number, provider_id, created_ms, job.plan.typical_s, job.plan.version))

    async def _refused(self, job: str, number: int, error: RunFailed) -> "_Sent":
        """A create that surely did not run: what may pass is sent again later, the rest has failed."""
        if not isinstance(error, ProviderBusy | ProviderDown):
            await self._outcomes.given_up(job, number, PredictionState.FAILED, error.failure)
            return _Sent()
        now_ms = self._clock.now_ms()
        state = await self._database.run(lambda: transitions.unsent(job, number, now_ms))
        await self._outcomes.concluded(job, state)
        return _Sent(again_s=_pause_s(error))

    async def _send_later(self, job: Job, wait_s: float) -> None:
        now_ms = self._clock.now_ms()
        retry_ms = now_ms + round(wait_s * 1_000)
        deadline_ms = job.created_ms + self._limits.waiting_s * 1_000
        waits = await self._database.run(
            lambda: transitions.back_to_waiting(job.id, now_ms, retry_ms=retry_ms, deadline_ms=deadline_ms)
        )
        if waits:
            self._wakeups.deadlines.set()

    async def _drop_unsent(self, snapshot: Snapshot, failure: Failure) -> None:
        """Creates that were not sent never will be."""
        for prediction in snapshot.predictions:
            if prediction.state is PredictionState.INTENDED:
                await self._outcomes.given_up(snapshot.job.id, prediction.number, PredictionState.FAILED, failure)

    def _too_late(self, job: Job) -> Failure:
        return DeadlinePassed(waited_s=(self._clock.now_ms() - job.created_ms) // 1_000).failure

    async def _postpone(self, job: str) -> None:
        now_ms, jitter = self._clock.now_ms(), random.random()
        await self._database.run(lambda: job_rows.postpone(job, now_ms, jitter=jitter, first_ms=BUSY_FIRST_MS))

    async def _close(self, job: str, to: State, failure: Failure) -> None:
        now_ms = self._clock.now_ms()
        if await self._database.run(lambda: transitions.close(job, {State.WAITING}, to, failure, now_ms)):
            self._wakeups.after(to)
            await self._checkpoints.reached(Checkpoint.RELEASED, job)


@dataclass(frozen=True, slots=True)
class _Sent:
    """What came of one create: whether its outcome is unknown; after how many seconds to send it again, 0 if never."""

    unknown: bool = False
    again_s: float = 0.0


def _pause_s(error: RunFailed) -> float:
    """The pause that the provider asked for, else ours; never so short that nothing could have changed."""
    asked = error.facts.get("retry_after_s", DOWN_S)
    return max(float(asked), LEAST_PAUSE_S) * random.uniform(1.0, 1.25)
