"""What the provider says of a run, written down: news while it lasts, its end once."""

from bot.catalogue.refusals import RefusalReason
from bot.errors import ContentFiltered, Failure, ModelFailed, ResultExpired
from bot.jobs.checkpoints import Checkpoint
from bot.jobs.engine.card_updates import CardUpdates
from bot.jobs.engine.context import EngineContext
from bot.jobs.money import transitions
from bot.jobs.money.transitions import RunEnd
from bot.jobs.records import PredictionState, State
from bot.jobs.store import duration_rows, prediction_rows
from bot.jobs.store.loss_rows import LossReason
from bot.jobs.store.prediction_rows import RunFacts
from bot.provider.classify import classify_failure
from bot.provider.wire import ProviderPrediction, RunStatus
from bot.storage.operation import Operation


class Outcomes:
    """Writes what reads and cancel calls tell of runs. However often an end is told, it happens once."""

    def __init__(self, context: EngineContext, card_updates: CardUpdates) -> None:
        self._database = context.database
        self._clock = context.clock
        self._provider_clock = context.provider_clock
        self._wakeups = context.wakeups
        self._checkpoints = context.checkpoints
        self._card_updates = card_updates

    async def news(self, job: str, number: int, run: ProviderPrediction) -> None:
        """The run goes on, and something about it has changed."""
        now_ms = self._clock.now_ms()
        await self._database.run(lambda: prediction_rows.observed(job, number, _facts(run), now_ms))
        await self._card_updates.changed(job)

    async def ended(self, job: str, number: int, run: ProviderPrediction) -> None:
        """The run is over."""
        await self._checkpoints.reached(Checkpoint.ENDED, job)
        now_ms, ahead_ms = self._clock.now_ms(), self._provider_clock.offset_ms
        waited_s = max(0, now_ms + ahead_ms - (run.created_ms or now_ms + ahead_ms)) // 1_000
        end, facts = run_end(run), _facts(run)

        def write() -> Operation[State | None]:
            state = yield from transitions.run_ended(
                job, number, end, facts, ahead_ms=ahead_ms, waited_s=waited_s, at_ms=now_ms
            )
            yield from duration_rows.learn(job, number)
            return state

        await self.concluded(job, await self._database.run(write))

    async def given_up(
        self, job: str, number: int, state: PredictionState, failure: Failure, loss: LossReason | None = None
    ) -> None:
        """It is waited for no longer, or was never begun (then without a loss)."""
        now_ms = self._clock.now_ms()
        came_to = await self._database.run(
            lambda: transitions.end_run(job, number, state, now_ms, failure=failure, loss=loss)
        )
        await self.concluded(job, came_to)

    async def denied(self, job: str, number: int) -> None:
        """The provider does not know the run any more."""
        now_ms = self._clock.now_ms()
        await self.concluded(job, await self._database.run(lambda: transitions.run_denied(job, number, now_ms)))

    async def concluded(self, job: str, state: State | None) -> None:
        """The end of a prediction brought its job into this state; None: others still run."""
        self._wakeups.after(state)
        if state is State.COLLECTING:
            await self._checkpoints.reached(Checkpoint.COLLECTING, job)
        elif state is not None:
            await self._checkpoints.reached(Checkpoint.RELEASED, job)
        if state is None or state is State.COLLECTING:
            await self._card_updates.changed(job)


def _facts(run: ProviderPrediction) -> RunFacts:
    return RunFacts(run.seed, run.step, run.steps, run.created_ms, run.started_ms, run.completed_ms)


def run_end(run: ProviderPrediction) -> RunEnd:
    """Return how a run ended. It counts as a success only with an output."""
    if run.status is RunStatus.CANCELLED:
        return RunEnd(PredictionState.CANCELLED, completed_ms=run.completed_ms)
    if run.status is RunStatus.SUCCEEDED and run.outputs:
        return RunEnd(
            PredictionState.SUCCEEDED, outputs=run.outputs, failure=_withheld(run), completed_ms=run.completed_ms
        )
    if run.expired:
        failure = ResultExpired(detail="the provider had removed it").failure
    elif run.status is RunStatus.SUCCEEDED and run.error is None:
        nothing = ModelFailed(detail=str(RefusalReason("made-nothing")), reason="made-nothing", transient=1).failure
        failure = _withheld(run) or nothing
    else:
        failure = classify_failure(run.error).failure
    return RunEnd(PredictionState.FAILED, failure=failure, completed_ms=run.completed_ms)


def _withheld(run: ProviderPrediction) -> Failure | None:
    """Return the safety filter's refusal of those pictures that, according to the log, it did not let pass."""
    if run.safe_images is None or run.images is None or run.safe_images >= run.images:
        return None
    return ContentFiltered(detail=f"{run.images - run.safe_images} of {run.images} pictures were withheld").failure
