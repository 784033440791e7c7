"""Takes jobs from waiting to running: copies their files, takes a slot, and makes each create call once.

The intent is on disk before a create is sent. A create that was certainly not executed is sent again or fails. One that
may have been executed is settled by looking for its run (`unknown_creates`), and is never sent twice.
"""

import asyncio
import logging
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from bot.catalogue.payload import fill
from bot.catalogue.plan import PlannedRequest
from bot.errors import (
    DeadlinePassed,
    Failure,
    FilesUnreachable,
    OutcomeUnknown,
    ProviderBusy,
    ProviderDown,
    Refused,
    ResultExpired,
    ResultNotYetThere,
    RunFailed,
    StorageError,
)
from bot.jobs.checkpoints import Checkpoint
from bot.jobs.engine.card_updates import CardUpdates
from bot.jobs.engine.context import EngineContext
from bot.jobs.engine.guild_removals import GuildRemovals
from bot.jobs.engine.never_sent import NeverSent
from bot.jobs.engine.outcome import RunOutcomes
from bot.jobs.engine.poll import Poller
from bot.jobs.engine.unknown_creates import UnknownCreates, fingerprint
from bot.jobs.engine.watched_run import Run
from bot.jobs.files.input_files import InputFiles, InputLinks
from bot.jobs.limits import run_limit_s
from bot.jobs.money import approvals, transitions
from bot.jobs.records import Job, PredictionState, Snapshot, State
from bot.jobs.store import due_jobs, pause_rows, prediction_rows
from bot.jobs.store.due_jobs import Due
from bot.jobs.store.job_locks import of_job, of_slots
from bot.jobs.store.pause_rows import Step
from bot.jobs.store.prediction_rows import Created
from bot.provider.client import is_about_webhooks
from bot.provider.wire import ProviderPrediction
from bot.storage.operation import Operation

BUSY_FIRST_MS = 2_000
DOWN_S = 15.0
"""How long a create waits if the provider could not be reached, or if Discord could not be reached when a file's link
was needed."""

YOUNG_S = 300.0
"""How long fetching a member's missing file is retried: files may appear on their host a moment later."""

RECORDING_PAUSES_S = (0.5, 1.0, 2.0, 4.0)
"""The pauses between attempts to record a run that the provider has just started: nothing else knows its id."""

LEAST_PAUSE_S = 1.0

log = logging.getLogger(__name__)


class Submitter:
    """Submits waiting jobs to the provider."""

    def __init__(
        self,
        context: EngineContext,
        *,
        inputs: InputFiles,
        unknown_creates: UnknownCreates,
        poller: Poller,
        outcomes: RunOutcomes,
        card_updates: CardUpdates,
        secrets: Mapping[str, str],
    ) -> None:
        """`secrets` are the operator's keys that some models need as an input, by input name."""
        self._database = context.database
        self._snapshots = context.snapshots
        self._provider = context.provider
        self._webhooks = context.webhooks
        self._clock = context.clock
        self._provider_clock = context.provider_clock
        self._limits = context.limits
        self._checkpoints = context.checkpoints
        self._wakeups = context.wakeups
        self._send_line = context.send_line
        self._fresh_jobs = context.fresh_jobs
        self._left_guilds = context.left_guilds
        self._troubles = context.troubles
        self._process = context.process
        self._guild_removals = GuildRemovals(context)
        self._never_sent = NeverSent()
        self._inputs = inputs
        self._unknown_creates = unknown_creates
        self._poller = poller
        self._outcomes = outcomes
        self._card_updates = card_updates
        self._secrets = secrets

    def due(self, most: int) -> Operation[list[Due]]:
        """Return the jobs that can take a step, and note whether any job is waiting for a slot."""
        mark, limits = self._wakeups.slots.mark, self._limits
        found = yield from due_jobs.to_submit(
            most, limits.running_per_guild, limits.running_per_member, self._clock.now_ms(), self._process.token
        )
        self._wakeups.slots.seen(mark, waiting=(yield from due_jobs.any_waits()))
        return found

    async def step(self, job: str) -> bool:
        """Take one job through as many steps as it can take now; return whether all its creates have been sent."""
        fresh = self._fresh_jobs.take(job)
        if fresh is not None and (sent := await self._at_once(fresh)) is not None:
            return await self._after([sent], replace(fresh, state=State.WAITING))
        snapshot = await self._snapshots.outline(job)
        if snapshot.job.guild in self._left_guilds:
            await self._guild_removals.end(job)
            snapshot = await self._snapshots.outline(job)
        if snapshot.job.state is State.RUNNING:
            for number in self._never_sent.of(job):
                await self._unsent(job, number, LEAST_PAUSE_S)
            await self._unknown_creates.settle(snapshot.job)
            snapshot = await self._snapshots.outline(job)
            if self._clock.now_ms() > snapshot.job.deadline_ms:
                await self._drop_unsent(snapshot, self._too_late(snapshot.job))
                return False
        if snapshot.job.state not in {State.WAITING, State.RUNNING}:
            return False
        if await self._copied(snapshot) and await self._begin(snapshot.job):
            links = await self._links(snapshot)
            if links is not None:
                return await self._send_all(snapshot, links)
        return False

    async def _at_once(self, job: Job) -> "_Sent | None":
        """Take a slot and write the intent in one transaction, and send the create. None if that is not possible.

        This is possible for a job with one create and no files, if it need not wait for a slot or for the rate limit.
        """
        simple = len(job.plan.requests) == 1 and not job.order.files and job.guild not in self._left_guilds
        if not simple or self._wakeups.slots.wanted or not self._send_line.try_take(self._provider.creates):
            return None
        request, sent_ms = job.plan.requests[0], self._provider_clock.now_ms()
        try:
            body = fill(request.body, {}, self._secrets)
        except RunFailed:
            self._provider.creates.give_back()
            return None
        slot = self._slot(job)

        def write() -> "Operation[bool]":
            if not (yield from slot()):
                return False
            return (yield from prediction_rows.intend(job.id, 1, fingerprint(body.get("input")), sent_ms))

        intended = False
        try:
            with self._never_sent.until_stored(job.id, 1):  # as in `_write_intent`
                intended = await self._database.run(of_slots(job.guild, job.id, write))
        finally:
            if not intended:
                self._provider.creates.give_back()
        if not intended:
            return None
        self._wakeups.queue.set()
        return await self._create_intended(job, 1, request.path, body, sent_ms)

    async def expire(self, job: str) -> None:
        """End a job that has waited for too long."""
        now_ms, failure = self._clock.now_ms(), DeadlinePassed(waited_s=self._limits.waiting_s).failure
        if await self._database.run(of_job(job, lambda: approvals.expire(job, failure, now_ms))):
            await self._released(job, State.EXPIRED)

    async def _copied(self, snapshot: Snapshot) -> bool:
        """Copy the order's files into our store; return False if that must wait or has failed."""
        job = snapshot.job
        if not job.order.files:
            return True
        try:
            await self._inputs.copy(job)
        except (ProviderDown, ProviderBusy, StorageError) as error:
            log.warning("the files of job %s cannot be copied now: %s", job.id, error)
            await self._postpone(job.id)
            return False
        except (Refused, RunFailed) as error:
            if self._may_appear(job, error):
                await self._postpone(job.id)
            elif job.state is State.RUNNING:
                # The order may no longer suit this process's catalogue. Runs that have started are still awaited.
                await self._drop_unsent(snapshot, error.failure)
            else:
                await self._close(job.id, State.FAILED, error.failure)
            return False
        await self._checkpoints.reached(Checkpoint.FILES_COPIED, job.id)
        return True

    def _may_appear(self, job: Job, error: Exception) -> bool:
        """Return whether a file that its host does not have may still appear, because the order is recent."""
        missing = isinstance(error.__cause__, ResultExpired | ResultNotYetThere)
        return missing and self._clock.now_ms() - job.created_ms < YOUNG_S * 1_000

    async def _links(self, snapshot: Snapshot) -> InputLinks | None:
        """Return the links to the order's files; None if they are not available now, or not at all."""
        if not snapshot.job.order.files:
            return {}
        try:
            return await self._inputs.links(snapshot.job)
        except ConnectionError:
            await self._send_later(snapshot.job, DOWN_S)
        except FilesUnreachable as error:
            log.warning("the files of job %s cannot be linked now: %s", snapshot.job.id, error)
            self._troubles.note(error)
            await self._send_later(snapshot.job, DOWN_S)
        except Refused as error:
            await self._drop_unsent(snapshot, error.failure)
        return None

    async def _begin(self, job: Job) -> bool:
        """Take a slot; return False if none is free or the job has ended in the meantime."""
        if job.state is State.RUNNING:
            return True
        began = await self._database.run(of_slots(job.guild, job.id, self._slot(job)))
        self._wakeups.queue.set()
        if not began:
            self._wakeups.slots.refused()
        return began

    def _slot(self, job: Job) -> Callable[[], Operation[bool]]:
        """Return the operation that gives a job a slot, if one is free."""
        now_ms = self._clock.now_ms()
        deadline_ms = now_ms + round(run_limit_s(job.plan.typical_s) * 1_000)
        per_guild, per_member = self._limits.running_per_guild, self._limits.running_per_member
        return lambda: transitions.begin(
            job.id, now_ms, deadline_ms=deadline_ms, per_guild=per_guild, per_member=per_member
        )

    async def _send_all(self, snapshot: Snapshot, links: InputLinks) -> bool:
        """Send all unsent creates; return whether nothing is left to do about them."""
        job = snapshot.job
        unsent = [item.number for item in snapshot.predictions if item.state is PredictionState.INTENDED]
        calls = (self._send(job, number, job.plan.requests[number - 1], links) for number in unsent)
        # Every call is allowed to finish: if a bug makes one fail, the answers to the others still count.
        ends = await asyncio.gather(*calls, return_exceptions=True)
        for end in ends:
            if isinstance(end, BaseException):
                raise end
        return await self._after([end for end in ends if isinstance(end, _Sent)], job)

    async def _after(self, sent: Sequence["_Sent"], job: Job) -> bool:
        """Act on the answers to creates; return whether nothing is left to do about them."""
        if any(end.unknown for end in sent):
            await self._unknown_creates.settle(job)
        if wait_s := max((end.again_s for end in sent), default=0.0):
            await self._send_later(job, wait_s)
        self._card_updates.changed(job.id)
        return bool(sent) and all(end.is_recorded for end in sent)

    async def _send(self, job: Job, number: int, request: PlannedRequest, links: InputLinks) -> "_Sent":
        """Make one create call, unless the member asked to cancel before its intent was written."""
        try:
            body = fill(request.body, links, self._secrets)
        except RunFailed as error:
            return await self._refused(job.id, number, error)
        await self._send_line.take(self._provider.creates, job.id, number)
        self._wakeups.queue.set()
        sent_ms, intended = self._provider_clock.now_ms(), False
        try:
            intended = await self._write_intent(job, number, body, sent_ms)
        finally:
            if not intended:
                self._provider.creates.give_back()
        if not intended:
            return _Sent()
        return await self._create_intended(job, number, request.path, body, sent_ms)

    async def _write_intent(self, job: Job, number: int, body: Mapping[str, object], sent_ms: int) -> bool:
        """Write the intent of a create; return whether it may be sent."""
        if job.guild in self._left_guilds:
            return False  # the job's next step cancels it
        intent = fingerprint(body.get("input"))
        with self._never_sent.until_stored(job.id, number):  # a write that fails may have been stored
            return await self._database.run(
                of_job(job.id, lambda: prediction_rows.intend(job.id, number, intent, sent_ms))
            )

    async def _create_intended(
        self, job: Job, number: int, path: str, body: Mapping[str, object], sent_ms: int
    ) -> "_Sent":
        """Make a create call whose intent is on disk."""
        await self._checkpoints.reached(Checkpoint.SUBMITTING, job.id)
        if not self._process.is_current:  # the process was asleep, so another one may be settling this create
            return await self._unsent(job.id, number, LEAST_PAUSE_S)
        webhook = self._webhooks.address
        try:
            made = await self._provider.create(path, body, webhook=webhook)
        except OutcomeUnknown:
            return _Sent(unknown=True)
        except RunFailed as error:
            return await self._refused(job.id, number, error)
        await self._checkpoints.reached(Checkpoint.CREATED, job.id)
        await self._created(job, number, made, sent_ms, has_webhook=webhook is not None)
        return _Sent(is_recorded=True)

    async def _created(
        self, job: Job, number: int, made: ProviderPrediction, sent_ms: int, *, has_webhook: bool
    ) -> None:
        """Record a run and track it; if the job no longer needs it, stop it."""
        since_ms = self._clock.now_ms()
        created = await self._record(job.id, number, made.id, made.created_ms or sent_ms)
        if created is not Created.KEPT:
            self._wakeups.cancel.set()
        if created is not Created.UNWANTED:
            await self._checkpoints.reached(Checkpoint.RUNNING, job.id)
            await self._poller.track(Run.of(job, number, made.id, since_ms, has_webhook=has_webhook))

    async def _record(self, job: str, number: int, provider_id: str, created_ms: int) -> Created:
        """Store the id of a run, trying again while the database fails; return whether the job is waiting for it."""

        def write() -> "Operation[Created]":
            created = yield from prediction_rows.created(job, number, provider_id, created_ms)
            if created is Created.UNWANTED:
                yield from prediction_rows.adopt_abandoned(job, number, provider_id)
            return created

        for pause_s in RECORDING_PAUSES_S:
            try:
                return await self._database.run(of_job(job, write))
            except StorageError as error:
                log.warning("run %s of job %s cannot be recorded now: %s", number, job, error)
                await self._clock.sleep(pause_s)
        return await self._database.run(of_job(job, write))

    async def _refused(self, job: str, number: int, error: RunFailed) -> "_Sent":
        """Handle a create that was certainly not executed: resend it later if the reason is temporary, or fail it."""
        if is_about_webhooks(error):
            self._webhooks.refused(str(error))
            return await self._unsent(job, number, LEAST_PAUSE_S)
        if not isinstance(error, ProviderBusy | ProviderDown):
            with self._never_sent.until_stored(job, number):
                await self._outcomes.given_up(job, number, PredictionState.FAILED, error.failure)
            return _Sent()
        return await self._unsent(job, number, _pause_s(error))

    async def _unsent(self, job: str, number: int, again_s: float) -> "_Sent":
        """Note that a create was certainly not executed and will be sent again."""
        now_ms = self._clock.now_ms()
        with self._never_sent.until_stored(job, number):
            change = await self._database.run(of_job(job, lambda: transitions.unsent(job, number, now_ms)))
        await self._outcomes.changed(job, change)
        return _Sent(again_s=again_s)

    async def _send_later(self, job: Job, wait_s: float) -> None:
        now_ms = self._clock.now_ms()
        retry_ms = now_ms + round(wait_s * 1_000)
        # The deadline is not counted from `created_ms` again, because any downtime of Easel has moved it. Only a job
        # that an earlier process took out of the queue has no deadline, and gets a new one.
        waited = job.state is State.WAITING
        deadline_ms = job.deadline_ms if waited else now_ms + self._limits.waiting_s * 1_000
        waits = await self._database.run(
            of_job(
                job.id, lambda: transitions.back_to_waiting(job.id, now_ms, retry_ms=retry_ms, deadline_ms=deadline_ms)
            )
        )
        if waits:
            self._wakeups.deadlines.set()
            self._wakeups.queue.set()

    async def _drop_unsent(self, snapshot: Snapshot, failure: Failure) -> None:
        """Fail the predictions of a job whose creates were not sent."""
        for prediction in snapshot.predictions:
            if prediction.state is PredictionState.INTENDED:
                await self._outcomes.given_up(snapshot.job.id, prediction.number, PredictionState.FAILED, failure)

    def _too_late(self, job: Job) -> Failure:
        return DeadlinePassed(waited_s=(self._clock.now_ms() - job.created_ms) // 1_000).failure

    async def _postpone(self, job: str) -> None:
        now_ms, jitter = self._clock.now_ms(), random.random()
        await self._database.run(
            of_job(job, lambda: pause_rows.postpone(job, Step.COPY, now_ms, jitter=jitter, first_ms=BUSY_FIRST_MS))
        )

    async def _close(self, job: str, to: State, failure: Failure) -> None:
        now_ms = self._clock.now_ms()
        if await self._database.run(of_job(job, lambda: transitions.close(job, {State.WAITING}, to, failure, now_ms))):
            await self._released(job, to)

    async def _released(self, job: str, to: State) -> None:
        self._wakeups.after(to)
        await self._checkpoints.reached(Checkpoint.RELEASED, job)


@dataclass(frozen=True, slots=True)
class _Sent:
    """The result of one create: whether its outcome is unknown, and the seconds until it is sent again, 0 if never.

    `is_recorded` says that its answer is stored, so that nothing is left to do about it.
    """

    unknown: bool = False
    again_s: float = 0.0
    is_recorded: bool = False


def _pause_s(error: RunFailed) -> float:
    """Return the pause that the provider requested, or Easel's own if it did not, but at least LEAST_PAUSE_S."""
    asked = error.facts.get("retry_after_s", DOWN_S)
    return max(float(asked), LEAST_PAUSE_S) * random.uniform(1.0, 1.25)
