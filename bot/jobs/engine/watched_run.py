"""The facts that the poller remembers about a run, which it reads until its end."""

import logging
from dataclasses import dataclass

from bot.catalogue import serial
from bot.catalogue.serial import UnknownForm
from bot.jobs.durations import Timing
from bot.jobs.engine.lag import Learned
from bot.jobs.engine.learned_times import UNKNOWN_TYPICAL_S, Size
from bot.jobs.records import Job
from bot.jobs.store.duration_rows import Kind
from bot.provider.wire import ProviderPrediction, RunStatus

log = logging.getLogger(__name__)

MISSING_S = 60.0
"""A run that the provider has not known for this long is lost. Gateways do not know new runs for a few seconds."""

MISSES = 4
"""How many reads in a row must find a run unknown before it is lost: a read that fails otherwise says nothing about the
run."""


@dataclass(frozen=True, slots=True)
class Ordered:
    """The parts of an order that matter for reading its runs; `kind` is None if the order cannot be read."""

    typical_s: float
    version: str | None
    kind: Kind | None


@dataclass(frozen=True, slots=True)
class Run:
    """A prediction that runs at the provider. `since_ms` is when it began, in local time."""

    job: str
    number: int
    provider_id: str
    since_ms: int
    kind: Kind
    typical_s: float
    version: str | None = None
    """The version that was requested, if the model is called by version."""
    has_webhook: bool = False
    """Whether it was created with a webhook."""

    @classmethod
    def of(cls, job: Job, number: int, provider_id: str, since_ms: int, *, has_webhook: bool = False) -> "Run":
        """Return a run of a job."""
        plan = job.plan
        kind = Kind.of(job.order, plan)
        return cls(job.id, number, provider_id, since_ms, kind, plan.typical_s, plan.version, has_webhook)


@dataclass(slots=True)
class WatchedRun:
    """The facts remembered about a run between two reads. There may be very many runs, so each has only one object.

    `read_s` is how long it had lasted when it was last found unfinished. `start_s` is how long it took to start, if it
    has; `waits` is whether it had not started by then. `listed` is whether it is to be read at once because a list or a
    webhook showed its end. `planned_s` is when it is to be read next; its earlier places in the order do not count.
    `has_webhook` is whether this process created it with a webhook, and `told` is whether that webhook has arrived.
    `seen` is the content of the last stored read: status, step, phase, timing, and whether it was to be cancelled.
    """

    job: str
    number: int
    provider_id: str
    since_ms: int
    size: Size
    asked: Ordered | None
    read_s: float = 0.0
    start_s: float | None = None
    waits: bool = True
    seen: tuple[RunStatus, int | None, str | None, Timing, bool] | None = None
    started: bool = False
    errors: int = 0
    misses: int = 0
    listed: bool = False
    planned_s: float = float("-inf")
    has_webhook: bool = False
    told: bool = False
    missing_since_s: float | None = None

    def answered(self, found: ProviderPrediction, elapsed_s: float) -> None:
        """Note that the provider knows the run and, if it has not ended, how long it had lasted by then."""
        self._found()
        if found.status.ended:
            return  # an end that cannot be stored is an error, and the pauses after it must grow
        self.errors = 0
        self.read_s, self.waits = elapsed_s, found.status is RunStatus.STARTING
        if found.started_ms is not None and found.created_ms is not None:
            self.start_s = (found.started_ms - found.created_ms) / 1_000

    def failed(self) -> None:
        """Note that a read failed and says nothing about the run. Only misses in a row count."""
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

    @property
    def version(self) -> str | None:
        """The version that was requested, if the model is called by version."""
        return self.asked.version if self.asked else None

    def lag_s(self, learned: Learned, elapsed_s: float) -> float:
        """Return how long the end of the run has gone unnoticed by now, on average."""
        return learned.accrued_s(self.read_s, elapsed_s, self.start_s, waits=self.waits)

    def _found(self) -> None:
        self.misses, self.missing_since_s = 0, None


def read_asked(job: str, ordered: str, planned: str) -> Ordered:
    """Return the relevant parts of an order. If they cannot be read, its runs are still read: runs cost money."""
    try:
        plan = serial.load_plan(planned)
        return Ordered(plan.typical_s, plan.version, Kind.of(serial.load_order(ordered), plan))
    except UnknownForm as error:
        log.error("the order of job %s cannot be read: %s", job, error)  # noqa: TRY400 - the error says it all
        return Ordered(UNKNOWN_TYPICAL_S, None, None)
