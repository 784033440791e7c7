"""Stores the provider's reports about a run: each change while the run lasts, and its end exactly once."""

from bot.catalogue.refusals import RefusalReason
from bot.errors import ContentFiltered, Failure, ModelFailed, ResultExpired
from bot.jobs.checkpoints import Checkpoint
from bot.jobs.engine.card_updates import CardUpdates
from bot.jobs.engine.context import EngineContext
from bot.jobs.money import transitions
from bot.jobs.money.transitions import RunChange, RunEnd
from bot.jobs.records import PredictionState, State
from bot.jobs.store import duration_rows, job_rows, prediction_rows
from bot.jobs.store.job_locks import of_job
from bot.jobs.store.loss_rows import LossReason
from bot.jobs.store.prediction_rows import RunFacts
from bot.provider.classify import classify_failure
from bot.provider.wire import ProviderPrediction, RunStatus
from bot.storage.operation import Operation

CLOCK_NOISE_MS = 5_000
"""How much longer a run may seem to have taken by the provider's clock than by our own."""


class RunOutcomes:
    """Stores the results of reads and cancel calls. However often an end is reported, it takes effect once."""

    def __init__(self, context: EngineContext, card_updates: CardUpdates) -> None:
        self._database = context.database
        self._clock = context.clock
        self._wakeups = context.wakeups
        self._checkpoints = context.checkpoints
        self._card_updates = card_updates

    async def news(self, job: str, number: int, run: ProviderPrediction, *, read_ms: int) -> None:
        """Store a change in an unfinished run; `read_ms` is the start of the read that showed it."""
        await self._database.run(of_job(job, lambda: prediction_rows.observed(job, number, _facts(run), read_ms)))
        self._card_updates.changed(job)

    async def ended(self, job: str, number: int, run: ProviderPrediction) -> None:
        """Store that a run is over."""
        await self._checkpoints.reached(Checkpoint.ENDED, job)
        now_ms = self._clock.now_ms()
        end, facts = run_end(run), _facts(run)

        def write() -> "Operation[RunChange | None]":
            # Read first: if this was the job's last run, the job enters a new state, and `since_ms` changes.
            limits = yield from job_rows.limits(job)
            change = yield from transitions.run_ended(job, number, end, facts, now_ms, limits)
            yield from duration_rows.learn(job, number, longest_ms=now_ms - limits.since_ms + CLOCK_NOISE_MS)
            return change

        await self.changed(job, await self._database.run(of_job(job, write)))

    async def given_up(
        self, job: str, number: int, state: PredictionState, failure: Failure, loss: LossReason | None = None
    ) -> None:
        """End a prediction whose run never began (then without a loss), is unknown, or was stopped."""
        await self._end(job, number, state, failure, loss, abandoned=False)

    async def abandoned(
        self, job: str, number: int, state: PredictionState, failure: Failure, loss: LossReason
    ) -> None:
        """End a prediction whose run may continue, and have the provider asked to stop it, with retries."""
        await self._end(job, number, state, failure, loss, abandoned=True)
        self._wakeups.cancel.set()

    async def _end(
        self,
        job: str,
        number: int,
        state: PredictionState,
        failure: Failure,
        loss: LossReason | None,
        *,
        abandoned: bool,
    ) -> None:
        now_ms = self._clock.now_ms()
        change = await self._database.run(
            of_job(
                job,
                lambda: transitions.end_run(
                    job, number, state, now_ms, failure=failure, loss=loss, abandoned=abandoned
                ),
            )
        )
        await self.changed(job, change)

    async def denied(self, job: str, number: int) -> None:
        """End a prediction whose run the provider no longer knows."""
        now_ms = self._clock.now_ms()
        await self.changed(
            job, await self._database.run(of_job(job, lambda: transitions.run_denied(job, number, now_ms)))
        )
        self._wakeups.cancel.set()

    async def changed(self, job: str, change: RunChange | None) -> None:
        """Wake the loops that act on a change, and show it. Nothing happens if nothing changed (None)."""
        if change is None:
            return
        state = change.state
        self._wakeups.after(state, job)
        if state is State.COLLECTING:
            await self._checkpoints.reached(Checkpoint.COLLECTING, job)
        elif state is not None:
            await self._checkpoints.reached(Checkpoint.RELEASED, job)
        if state is None or state is State.COLLECTING:
            self._card_updates.changed(job)


def _facts(run: ProviderPrediction) -> RunFacts:
    return RunFacts(run.seed, run.step, run.steps, run.created_ms, run.started_ms, run.completed_ms, run.phase)


def run_end(run: ProviderPrediction) -> RunEnd:
    """Return how a run ended. It counts as a success only if it has an output."""
    if run.status is RunStatus.CANCELLED:
        return RunEnd(PredictionState.CANCELLED)
    if run.status is RunStatus.SUCCEEDED and run.outputs:
        return RunEnd(PredictionState.SUCCEEDED, outputs=run.outputs, failure=_withheld(run))
    if run.expired and run.error is None:
        failure = ResultExpired(detail="the provider had removed it").failure
    elif run.status is RunStatus.SUCCEEDED and run.error is None:
        nothing = ModelFailed(detail=str(RefusalReason("made-nothing")), reason="made-nothing", transient=1).failure
        failure = _withheld(run) or nothing
    else:
        failure = classify_failure(run.error).failure
    return RunEnd(PredictionState.FAILED, failure=failure)


def _withheld(run: ProviderPrediction) -> Failure | None:
    """Return the safety filter's refusal for the pictures that, according to the log, it blocked."""
    if run.safe_images is None or run.images is None or run.safe_images >= run.images:
        return None
    return ContentFiltered(detail=f"{run.images - run.safe_images} of {run.images} pictures were withheld").failure
