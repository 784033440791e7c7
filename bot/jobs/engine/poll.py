"""The scheduler that reads every running prediction until it ends, within the provider's rate budget.

A run is read when its end is likely enough (`lag`), and also for its progress while there is nothing else to read. If
more runs are due than may be read, those whose ends have probably gone unnoticed for longest come first
(`reading_order`). Deadlines are local times and are checked after a read, so that a result that exists by then is never
given up.

A run whose end a webhook should report is read rarely, in case the webhook is lost (`webhook_trust`). When the webhook
comes, the run is read at once, before all others: a webhook alone ends nothing.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Sequence

from bot.clock import end, wakeup_or_time
from bot.errors import DeadlinePassed, EaselError, NotFound, RunFailed
from bot.jobs import durations
from bot.jobs.engine.answer_check import objection_to
from bot.jobs.engine.context import EngineContext
from bot.jobs.engine.lag import Learned
from bot.jobs.engine.learned_times import UNKNOWN_TYPICAL_S, LearnedTimes
from bot.jobs.engine.loops import LOOK_AGAIN_S
from bot.jobs.engine.outcome import RunOutcomes
from bot.jobs.engine.polling_pace import BACKSTOP_S, LOST_SHARE, PROGRESS_S, after_error_s, next_read_s
from bot.jobs.engine.reading_load import ReadingLoad
from bot.jobs.engine.reading_order import TICK_S, ReadingOrder, ranked
from bot.jobs.engine.watched_run import Ordered, Run, WatchedRun, read_asked
from bot.jobs.records import PredictionState
from bot.jobs.store import job_rows, prediction_rows
from bot.jobs.store.job_rows import JobDeadline
from bot.jobs.store.loss_rows import LossReason
from bot.provider.wire import ProviderPrediction, RunStatus

log = logging.getLogger(__name__)

PAGE = 1_000
READS_AT_ONCE, MOST_READS_AT_ONCE = 32, 128
"""The bounds on the number of simultaneous reads; between them, it is the number allowed per second."""

READ_WAITS_S = 0.05
"""The longest time that a read waits, before it begins, for answers to be sent."""

RANKING_WAITS_S = 0.02
"""The same for ranking: the longest wait for each hundred runs."""

DRAIN_MOST_S = 1.0

TOLD_EARLY_MAX = 1_000
"""How many webhooks for unknown runs are remembered: a quick run may end before its create is answered."""

FIRST = ("", 0)
"""The place before all runs, in the order of their jobs and numbers."""


class Poller:
    """Reads all runs until they end or are given up."""

    def __init__(self, context: EngineContext, outcomes: RunOutcomes) -> None:
        self._database = context.database
        self._holder = context.process.token
        self._provider = context.provider
        self._clock = context.clock
        self._provider_clock = context.provider_clock
        self._trust = context.webhook_trust
        self._told = context.told
        self._limits = context.limits
        self._wakeups = context.wakeups
        self._outcomes = outcomes
        self._job_log = context.job_log
        self._pending_answers = context.pending_answers
        self._load = ReadingLoad(context.clock, context.processor_s)
        self._learned = LearnedTimes(context.database, context.catalogue)
        self._watched: dict[str, WatchedRun] = {}  # by the provider's id, as below
        self._order = ReadingOrder[WatchedRun](self._rank, self._pause)
        self._reading: dict[str, asyncio.Task[None]] = {}
        # Runs that a list or a webhook shows as ended. They stay in the order, because they cannot be removed from it.
        self._listed: deque[WatchedRun] = deque()
        self._told_early: dict[str, None] = {}
        # The places after which runs are still to be loaded.
        self._unloaded: deque[tuple[str, int]] = deque()

    async def track(self, run: Run) -> None:
        """Read this run from now on until it ends."""
        size = await self._learned.read((run.kind.model, run.kind.size))
        if run.provider_id not in self._watched:
            asked = Ordered(run.typical_s, run.version, run.kind)
            watched = WatchedRun(run.job, run.number, run.provider_id, run.since_ms, size, asked)
            watched.has_webhook = run.has_webhook
            self._watched[run.provider_id] = watched
            self._plan(watched)
            if run.provider_id in self._told_early:
                self._ends(watched)

    def track_all(self) -> None:
        """From now on, read all runs that have not ended, as at startup."""
        self._unloaded.append(FIRST)
        self._wakeups.poll.set()

    @property
    def least_lag_s(self) -> float | None:
        """The expected lag of the last run that will be read soon; None while every run can be read in time."""
        return self._order.least_rank

    def listed(self, runs: Sequence[ProviderPrediction], asked_ms: int) -> None:
        """Immediately read the runs that the list shows as ended; others had not ended when the list was requested."""
        for found in runs:
            run = self._watched.get(found.id)
            if run is None or run.provider_id in self._reading:
                continue
            if not found.status.ended:
                run.answered(found, max(run.read_s, (asked_ms - run.since_ms) / 1_000))
            else:  # read again, because a list may leave parts of a run out
                self._read_next(run)
        self._wakeups.poll.set()

    async def expected_lags(self) -> list[tuple[int, float]]:
        """Return when each run began and its expected lag, in the order in which they began."""
        runs = [run for run in self._watched.values() if not run.listed]
        lags = await ranked(runs, self._rank, self._pause)
        return sorted(zip([run.since_ms for run in runs], lags, strict=True))

    async def run(self, beat: Callable[[], None]) -> None:
        """Keep reading due runs until cancelled.

        Once a minute, this looks in the database for runs that the poller was not told of: a write that seemed to fail
        may have been stored.
        """
        self._unloaded = deque([FIRST])
        look_s = self._clock.monotonic_s() + LOOK_AGAIN_S
        while True:
            beat()
            if self._clock.monotonic_s() >= look_s and not self._unloaded:
                self._unloaded.append(FIRST)
                look_s = self._clock.monotonic_s() + LOOK_AGAIN_S
            self._listen()
            await self._load_page()
            wait_s = await self._begin_due()
            await wakeup_or_time(self._wakeups.poll, self._clock, 0.0 if self._unloaded else wait_s)

    async def drain(self) -> None:
        """Wait briefly for reads in progress, then cancel them; all of them can be repeated."""
        tasks = list(self._reading.values())
        if tasks:
            await asyncio.wait(tasks, timeout=min(DRAIN_MOST_S, self._limits.drain_s))
            await end(tasks)

    async def _load_page(self) -> None:
        """Track the next page of runs that have not ended. Reads come in between, so that none waits for all pages."""
        if not self._unloaded:
            return
        after = self._unloaded.popleft()
        page = await self._database.read(lambda: prediction_rows.running(*after, PAGE, self._holder))
        await self._resume(page)
        if len(page) == PAGE:
            self._unloaded.append((page[-1].job, page[-1].number))

    async def track_job(self, job: str) -> None:
        """From now on, read all runs of a job that have not ended."""
        await self._resume(await self._database.read(lambda: prediction_rows.running_of(job, self._holder)))
        self._wakeups.poll.set()

    async def _resume(self, rows: tuple[prediction_rows.Running, ...]) -> None:
        """Read these runs once, the most overdue ones first, and after that like any others."""
        for row in rows:
            if row.provider_id in self._watched:
                continue
            size = await self._learned.read((row.model, None))
            if row.provider_id not in self._watched:
                watched = WatchedRun(row.job, row.number, row.provider_id, row.since_ms, size, None)
                self._watched[row.provider_id] = watched
                watched.read_s = 0.0 if row.polled_ms is None else max(0, row.polled_ms - row.since_ms) / 1_000
                watched.start_s = None if row.start_ms is None else row.start_ms / 1_000
                self._order.add_due(watched)

    def _listen(self) -> None:
        """Immediately read the runs that webhooks report as ended."""
        while self._told:
            name = self._told.popleft()
            if run := self._watched.get(name):
                self._ends(run)
                continue
            self._told_early[name] = None
            if len(self._told_early) > TOLD_EARLY_MAX:
                del self._told_early[next(iter(self._told_early))]

    def _ends(self, run: WatchedRun) -> None:
        """Read a run once because of its webhook, however often the webhook comes."""
        if not run.told:
            run.told = True
            if run.provider_id not in self._reading:
                self._read_next(run)

    def _rank(self, watched: WatchedRun) -> float:
        return self._lag_s(watched, self._learned[watched.size], self._elapsed_s(watched))

    def _lag_s(self, run: WatchedRun, learned: Learned, elapsed_s: float) -> float:
        """Return the expected lag of a run by now, reduced if a webhook should report its end."""
        lag_s = run.lag_s(learned, elapsed_s)
        return lag_s * LOST_SHARE if self._is_awaited(run) else lag_s

    def _is_awaited(self, run: WatchedRun) -> bool:
        return run.has_webhook and not run.told and self._trust.arrive

    def _read_next(self, run: WatchedRun) -> None:
        """Read a run before all others that are due."""
        if not run.listed:
            run.listed = True
            self._listed.append(run)
            self._wakeups.poll.set()

    def _plan(self, watched: WatchedRun) -> None:
        """Schedule the next read of a run for when it is worthwhile."""
        if watched.errors:
            pause_s = after_error_s(watched.errors)
        else:
            learned = self._learned[watched.size]
            most_s = BACKSTOP_S if self._is_awaited(watched) else PROGRESS_S
            pause_s = next_read_s(lambda elapsed_s: self._lag_s(watched, learned, elapsed_s), watched.read_s, most_s)
            pause_s = max(0.0, watched.read_s + pause_s - self._elapsed_s(watched))
        now_s = self._clock.monotonic_s()
        wait_s = self._order.wait_s(now_s)
        watched.planned_s = now_s + pause_s
        self._order.add(watched, watched.planned_s)
        if wait_s is None or pause_s < wait_s:
            self._wakeups.poll.set()

    async def _begin_due(self) -> float:
        """Start the reads that are due and allowed; return the seconds until the next one may start."""
        budget = self._provider.reads
        at_once = min(max(READS_AT_ONCE, int(budget.rate)), MOST_READS_AT_ONCE)
        now_s = self._clock.monotonic_s()
        most = min(budget.available, at_once - len(self._reading))
        while self._listed and most > 0:
            run = self._listed[0]
            if run.listed and self._is_free(run):
                if not budget.try_take():
                    break
                self._listed.popleft()
                await self._begin(run)
                most -= 1
            else:
                self._listed.popleft().listed = False
        most = self._load.allowed(most)
        per_s = min(budget.rate, self._load.per_s + self._load.ends_per_s)
        for run in await self._order.take(most, now_s, per_s=per_s):
            # It may have been read in the meantime, because a list or a webhook showed its end. That read has planned,
            # or will plan, the next one.
            if run.planned_s > now_s or not self._is_free(run):
                continue
            if budget.try_take():
                await self._begin(run)
            else:
                self._order.add_due(run)
        if self.least_lag_s is not None:
            self._wakeups.sweep.set()
        wait_s = self._order.wait_s(now_s)
        if self._listed:
            return TICK_S
        return LOOK_AGAIN_S if wait_s is None else min(wait_s, LOOK_AGAIN_S)

    def _is_free(self, run: WatchedRun) -> bool:
        return self._watched.get(run.provider_id) is run and run.provider_id not in self._reading

    async def _pause(self) -> None:
        """Let tasks that are ready go first, and wait briefly for answers to be sent."""
        await asyncio.sleep(0)
        await self._pending_answers.gap(RANKING_WAITS_S)

    async def _begin(self, run: WatchedRun) -> None:
        await self._pending_answers.gap(READ_WAITS_S)
        self._load.begin()
        self._reading[run.provider_id] = asyncio.create_task(self._read(run), name=f"jobs.poll.{run.job}.{run.number}")
        # An answer that becomes ready now waits for one read, not for all that are due.
        await asyncio.sleep(0)

    async def _read(self, run: WatchedRun) -> None:
        over, told = False, run.told
        try:
            await self._job_log.name(run.job)  # each read has its own task
            if run.asked is None:
                await self._know(run)
            over = await self._look(run)
        except Exception:  # one run's fault must not stop the others; it is read again
            run.failed()
            log.exception("read of run %s of job %s failed", run.number, run.job)
        finally:
            del self._reading[run.provider_id]
            run.listed = False
            if over:
                del self._watched[run.provider_id]
                if self.least_lag_s is not None:  # another run may be read in its place
                    self._wakeups.poll.set()
            else:
                self._plan(run)
                if run.told and not told:  # the answer may be older than the end
                    self._read_next(run)

    async def _know(self, run: WatchedRun) -> None:
        """Read the order of a run that an earlier process started."""
        stored = await self._database.read(lambda: job_rows.plan_of(run.job))
        run.asked = read_asked(run.job, *stored) if stored else Ordered(UNKNOWN_TYPICAL_S, None, None)
        if run.asked.kind is not None:
            run.size = await self._learned.read((run.asked.kind.model, run.asked.kind.size))

    def _elapsed_s(self, run: WatchedRun) -> float:
        # By our own clock: a gateway whose `created_at` is in another time zone would make runs hours old, or place
        # their start in the future.
        return max(0, self._clock.now_ms() - run.since_ms) / 1_000

    async def _look(self, run: WatchedRun) -> bool:
        """Read a run once and store what is new; return whether it need not be read again."""
        began_ms = self._clock.now_ms()
        found = await self._ask(run)
        if found is not None and found.status.ended:
            await self._outcomes.ended(run.job, run.number, found)
            self._load.found_end()  # not before: if it could not be stored, the run is read again
            ago_ms = None if found.completed_ms is None else self._provider_clock.now_ms() - found.completed_ms
            self._trust.ended(told=run.told, has_webhook=run.has_webhook, ago_ms=ago_ms)
            await self._learned.grew(run.size)
            return True
        limits = await self._database.read(lambda: job_rows.limits(run.job))
        if found is not None:
            await self._note(run, found, limits, began_ms)
        return await self._give_up(run, limits)

    async def _note(self, run: WatchedRun, found: ProviderPrediction, limits: JobDeadline, began_ms: int) -> None:
        """Store an unfinished run if something about it changed, for its card and for `transitions.run_ended`."""
        asked = run.asked
        usual = self._learned[run.size].usual(asked.kind.runs) if asked and asked.kind else None
        timing = durations.timing(self._elapsed_s(run), usual, asked.typical_s if asked else UNKNOWN_TYPICAL_S)
        # Stored once after the request to cancel: it proves by our clock alone that the run was still running then.
        cancelling = limits.cancel_asked_ms is not None and limits.cancel_asked_ms <= began_ms
        seen = (found.status, found.step, found.phase, timing, cancelling)  # the card shows these
        if run.seen != seen:
            await self._outcomes.news(run.job, run.number, found, read_ms=began_ms)
            # Remembered last: if the write failed, the next read stores it although nothing has changed since.
            run.seen = seen

    async def _ask(self, run: WatchedRun) -> ProviderPrediction | None:
        elapsed_s = self._elapsed_s(run)
        try:
            found = await self._provider.fetch(run.provider_id)
        except NotFound:
            run.missed(self._clock.monotonic_s())
            return None
        except RunFailed as error:
            run.failed()
            log.warning("run %s of job %s cannot be read: %s", run.number, run.job, error)
            return None
        if objection := objection_to(found, version=run.version, started=run.started):
            run.failed()
            log.error("the answer for run %s of job %s is wrong: %s", run.number, run.job, objection)
            return None
        run.started = found.status is not RunStatus.STARTING
        run.answered(found, elapsed_s)
        return found

    async def _give_up(self, run: WatchedRun, limits: JobDeadline) -> bool:
        """Give up a run that is past its deadline, was cancelled long ago, or is unknown to the provider."""
        if run.is_lost(self._clock.monotonic_s()):
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

    async def _expire(self, run: WatchedRun) -> None:
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
