"""One scheduler that reads every running prediction until it ends, within the provider's budget.

Runs wait in one heap by the time of their next read; those that are due take a token each, so however many there are,
the provider is asked no more often than it allows. Deadlines are judged after a read, when the provider's own clock
has just been heard.
"""

import asyncio
import heapq
import itertools
import logging
from collections.abc import Callable
from dataclasses import dataclass

from bot.catalogue import serial
from bot.errors import CancelledByMember, DeadlinePassed, EaselError, NotFound, RunFailed
from bot.jobs.durations import Range, Usual
from bot.jobs.engine.answer_check import objection_to
from bot.jobs.engine.context import EngineContext
from bot.jobs.engine.loops import LOOK_AGAIN_S, end, wakeup_or_time
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
"""A run that the provider denies for so long is lost; gateways deny young ones for seconds."""

DRAIN_MOST_S = 1.0

Key = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Run:
    """A prediction that runs at the provider. `since_ms` is in the provider's time."""

    job: str
    number: int
    provider_id: str
    since_ms: int
    typical_s: float
    version: str | None = None
    """The version that was asked for, if the model is called by version."""

    @property
    def key(self) -> Key:
        """What it is known by."""
        return self.job, self.number


@dataclass(slots=True)
class _Watched:
    """What is remembered of a run between two reads."""

    run: Run
    usual: Usual | None = None
    seen: tuple[RunStatus, int | None, bool] | None = None
    started: bool = False
    errors: int = 0
    missing_since_s: float | None = None


def _usual(watched: _Watched) -> Range:
    """How long it is expected to take in all."""
    typical_s = watched.run.typical_s
    return watched.usual.total if watched.usual else Range(typical_s, typical_s, typical_s)


class Poller:
    """Reads all runs."""

    def __init__(self, context: EngineContext, outcomes: Outcomes) -> None:
        self._database = context.database
        self._provider = context.provider
        self._clock = context.clock
        self._provider_clock = context.provider_clock
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
        elapsed_s = max(0, self._provider_clock.now_ms() - run.since_ms) / 1_000
        self._plan(run.key, next_read_s(elapsed_s, run.typical_s))
        self._wakeups.poll.set()

    async def run(self, beat: Callable[[], None]) -> None:
        """Go round until cancelled."""
        await self._load()
        while True:
            beat()
            wait_s = self._begin_due()
            await wakeup_or_time(self._wakeups.poll, self._clock, wait_s)

    async def drain(self) -> None:
        """Let reads under way come back for a moment; all of them can be repeated."""
        tasks = list(self._reading.values())
        if tasks:
            await asyncio.wait(tasks, timeout=min(DRAIN_MOST_S, self._limits.drain_s))
            await end(tasks)

    async def _load(self) -> None:
        """Take up the runs of earlier processes."""
        after: Key = ("", 0)
        while page := await self._database.read(lambda after=after: prediction_rows.running(*after, PAGE)):
            for row in page:
                plan = serial.load_plan(row.planned)
                run = Run(row.job, row.number, row.provider_id, row.since_ms, plan.typical_s, plan.version)
                self.track(run)
            after = page[-1].job, page[-1].number

    def _plan(self, key: Key, in_s: float) -> None:
        heapq.heappush(self._due, (self._clock.monotonic_s() + in_s, next(self._order), key))

    def _begin_due(self) -> float:
        """Begin the reads that are due and there is room for; returns how long none will be."""
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
            watched.errors += 1
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
        return next_read_s(self._elapsed_s(watched), _usual(watched).median_s)

    def _elapsed_s(self, watched: _Watched) -> float:
        return max(0, self._provider_clock.now_ms() - watched.run.since_ms) / 1_000

    async def _look(self, watched: _Watched) -> bool:
        """Read a run once and write down what is new; True if it need not be read again."""
        await self._provider.reads.take()
        found = await self._ask(watched)
        run = watched.run
        if found is not None and found.status.ended:
            await self._outcomes.ended(run.job, run.number, found)
            return True
        late = self._elapsed_s(watched) > _usual(watched).high_s  # which its card has to say, too
        if found is not None and watched.seen != (found.status, found.step, late):
            watched.seen = (found.status, found.step, late)
            await self._outcomes.news(run.job, run.number, found)
        return await self._give_up(watched)

    async def _ask(self, watched: _Watched) -> ProviderPrediction | None:
        try:
            found = await self._provider.fetch(watched.run.provider_id)
        except NotFound:
            watched.errors += 1
            if watched.missing_since_s is None:
                watched.missing_since_s = self._clock.monotonic_s()
            return None
        except RunFailed as error:
            watched.errors += 1
            log.warning("run %s of job %s cannot be read: %s", watched.run.number, watched.run.job, error)
            return None
        if objection := objection_to(found, version=watched.run.version, started=watched.started):
            watched.errors += 1
            log.error("the answer for run %s of job %s is wrong: %s", watched.run.number, watched.run.job, objection)
            return None
        watched.started = found.status is not RunStatus.STARTING
        watched.errors = 0
        watched.missing_since_s = None
        return found

    async def _give_up(self, watched: _Watched) -> bool:
        """Stop waiting for a run that is past its deadline, cancelled long ago, or unknown to the provider."""
        run = watched.run
        limits = await self._database.read(lambda: job_rows.limits(run.job))
        if watched.missing_since_s is not None and self._clock.monotonic_s() - watched.missing_since_s >= MISSING_S:
            await self._outcomes.denied(run.job, run.number)
            return True
        if self._provider_clock.now_ms() > limits.deadline_ms:
            await self._expire(run)
            return True
        if self._grace_is_over(limits):
            failure = CancelledByMember().failure
            await self._outcomes.given_up(run.job, run.number, PredictionState.CANCELLED, failure, LossReason.CANCELLED)
            return True
        return False

    def _grace_is_over(self, limits: JobDeadline) -> bool:
        asked_ms = limits.cancel_asked_ms
        return asked_ms is not None and self._clock.now_ms() > asked_ms + self._limits.cancel_grace_s * 1_000

    async def _expire(self, run: Run) -> None:
        """The deadline is final. The provider is asked to stop, and its answer is the last look at the run."""
        try:
            last = await self._provider.cancel(run.provider_id)
        except EaselError as error:
            log.warning("run %s of job %s could not be stopped: %s", run.number, run.job, error)
            last = None
        fits = last is not None and not objection_to(last, version=run.version, started=False)
        if fits and last is not None and last.status in {RunStatus.SUCCEEDED, RunStatus.FAILED}:
            await self._outcomes.ended(run.job, run.number, last)
            return
        waited_s = max(0, self._provider_clock.now_ms() - run.since_ms) // 1_000
        failure = DeadlinePassed(waited_s=waited_s).failure
        await self._outcomes.given_up(run.job, run.number, PredictionState.FAILED, failure, LossReason.EXPIRED)
