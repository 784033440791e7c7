"""The scheduler that reads every running prediction until it ends, within the provider's rate budget.

Runs wait in one heap by the time of their next read. Each read takes a token, so the provider is never asked more often
than it allows. Deadlines are local times and are checked after a read, so that a result that exists by then is never
given up.
"""

import asyncio
import heapq
import itertools
import logging
from collections.abc import Callable
from dataclasses import dataclass

from bot.catalogue import serial
from bot.catalogue.serial import UnknownForm
from bot.clock import end, wakeup_or_time
from bot.errors import DeadlinePassed, EaselError, NotFound, RunFailed
from bot.jobs import durations
from bot.jobs.durations import Range, Timing, Usual
from bot.jobs.engine.answer_check import objection_to
from bot.jobs.engine.context import EngineContext
from bot.jobs.engine.loops import LOOK_AGAIN_S
from bot.jobs.engine.outcome import Outcomes
from bot.jobs.engine.pace import after_error_s, next_read_s
from bot.jobs.records import PredictionState
from bot.jobs.store import duration_rows, job_rows, prediction_rows
from bot.jobs.store.job_rows import JobDeadline
from bot.jobs.store.loss_rows import LossReason
from bot.provider.wire import ProviderPrediction, RunStatus

log = logging.getLogger(__name__)

PAGE = 1_000
READS_AT_ONCE = 32
MISSING_S = 60.0
"""A run that the provider has not known for this long is lost; gateways do not know young ones for seconds."""

MISSES = 4
"""The number of reads in a row that must also have found it unknown: a failed read says nothing about the run."""

UNKNOWN_TYPICAL_S = 60.0
"""How long a run is expected to take if its plan cannot be read."""

DRAIN_MOST_S = 1.0

Key = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Run:
    """A prediction that runs at the provider. `since_ms` is when it began, in local time."""

    job: str
    number: int
    provider_id: str
    since_ms: int
    typical_s: float
    version: str | None = None
    """The version that was asked for, if the model is called by version."""

    @property
    def key(self) -> Key:
        """The job's id and the prediction's number, which identify it."""
        return self.job, self.number


@dataclass(slots=True)
class _Watched:
    """The facts remembered about a run between two reads.

    `seen` is the content of the last stored read: status, step, phase, timing, and whether it was to be cancelled.
    """

    run: Run
    usual: Usual | None = None
    seen: tuple[RunStatus, int | None, str | None, Timing, bool] | None = None
    started: bool = False
    errors: int = 0
    misses: int = 0
    missing_since_s: float | None = None

    def answered(self) -> None:
        """Note that the provider knows the run."""
        self.errors = 0
        self._found()

    def failed(self) -> None:
        """Note a read that failed, so that nothing is known about the run. Only misses in a row count."""
        self.errors += 1
        self._found()

    def missed(self, now_s: float) -> None:
        """Note that a read failed because the provider does not know the run."""
        self.errors += 1
        self.misses += 1
        if self.missing_since_s is None:
            self.missing_since_s = now_s

    def is_lost(self, now_s: float) -> bool:
        """Return whether the provider has not known the run for too long."""
        since_s = self.missing_since_s
        return since_s is not None and self.misses >= MISSES and now_s - since_s >= MISSING_S

    def _found(self) -> None:
        self.misses, self.missing_since_s = 0, None


def _usual(watched: _Watched) -> Range:
    """Return how long a run is expected to take in all."""
    return durations.expected(watched.usual, watched.run.typical_s)


def _run(row: prediction_rows.Running) -> Run:
    """Return a stored run. If its plan cannot be read, it is read nevertheless: its end concerns the provider too."""
    try:
        plan = serial.load_plan(row.planned)
    except UnknownForm as error:
        log.error("the plan of job %s cannot be read: %s", row.job, error)  # noqa: TRY400 - the error says it all
        return Run(row.job, row.number, row.provider_id, row.since_ms, UNKNOWN_TYPICAL_S)
    return Run(row.job, row.number, row.provider_id, row.since_ms, plan.typical_s, plan.version)


class Poller:
    """Reads all runs until they end or are given up."""

    def __init__(self, context: EngineContext, outcomes: Outcomes) -> None:
        self._database = context.database
        self._provider = context.provider
        self._clock = context.clock
        self._limits = context.limits
        self._wakeups = context.wakeups
        self._outcomes = outcomes
        self._watched: dict[Key, _Watched] = {}
        self._due: list[tuple[float, int, Key]] = []
        self._order = itertools.count()
        self._reading: dict[Key, asyncio.Task[None]] = {}

    def track(self, run: Run) -> None:
        """Read this run from now on until it ends."""
        if run.key in self._watched:
            return
        self._watched[run.key] = _Watched(run)
        self._plan(run.key, next_read_s(self._elapsed_s(run), run.typical_s))
        self._wakeups.poll.set()

    async def run(self, beat: Callable[[], None]) -> None:
        """Read what is due, again and again, until cancelled."""
        await self._load()
        while True:
            beat()
            wait_s = self._begin_due()
            await wakeup_or_time(self._wakeups.poll, self._clock, wait_s)

    async def drain(self) -> None:
        """Wait briefly for reads in progress, then cancel them; all of them can be repeated."""
        tasks = list(self._reading.values())
        if tasks:
            await asyncio.wait(tasks, timeout=min(DRAIN_MOST_S, self._limits.drain_s))
            await end(tasks)

    async def _load(self) -> None:
        """Track the runs that earlier processes started."""
        after: Key = ("", 0)
        while page := await self._database.read(lambda after=after: prediction_rows.running(*after, PAGE)):
            for row in page:
                self.track(_run(row))
            after = page[-1].job, page[-1].number

    async def track_job(self, job: str) -> None:
        """Read all runs of a job from now on that have not ended."""
        for row in await self._database.read(lambda: prediction_rows.running_of(job)):
            self.track(_run(row))

    def _plan(self, key: Key, in_s: float) -> None:
        heapq.heappush(self._due, (self._clock.monotonic_s() + in_s, next(self._order), key))

    def _begin_due(self) -> float:
        """Start the reads that are due, up to the limit; return the seconds until the next one is due."""
        now_s = self._clock.monotonic_s()
        while self._due and len(self._reading) < READS_AT_ONCE:
            due_s, _, key = self._due[0]
            if due_s > now_s:
                return due_s - now_s
            heapq.heappop(self._due)
            watched = self._watched.get(key)
            if watched is not None and key not in self._reading:
                self._reading[key] = asyncio.create_task(self._read(watched), name=f"jobs.poll.{key[0]}.{key[1]}")
        return LOOK_AGAIN_S

    async def _read(self, watched: _Watched) -> None:
        key = watched.run.key
        over = False
        try:
            if watched.seen is None:
                watched.usual = await self._database.read(lambda: duration_rows.usual_of_job(key[0]))
            over = await self._look(watched)
        except Exception:  # one run's fault must not stop the others; it is read again
            watched.failed()
            log.exception("read of run %s of job %s failed", key[1], key[0])
        finally:
            del self._reading[key]
            if over:
                del self._watched[key]
            else:
                self._plan(key, self._pause_s(watched))
            self._wakeups.poll.set()

    def _pause_s(self, watched: _Watched) -> float:
        if watched.errors:
            return after_error_s(watched.errors)
        return next_read_s(self._elapsed_s(watched.run), _usual(watched).median_s)

    def _elapsed_s(self, run: Run) -> float:
        # By our own clock: a gateway whose `created_at` is in another time zone would make runs hours old, or place
        # their start in the future.
        return max(0, self._clock.now_ms() - run.since_ms) / 1_000

    async def _look(self, watched: _Watched) -> bool:
        """Read a run once and store what is new; return whether it need not be read again."""
        await self._provider.reads.take()
        began_ms = self._clock.now_ms()
        found = await self._ask(watched)
        run = watched.run
        if found is not None and found.status.ended:
            await self._outcomes.ended(run.job, run.number, found)
            return True
        limits = await self._database.read(lambda: job_rows.limits(run.job))
        if found is not None:
            await self._note(watched, found, limits, began_ms)
        return await self._give_up(watched, limits)

    async def _note(self, watched: _Watched, found: ProviderPrediction, limits: JobDeadline, began_ms: int) -> None:
        """Store an unfinished run if something about it changed, for its card and for `transitions.run_ended`."""
        timing = durations.timing(self._elapsed_s(watched.run), watched.usual, watched.run.typical_s)
        # Stored once after the request to cancel: it proves by our clock alone that the run was still going on then.
        cancelling = limits.cancel_asked_ms is not None and limits.cancel_asked_ms <= began_ms
        seen = (found.status, found.step, found.phase, timing, cancelling)  # the card shows these
        if watched.seen != seen:
            await self._outcomes.news(watched.run.job, watched.run.number, found, read_ms=began_ms)
            # Remembered last: if the write failed, the next read stores it although nothing has changed since.
            watched.seen = seen

    async def _ask(self, watched: _Watched) -> ProviderPrediction | None:
        try:
            found = await self._provider.fetch(watched.run.provider_id)
        except NotFound:
            watched.missed(self._clock.monotonic_s())
            return None
        except RunFailed as error:
            watched.failed()
            log.warning("run %s of job %s cannot be read: %s", watched.run.number, watched.run.job, error)
            return None
        if objection := objection_to(found, version=watched.run.version, started=watched.started):
            watched.failed()
            log.error("the answer for run %s of job %s is wrong: %s", watched.run.number, watched.run.job, objection)
            return None
        watched.started = found.status is not RunStatus.STARTING
        watched.answered()
        return found

    async def _give_up(self, watched: _Watched, limits: JobDeadline) -> bool:
        """Give up a run that is past its deadline, was cancelled long ago, or is unknown to the provider."""
        run = watched.run
        if watched.is_lost(self._clock.monotonic_s()):
            await self._outcomes.denied(run.job, run.number)
        elif self._clock.now_ms() > limits.deadline_ms:
            await self._expire(run)
        elif self._grace_is_over(limits):
            await self._outcomes.abandoned(
                run.job, run.number, PredictionState.CANCELLED, limits.cancellation, LossReason.CANCELLED
            )
        else:
            return False
        return True

    def _grace_is_over(self, limits: JobDeadline) -> bool:
        asked_ms = limits.cancel_asked_ms
        return asked_ms is not None and self._clock.now_ms() > asked_ms + self._limits.cancel_grace_s * 1_000

    async def _expire(self, run: Run) -> None:
        """End a run at its deadline. The provider is asked to stop it, and its answer is the last look at the run."""
        try:
            last = await self._provider.cancel(run.provider_id)
        except EaselError as error:
            log.warning("run %s of job %s could not be stopped: %s", run.number, run.job, error)
            last = None
        fits = last is not None and not objection_to(last, version=run.version, started=False)
        if fits and last is not None and last.status in {RunStatus.SUCCEEDED, RunStatus.FAILED}:
            await self._outcomes.ended(run.job, run.number, last)
            return
        failure = DeadlinePassed(waited_s=round(self._elapsed_s(run))).failure
        end = self._outcomes.given_up if last is not None and last.status.ended else self._outcomes.abandoned
        await end(run.job, run.number, PredictionState.FAILED, failure, LossReason.EXPIRED)
