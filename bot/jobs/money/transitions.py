"""The transitions of a job with their money: each one operation, so state and credits never disagree.

Every way out that does not lead to delivering releases the hold in the same transaction. A transition whose job no
longer stands where it starts does nothing and says so: whoever came first has decided.
"""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from bot.errors import CancelledByMember, DeadlinePassed, Failure, InternalError, ModelFailed, OutcomeUnknown, RunLost
from bot.jobs.money import conditions
from bot.jobs.records import LIVE, Notice, Prediction, PredictionState, Receipt, State
from bot.jobs.store import file_rows, job_rows, lineage_rows, loss_rows, notification_rows, prediction_rows
from bot.jobs.store.job_rows import Moved, NewJob
from bot.jobs.store.loss_rows import LossReason
from bot.jobs.store.prediction_rows import RunFacts
from bot.ledger import keys, transfers
from bot.storage.operation import Operation

OPEN = frozenset({PredictionState.INTENDED, PredictionState.SUBMITTING, PredictionState.RUNNING})


def accept(new: NewJob, *, keep_days: int) -> Operation[tuple[str, bool]]:
    """Hold the credits and write the job and its intended predictions; return its id and whether it is new.

    An order that has already become a job gets that job again, and so does the same press by the same member within
    3 s. `keep_days` is how long files are kept. Raises NotAllowed, FilesRemoved or UnusableFile if that has changed
    since the offer was made, and InsufficientCredit; then nothing is stored.
    """
    origin = new.origin
    known = yield from job_rows.id_of_interaction(origin.order_key)
    if known is not None:
        return known, False
    twin = yield from lineage_rows.duplicate(origin, new.order)
    if twin is not None:
        return twin, False
    # After the two look-ups: an order that was accepted before stays accepted, whatever has changed since.
    yield from conditions.require_allowed(origin.guild, new.order.model)
    yield from conditions.require_kept(new.order.files, keep_days)
    yield from transfers.hold(
        origin.guild,
        new.payer,
        new.plan.quote.milli_credits,
        key=keys.interaction(origin.order_key),
        job=new.id,
        actor=origin.member,
        at_ms=new.at_ms,
        reason=new.order.model,
    )
    yield from job_rows.insert(new)
    yield from prediction_rows.insert(new.id, [request.outputs for request in new.plan.requests])
    yield from lineage_rows.insert(new.id, origin.parent)
    return new.id, True


def begin(job: str, at_ms: int, *, deadline_ms: int, per_guild: int, per_member: int) -> Operation[bool]:
    """Give a waiting job a slot, if its guild and its member have one free. Its deadline is in the provider's time."""
    guild, member = yield from job_rows.running_with(job)
    if guild >= per_guild or member >= per_member:
        return False
    moved = yield from job_rows.move(job, {State.WAITING}, State.RUNNING, at_ms, deadline_ms=deadline_ms)
    return moved is not None


def close(
    job: str,
    sources: Collection[State],
    to: State,
    failure: Failure,
    at_ms: int,
    notice: Notice = Notice.DUE,
) -> Operation[bool]:
    """End a job without a result and release its hold. Its open predictions end with it."""
    moved = yield from job_rows.move(job, sources, to, at_ms, failure=failure)
    if moved is None:
        return False
    for prediction in (yield from prediction_rows.of_job(job)):
        if prediction.state in OPEN:
            yield from _abandon(moved, prediction, failure, at_ms)
    yield from _release(moved, at_ms)
    yield from job_rows.set_notice(job, notice)
    return True


def end_run(
    job: str,
    number: int,
    state: PredictionState,
    at_ms: int,
    *,
    outputs: tuple[str, ...] = (),
    failure: Failure | None = None,
    loss: LossReason | None = None,
) -> Operation[State | None]:
    """Write how a prediction ended, and what that makes of its job: its new state, or None if others still run."""
    fresh = yield from prediction_rows.ended(job, number, state, outputs=outputs, failure=failure)
    if not fresh:
        return None
    if loss is not None:
        yield from loss_rows.record(job, number, loss, at_ms)
    return (yield from conclude(job, at_ms))


def conclude(job: str, at_ms: int) -> Operation[State | None]:
    """When all predictions of a running job have ended: collect what succeeded, or end the job."""
    predictions = yield from prediction_rows.of_job(job)
    if any(prediction.state in OPEN for prediction in predictions):
        return None
    if any(prediction.state is PredictionState.SUCCEEDED for prediction in predictions):
        moved = yield from job_rows.move(job, {State.RUNNING}, State.COLLECTING, at_ms)
        return State.COLLECTING if moved else None
    end = _end_of(predictions)
    closed = yield from close(job, {State.RUNNING}, end.state, end.failure, at_ms)
    return end.state if closed else None


@dataclass(frozen=True, slots=True)
class RunEnd:
    """How the provider says that a run ended. `completed_ms` is in its time; `asked_ms` is the wish to cancel, too."""

    state: PredictionState
    outputs: tuple[str, ...] = ()
    failure: Failure | None = None
    completed_ms: int | None = None


def run_ended(
    job: str, number: int, end: RunEnd, facts: RunFacts, *, ahead_ms: int, waited_s: int, at_ms: int
) -> Operation[State | None]:
    """Write what the provider says of a run that is over; returns the job's new state, None if others still run.

    A result counts when it was complete before its deadline and before its cancelling was asked for; later it is the
    operator's loss and is not shown. `ahead_ms` is how far the provider's clock is ahead of ours.
    """
    limits = yield from job_rows.limits(job)
    yield from prediction_rows.observed(job, number, facts, at_ms)
    completed_ms = at_ms + ahead_ms if end.completed_ms is None else end.completed_ms
    asked_ms = limits.cancel_asked_ms
    cancelled = CancelledByMember().failure
    if end.state is PredictionState.SUCCEEDED and asked_ms is not None and completed_ms > asked_ms + ahead_ms:
        end, loss = RunEnd(PredictionState.CANCELLED, failure=cancelled), LossReason.LATE
    elif end.state is PredictionState.SUCCEEDED and completed_ms > limits.deadline_ms:
        end, loss = RunEnd(PredictionState.FAILED, failure=DeadlinePassed(waited_s=waited_s).failure), LossReason.LATE
    elif end.state is PredictionState.CANCELLED and asked_ms is None:
        stopped = ModelFailed(detail="the provider stopped the run", reason="stopped", transient=1).failure
        end, loss = RunEnd(PredictionState.FAILED, failure=stopped), LossReason.FAILED
    elif end.state is PredictionState.CANCELLED:
        end, loss = RunEnd(PredictionState.CANCELLED, failure=cancelled), LossReason.CANCELLED
    else:
        loss = None if end.state is PredictionState.SUCCEEDED else LossReason.FAILED
    return (yield from end_run(job, number, end.state, at_ms, outputs=end.outputs, failure=end.failure, loss=loss))


def run_denied(job: str, number: int, at_ms: int) -> Operation[State | None]:
    """The provider does not know a run any more: it is lost, or over where cancelling was asked for.

    Nobody knows what it cost, so either way it is the operator's loss.
    """
    limits = yield from job_rows.limits(job)
    end = RunEnd(PredictionState.LOST, failure=RunLost().failure)
    if limits.cancel_asked_ms is not None:
        end = RunEnd(PredictionState.CANCELLED, failure=CancelledByMember().failure)
    return (yield from end_run(job, number, end.state, at_ms, failure=end.failure, loss=LossReason.LOST))


def unsent(job: str, number: int, at_ms: int) -> Operation[State | None]:
    """A create was surely not executed: it waits to be sent again, or is dropped where cancelling was asked for."""
    yield from prediction_rows.unsend(job, number)
    limits = yield from job_rows.limits(job)
    if limits.cancel_asked_ms is None:
        return None
    failure = CancelledByMember().failure
    return (yield from end_run(job, number, PredictionState.CANCELLED, at_ms, failure=failure))


def back_to_waiting(job: str, at_ms: int, *, retry_ms: int, deadline_ms: int) -> Operation[bool]:
    """None of a job's creates was executed: it waits again. False where some were: the rest is sent later."""
    predictions = yield from prediction_rows.of_job(job)
    untouched = all(prediction.state is PredictionState.INTENDED for prediction in predictions)
    if untouched:
        moved = yield from job_rows.move(
            job, {State.RUNNING}, State.WAITING, at_ms, deadline_ms=deadline_ms, retry_ms=retry_ms
        )
        return moved is not None
    yield from job_rows.retry_at(job, retry_ms)
    return False


class CancelOutcome(StrEnum):
    """What became of a wish to cancel."""

    ENDED = "ended"
    ASKED = "asked"
    TOO_LATE = "too_late"


def cancel(job: str, at_ms: int) -> Operation[CancelOutcome]:
    """Cancel: certain before submission; after that the outcome is noted, and runs not yet sent are not sent."""
    # Who presses Cancel has seen the card, so an accepted job is one that Discord took.
    failure = CancelledByMember().failure
    yield from job_rows.taken(job, 0, at_ms)
    if (yield from close(job, {State.WAITING}, State.CANCELLED, failure, at_ms)):
        return CancelOutcome.ENDED
    running = yield from job_rows.ask_cancel(job, at_ms)
    if not running:
        return CancelOutcome.TOO_LATE
    for prediction in (yield from prediction_rows.of_job(job)):
        if prediction.state is PredictionState.INTENDED:
            yield from prediction_rows.ended(job, prediction.number, PredictionState.CANCELLED, failure=failure)
    state = yield from conclude(job, at_ms)
    return CancelOutcome.ENDED if state is State.CANCELLED else CancelOutcome.ASKED


def capture(job: str, charge_mcr: int, delivered: int, at_ms: int) -> Operation[bool]:
    """Take the charge for results that are in our store; the job is ours to show from here on.

    Raises RuntimeError where the store does not have that many results: nobody pays for what is not there.
    """
    artefacts = yield from file_rows.artefacts_of(job)
    if delivered < 1 or len(artefacts) != delivered:
        raise RuntimeError(f"{len(artefacts)} results are stored, not {delivered}")
    moved = yield from job_rows.move(job, {State.COLLECTING}, State.DELIVERING, at_ms, captured_mcr=charge_mcr)
    if moved is None:
        return False
    yield from transfers.capture(
        moved.guild, moved.payer, charge_mcr,
        key=keys.capture(job), hold_key=moved.hold_key, job=job, at_ms=at_ms,
    )  # fmt: skip
    for prediction in (yield from prediction_rows.of_job(job)):
        found = sum(artefact.prediction == prediction.number for artefact in artefacts)
        if prediction.state is PredictionState.SUCCEEDED and found < prediction.expected:
            yield from loss_rows.record(job, prediction.number, LossReason.WITHHELD, at_ms, prediction.expected - found)
    return True


def unusable(job: str, failure: Failure, at_ms: int) -> Operation[bool]:
    """Nothing of what the runs made can be used: the job fails and the runs are the operator's loss."""
    closed = yield from close(job, {State.COLLECTING}, State.FAILED, failure, at_ms)
    if closed:
        yield from _withhold(job, at_ms)
    return closed


def shown(job: str, receipt: Receipt, at_ms: int) -> Operation[State | None]:
    """A job's end was shown: a result makes it done, a failure's notice is off the list."""
    yield from job_rows.set_receipt(job, receipt.rung, receipt.channel, receipt.message)
    moved = yield from job_rows.move(job, {State.DELIVERING, State.UNDELIVERED}, State.DONE, at_ms)
    yield from job_rows.set_notice(job, Notice.SHOWN)
    yield from notification_rows.ended(job, at_ms)
    return State.DONE if moved else None


def undelivered(job: str, at_ms: int) -> Operation[State | None]:
    """Every rung failed: a result is kept and offered, a failure stands in the member's list of jobs."""
    moved = yield from job_rows.move(job, {State.DELIVERING}, State.UNDELIVERED, at_ms)
    yield from job_rows.set_notice(job, Notice.KEPT)
    yield from notification_rows.ended(job, at_ms)
    return State.UNDELIVERED if moved else None


def give_up(job: str, reference: str, at_ms: int) -> Operation[State | None]:
    """A step of this job failed again and again by a fault of ours: end it, whatever it was."""
    failure = InternalError(reference=reference).failure
    if (yield from close(job, LIVE, State.FAILED, failure, at_ms)):
        yield from _withhold(job, at_ms)
        return State.FAILED
    return (yield from undelivered(job, at_ms))


@dataclass(frozen=True, slots=True)
class _End:
    state: State
    failure: Failure


def _end_of(predictions: Collection[Prediction]) -> _End:
    """How a job of which nothing succeeded ends."""
    failures = [prediction.failure for prediction in predictions if prediction.failure is not None]
    expired = next((failure for failure in failures if failure.key == DeadlinePassed().key), None)
    lost = [prediction.failure for prediction in predictions if prediction.state is PredictionState.LOST]
    if lost:
        return _End(State.ORPHANED, lost[0] or OutcomeUnknown(detail="no answer").failure)
    if expired is not None:
        return _End(State.EXPIRED, expired)
    if any(prediction.state is PredictionState.CANCELLED for prediction in predictions):
        return _End(State.CANCELLED, CancelledByMember().failure)
    return _End(State.FAILED, failures[0] if failures else InternalError(reference="E-NO-FAILURE").failure)


def _abandon(moved: Moved, prediction: Prediction, failure: Failure, at_ms: int) -> Operation[None]:
    sent = prediction.state is not PredictionState.INTENDED
    unknown = prediction.state is PredictionState.SUBMITTING
    state = PredictionState.LOST if unknown else PredictionState.FAILED if sent else PredictionState.CANCELLED
    yield from prediction_rows.ended(moved.id, prediction.number, state, failure=failure)
    if sent:
        yield from loss_rows.record(
            moved.id, prediction.number, LossReason.LOST if unknown else LossReason.FAILED, at_ms
        )


def _withhold(job: str, at_ms: int) -> Operation[None]:
    """Record what a job's successful runs cost as the operator's loss: nobody gets their results."""
    for prediction in (yield from prediction_rows.of_job(job)):
        if prediction.state is PredictionState.SUCCEEDED:
            yield from loss_rows.record(job, prediction.number, LossReason.WITHHELD, at_ms)


def _release(moved: Moved, at_ms: int) -> Operation[None]:
    yield from transfers.release(
        moved.guild, moved.payer, key=keys.release(moved.id), hold_key=moved.hold_key, job=moved.id, at_ms=at_ms
    )
