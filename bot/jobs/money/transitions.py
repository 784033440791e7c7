"""State changes of a job with their ledger transfers: each is one operation, so state and credits never disagree.

Every transition that ends a job without a result releases the hold in the same transaction. A transition does nothing
if the job is no longer in the state it starts from: when two transitions compete, the first one wins.
All times are local.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from enum import StrEnum

from bot.catalogue.refusals import RefusalReason
from bot.errors import (
    CancelledByMember,
    DeadlinePassed,
    Failure,
    InternalError,
    ModelFailed,
    OutcomeUnknown,
    PayerChanged,
    RunLost,
)
from bot.funding import allowance_rows, budget_notices
from bot.funding.payers import POOL, payer_of
from bot.jobs.money import approval_requests, conditions
from bot.jobs.records import (
    LIVE,
    OPEN_PREDICTIONS,
    ApprovalState,
    EndNotice,
    Prediction,
    PredictionState,
    Receipt,
    State,
)
from bot.jobs.store import (
    approval_rows,
    due_jobs,
    file_rows,
    job_rows,
    lineage_rows,
    loss_rows,
    notification_rows,
    prediction_rows,
    spoiler_rows,
)
from bot.jobs.store.job_rows import JobDeadline, Moved, NewJob, WrittenJob
from bot.jobs.store.loss_rows import LossReason
from bot.jobs.store.prediction_rows import RunFacts
from bot.ledger import keys, transfers
from bot.policy import admission, usage_limit_rows
from bot.storage.operation import Operation


def accept(new: NewJob, *, keep_days: int) -> Operation[WrittenJob | str]:
    """Hold the credits and write the job and its intended predictions; return what was written.

    An order that has already become a job gets the id of that job, and so does a repeated press by the same member
    within 3 seconds. `keep_days` is how long files are kept. Raises Refused (FilesRemoved, LimitReached,
    InsufficientCredit and so on) if the policy or a condition now refuses it; then nothing is stored, and no allowance
    is drawn.
    """
    origin = new.origin
    # Looked up inside the transaction: of two simultaneous presses, the second one finds the job of the first.
    known = yield from job_rows.id_of_interaction(origin.order_key)
    if known is not None:
        return known
    duplicate = yield from lineage_rows.duplicate(origin, new.order)
    if duplicate is not None:
        return duplicate
    # After the two look-ups: an order that was accepted before stays accepted, whatever has changed.
    admitted = yield from admission.admit(new.admission, new.id, new.at_ms)
    rules = admitted.approval_rules
    yield from conditions.require_kept(new.order.files, keep_days)
    new = yield from _funded(new)
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
    yield from budget_notices.write_crossed(admitted.by, new.at_ms)
    if rules:
        new = replace(new, deadline_ms=new.approval_ms)
    short_id = yield from job_rows.insert(new)
    if rules:
        yield from approval_requests.ask(new, short_id, rules)
    yield from prediction_rows.insert(new.id, [request.outputs for request in new.plan.requests])
    yield from lineage_rows.insert(new.id, origin.parent)
    is_spoiler = admitted.is_spoiler or (yield from spoiler_rows.comes_from_one(new.order, origin))
    if is_spoiler:
        yield from spoiler_rows.put(new.id, on=True)
    return WrittenJob(new, short_id, is_spoiler)


def _funded(new: NewJob) -> Operation[NewJob]:
    """Return the job with its current payer, whose allowances are drawn first. Raises PayerChanged."""
    origin = new.origin
    payer = yield from payer_of(origin.guild, origin.member)
    if new.payer == POOL and payer != POOL:  # nobody pays after being told that someone else would
        raise PayerChanged
    if payer != POOL:
        yield from allowance_rows.draw(origin.recipient, new.at_ms)
    return replace(new, payer=payer)


def begin(job: str, at_ms: int, *, deadline_ms: int, per_guild: int, per_member: int) -> Operation[bool]:
    """Give a waiting job a slot if its guild and its member have a free one. Its deadline becomes `deadline_ms`."""
    # Counted in the transaction that takes the slot, so two jobs cannot both take the last one.
    if (yield from approval_rows.is_waiting(job)):
        return False
    guild, member = yield from job_rows.running_with(job)
    if guild >= per_guild or member >= per_member:
        return False
    # Jobs are handled concurrently, so a newer one may get here first: the slot is for the one that is first in line.
    if member + (yield from due_jobs.ahead_of(job, at_ms)) >= per_member:
        return False
    moved = yield from job_rows.move(job, {State.WAITING}, State.RUNNING, at_ms, deadline_ms=deadline_ms)
    return moved is not None


def close(
    job: str,
    sources: Collection[State],
    to: State,
    failure: Failure,
    at_ms: int,
    notice: EndNotice = EndNotice.DUE,
) -> Operation[bool]:
    """End a job without a result, end its open predictions, and release its hold. Return False if it had moved on."""
    # Only the caller whose UPDATE changes the state moves money, so a hold is never settled twice.
    moved = yield from job_rows.move(job, sources, to, at_ms, failure=failure)
    if moved is None:
        return False
    yield from approval_rows.end(job, ApprovalState.ENDED)
    for prediction in (yield from prediction_rows.of_job(job)):
        if prediction.state in OPEN_PREDICTIONS:
            yield from _abandon(moved, prediction, failure, at_ms)
    yield from _release(moved, at_ms)
    yield from job_rows.set_notice(job, notice, forget_pauses=False)  # the change of state already forgot the pauses
    return True


@dataclass(frozen=True, slots=True)
class RunChange:
    """The effect of a report about a prediction. `state` is its job's new state, None if that did not change."""

    state: State | None = None


def end_run(
    job: str,
    number: int,
    state: PredictionState,
    at_ms: int,
    *,
    outputs: tuple[str, ...] = (),
    failure: Failure | None = None,
    loss: LossReason | None = None,
    abandoned: bool = False,
) -> Operation[RunChange | None]:
    """Record how a prediction ended, and return what that changed; None if its end was already known.

    The provider is asked to stop the run if it is `abandoned`: Easel no longer waits for it, but it may continue.
    """
    # Only the first end counts: a late or repeated answer must not move money a second time.
    fresh = yield from prediction_rows.ended(job, number, state, outputs=outputs, failure=failure)
    if not fresh:
        return None
    if loss is not None:
        yield from loss_rows.record(job, number, loss, at_ms)
    if abandoned:
        yield from prediction_rows.abandon(job, number)
    return RunChange((yield from conclude(job, at_ms)))


def conclude(job: str, at_ms: int) -> Operation[State | None]:
    """If all predictions of a running job have ended, move it to COLLECTING, or end it if none succeeded."""
    predictions = yield from prediction_rows.of_job(job)
    if any(prediction.state in OPEN_PREDICTIONS for prediction in predictions):
        return None
    if any(prediction.state is PredictionState.SUCCEEDED for prediction in predictions):
        moved = yield from job_rows.move(job, {State.RUNNING}, State.COLLECTING, at_ms)
        return State.COLLECTING if moved else None
    end = _end_of(predictions)
    closed = yield from close(job, {State.RUNNING}, end.state, end.failure, at_ms)
    return end.state if closed else None


@dataclass(frozen=True, slots=True)
class RunEnd:
    """The end of a run according to the provider."""

    state: PredictionState
    outputs: tuple[str, ...] = ()
    failure: Failure | None = None


def run_ended(
    job: str, number: int, end: RunEnd, facts: RunFacts, at_ms: int, limits: JobDeadline
) -> Operation[RunChange | None]:
    """Record the end of a run, and return what that changed; None if its end was already known.

    `limits` are those of the job, read in this transaction. A result counts if the job is still waiting for it when it
    is first seen, even after the deadline. It is too late only if the run was seen unfinished after its member had
    asked to cancel; then it is the operator's loss and not shown.
    """
    # The provider's `completed_at` decides nothing: a mistaken clock or time zone there would discard good results.
    asked_ms = limits.cancel_asked_ms
    unfinished_ms = yield from prediction_rows.polled_ms(job, number)
    yield from prediction_rows.observed(job, number, facts, at_ms)
    cancelled = limits.cancellation
    went_on = asked_ms is not None and unfinished_ms is not None and unfinished_ms >= asked_ms
    if end.state is PredictionState.SUCCEEDED and went_on:
        end, loss = RunEnd(PredictionState.CANCELLED, failure=cancelled), LossReason.LATE
    elif end.state is PredictionState.CANCELLED and asked_ms is None:
        stopped = ModelFailed(detail=str(RefusalReason("stopped")), reason="stopped", transient=1).failure
        end, loss = RunEnd(PredictionState.FAILED, failure=stopped), LossReason.FAILED
    elif end.state is PredictionState.CANCELLED:
        end, loss = RunEnd(PredictionState.CANCELLED, failure=cancelled), LossReason.CANCELLED
    else:
        loss = None if end.state is PredictionState.SUCCEEDED else LossReason.FAILED
    return (yield from end_run(job, number, end.state, at_ms, outputs=end.outputs, failure=end.failure, loss=loss))


def run_denied(job: str, number: int, at_ms: int) -> Operation[RunChange | None]:
    """Give up a run that the provider no longer knows: it is lost, or cancelled if its member asked for that.

    Its cost is unknown, so either way it is recorded as the operator's loss. The provider may be wrong, so the run is
    stopped.
    """
    limits = yield from job_rows.limits(job)
    end = RunEnd(PredictionState.LOST, failure=RunLost().failure)
    if limits.cancel_asked_ms is not None:
        end = RunEnd(PredictionState.CANCELLED, failure=limits.cancellation)
    return (
        yield from end_run(job, number, end.state, at_ms, failure=end.failure, loss=LossReason.LOST, abandoned=True)
    )


def unsent(job: str, number: int, at_ms: int) -> Operation[RunChange | None]:
    """Mark a create that was certainly not executed to be sent again, or drop it if cancelling was requested."""
    yield from prediction_rows.unsend(job, number)
    limits = yield from job_rows.limits(job)
    if limits.cancel_asked_ms is None:
        return RunChange()
    failure = limits.cancellation
    return (yield from end_run(job, number, PredictionState.CANCELLED, at_ms, failure=failure))


def back_to_waiting(job: str, at_ms: int, *, retry_ms: int, deadline_ms: int) -> Operation[bool]:
    """Make a job wait again if none of its creates was executed. Otherwise, return False: the rest are sent later."""
    predictions = yield from prediction_rows.of_job(job)
    # A job with a started run keeps its slot; otherwise more jobs could run than the limits allow.
    untouched = all(prediction.state is PredictionState.INTENDED for prediction in predictions)
    if untouched:
        moved = yield from job_rows.move(
            job, {State.RUNNING}, State.WAITING, at_ms, deadline_ms=deadline_ms, retry_ms=retry_ms
        )
        return moved is not None
    yield from job_rows.retry_at(job, State.RUNNING, retry_ms)
    return False


class CancelOutcome(StrEnum):
    """The result of a cancel request."""

    ENDED = "ended"
    ASKED = "asked"
    TOO_LATE = "too_late"


def cancel(
    job: str, at_ms: int, *, by: int | None = None, failure: Failure | None = None, card: int = 0
) -> Operation[CancelOutcome]:
    """Cancel a job at once if it is not submitted yet; otherwise record the request and drop the unsent creates.

    `by` is the person who asked for it; if nobody did, `failure` says why. `card` is the id of the job's card if the
    button on it was pressed, otherwise 0.
    """
    if by is not None:
        yield from job_rows.cancelled_by(job, by)
    failure = failure or CancelledByMember().failure
    # Someone who presses Cancel has seen the card, so Discord must have accepted it.
    yield from job_rows.taken(job, card, at_ms)
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
    """Capture the charge for results that are in our store, and move the job to DELIVERING.

    Raises RuntimeError if the store does not have that many results, so that nobody pays for a missing result.
    """
    artefacts = yield from file_rows.artefacts_of(job)
    if delivered < 1 or len(artefacts) != delivered:
        raise RuntimeError(f"{len(artefacts)} results are stored, not {delivered}")
    # The state changes in the same transaction as the charge, so a crash leaves both done or neither.
    moved = yield from job_rows.move(job, {State.COLLECTING}, State.DELIVERING, at_ms, captured_mcr=charge_mcr)
    if moved is None:
        return False
    # The usage comes before the accounts, as when an order is accepted: otherwise the two transactions can deadlock.
    yield from usage_limit_rows.settle(job, charge_mcr, has_result=True)
    yield from transfers.capture(
        moved.guild, moved.payer, charge_mcr,
        key=keys.capture(job), hold_key=moved.hold_key, job=job, at_ms=at_ms,
    )  # fmt: skip
    for prediction in (yield from prediction_rows.of_job(job)):
        # The provider may charge for the whole run, but members pay only for results that exist, so the difference is
        # the operator's loss.
        found = sum(artefact.prediction == prediction.number for artefact in artefacts)
        if prediction.state is PredictionState.SUCCEEDED and found < prediction.expected:
            yield from loss_rows.record(job, prediction.number, LossReason.WITHHELD, at_ms, prediction.expected - found)
    return True


def unusable(job: str, failure: Failure, at_ms: int) -> Operation[bool]:
    """Fail a job none of whose outputs can be used, and record its runs as the operator's loss."""
    closed = yield from close(job, {State.COLLECTING}, State.FAILED, failure, at_ms)
    if closed:
        yield from _withhold(job, at_ms)
    return closed


def shown(job: str, receipt: Receipt, at_ms: int) -> Operation[bool]:
    """Record that the end of a job was shown: a result makes it DONE, a failure needs no further notice.

    Return whether the member's direct message is due now.
    """
    # One transaction, so that a crash cannot lose a direct message that the member asked for.
    yield from job_rows.set_receipt(job, receipt.rung, receipt.channel, receipt.message)
    moved = yield from job_rows.move(job, {State.DELIVERING, State.UNDELIVERED}, State.DONE, at_ms)
    yield from job_rows.set_notice(job, EndNotice.SHOWN, forget_pauses=moved is None)
    return (yield from notification_rows.ended(job, at_ms))


def undelivered(job: str, at_ms: int) -> Operation[State | None]:
    """Record that every rung failed: a result is kept and offered later, a failure appears in the member's job list."""
    moved = yield from job_rows.move(job, {State.DELIVERING}, State.UNDELIVERED, at_ms)
    yield from job_rows.set_notice(job, EndNotice.KEPT)
    yield from notification_rows.ended(job, at_ms)
    return State.UNDELIVERED if moved else None


def hidden(job: str, at_ms: int) -> Operation[None]:
    """Record the end of a job that was taken down, which is not shown to anyone."""
    yield from job_rows.move(job, {State.DELIVERING}, State.UNDELIVERED, at_ms)
    yield from job_rows.set_notice(job, EndNotice.KEPT)


def give_up(job: str, reference: str, at_ms: int) -> Operation[State | None]:
    """End a job in any state, because one of its steps kept failing."""
    failure = InternalError(reference=reference).failure
    if (yield from close(job, LIVE, State.FAILED, failure, at_ms)):
        yield from _withhold(job, at_ms)
        return State.FAILED
    # The job has ended, so its money is settled and only its end remains to be shown.
    return (yield from undelivered(job, at_ms))


@dataclass(frozen=True, slots=True)
class _End:
    state: State
    failure: Failure


def _end_of(predictions: Collection[Prediction]) -> _End:
    """Return the final state and failure of a job without a successful run."""
    failures = [prediction.failure for prediction in predictions if prediction.failure is not None]
    expired = next((failure for failure in failures if failure.key == DeadlinePassed().key), None)
    # A lost run comes first: it may have cost money, and the member should know that it may have run.
    lost = [prediction.failure for prediction in predictions if prediction.state is PredictionState.LOST]
    if lost:
        return _End(State.ORPHANED, lost[0] or OutcomeUnknown(detail="no answer").failure)
    if expired is not None:
        return _End(State.EXPIRED, expired)
    cancelled = [prediction.failure for prediction in predictions if prediction.state is PredictionState.CANCELLED]
    if cancelled:
        return _End(State.CANCELLED, cancelled[0] or CancelledByMember().failure)
    return _End(State.FAILED, failures[0] if failures else InternalError(reference=_job_of(predictions)).failure)


def _job_of(predictions: Collection[Prediction]) -> str:
    """Return the id of the job that these predictions belong to, so that the operator can find it in the log."""
    return next((prediction.job for prediction in predictions), "")


def _abandon(moved: Moved, prediction: Prediction, failure: Failure, at_ms: int) -> Operation[None]:
    """End an open prediction of a job being closed. If it was sent, record the loss and have its run stopped."""
    sent = prediction.state is not PredictionState.INTENDED
    # While SUBMITTING, the call may have been executed, so the run may exist and cost money.
    unknown = prediction.state is PredictionState.SUBMITTING
    state = PredictionState.LOST if unknown else PredictionState.FAILED if sent else PredictionState.CANCELLED
    yield from prediction_rows.ended(moved.id, prediction.number, state, failure=failure)
    if sent:
        yield from loss_rows.record(
            moved.id, prediction.number, LossReason.LOST if unknown else LossReason.FAILED, at_ms
        )
        yield from prediction_rows.abandon(moved.id, prediction.number)


def _withhold(job: str, at_ms: int) -> Operation[None]:
    """Record a job's successful runs as the operator's loss, because nobody gets their results."""
    for prediction in (yield from prediction_rows.of_job(job)):
        if prediction.state is PredictionState.SUCCEEDED:
            yield from loss_rows.record(job, prediction.number, LossReason.WITHHELD, at_ms)


def _release(moved: Moved, at_ms: int) -> Operation[None]:
    yield from usage_limit_rows.settle(moved.id, 0)  # before the accounts, as in `capture`
    yield from transfers.release(
        moved.guild, moved.payer, key=keys.release(moved.id), hold_key=moved.hold_key, job=moved.id, at_ms=at_ms
    )
