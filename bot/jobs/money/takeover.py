"""Takes over how a job ended if a restored backup does not contain that, and settles the job's credits.

The end that a card shows is final, because its member has seen it. So a result is charged as it was shown, and a
failure releases the hold. Nothing here makes anything due to be shown or sent.
"""

from collections.abc import Sequence

from bot.errors import EndedUnrecorded, Failure
from bot.jobs.money import transitions
from bot.jobs.records import LIVE, OPEN_PREDICTIONS, ApprovalState, Artefact, EndNotice, PredictionState, Receipt, State
from bot.jobs.store import approval_rows, comparison_rows, file_rows, job_rows, notification_rows, prediction_rows
from bot.ledger import keys, transfers
from bot.policy import usage_limit_rows
from bot.storage.operation import Operation


def finished(
    job: str, artefacts: Sequence[Artefact], charge_mcr: int, to: State, at_ms: int, receipt: Receipt | None = None
) -> Operation[bool]:
    """Record a live job's results and charge for them. Return False if it has ended in the meantime.

    `to` is DONE if its card shows the results, DELIVERING if they are to be shown, UNDELIVERED if nobody can tell.
    """
    moved = yield from job_rows.move(job, LIVE, to, at_ms, captured_mcr=charge_mcr)
    if moved is None:
        return False
    # The job has a result, so if it needed approval, a moderator gave it after the backup was made.
    yield from approval_rows.end(job, ApprovalState.APPROVED)
    for artefact in artefacts:
        yield from file_rows.add_artefact(artefact)
        if not artefact.path.name:
            yield from file_rows.mark_removed(file_rows.Outdated(job, artefact.number, ""), at_ms)
    # Before the accounts, as in `transitions.capture`.
    yield from usage_limit_rows.settle(job, charge_mcr, has_result=True)
    yield from transfers.capture(
        moved.guild, moved.payer, charge_mcr,
        key=keys.capture(job), hold_key=moved.hold_key, job=job, at_ms=at_ms,
    )  # fmt: skip
    for prediction in (yield from prediction_rows.of_job(job)):
        if prediction.state in OPEN_PREDICTIONS:
            made = any(artefact.prediction == prediction.number for artefact in artefacts)
            known = prediction.provider_id is not None
            # Without the provider's id, the run is lost to this database, whatever it made. No loss is recorded: the
            # member has paid for it.
            state = PredictionState.SUCCEEDED if made and known else PredictionState.LOST
            yield from prediction_rows.ended(job, prediction.number, state)
    if receipt is not None:
        yield from already_shown(job, receipt)
    elif to is State.UNDELIVERED:
        yield from job_rows.set_notice(job, EndNotice.KEPT)
    return True


def failed(job: str, to: State, receipt: Receipt, at_ms: int) -> Operation[bool]:
    """Release the hold of a live job whose card shows that it ended without a result."""
    failure = EndedUnrecorded().failure
    closed = yield from transitions.close(job, LIVE, to, failure, at_ms, EndNotice.SHOWN)
    yield from already_shown(job, receipt)
    return closed


def delivered(job: str, receipt: Receipt, at_ms: int) -> Operation[None]:
    """Record that the end of a job was already shown, so that it is not shown again."""
    yield from job_rows.move(job, {State.DELIVERING, State.UNDELIVERED}, State.DONE, at_ms)
    yield from already_shown(job, receipt)


def already_shown(job: str, receipt: Receipt) -> Operation[None]:
    """Record where a job's end was shown, and drop the notifications about it."""
    yield from job_rows.set_receipt(job, receipt.rung, receipt.channel, receipt.message)
    yield from job_rows.set_notice(job, EndNotice.SHOWN)
    yield from notification_rows.drop(job)


def orphan(job: str, failure: Failure, at_ms: int) -> Operation[bool]:
    """Release the hold of a job that may have been sent to the provider after the backup."""
    return (yield from transitions.close(job, {State.ACCEPTED, State.WAITING}, State.ORPHANED, failure, at_ms))


def adopt(job: str, runs: Sequence[tuple[int, str, str, int]], at_ms: int, deadline_ms: int) -> Operation[bool]:
    """Give a waiting job the runs that were created for it after the backup.

    Each of `runs` is a prediction's number, the fingerprint of its request, the provider's id, and the run's creation
    time.
    """
    moved = yield from job_rows.move(
        job, {State.ACCEPTED, State.WAITING}, State.RUNNING, at_ms, deadline_ms=deadline_ms
    )
    if moved is None:
        return False
    yield from approval_rows.end(job, ApprovalState.APPROVED)
    for number, sent_sha256, provider_id, created_ms in runs:
        yield from prediction_rows.intend(job, number, sent_sha256, created_ms)
        yield from prediction_rows.created(job, number, provider_id, created_ms)
    yield from comparison_rows.over(job)
    return True
