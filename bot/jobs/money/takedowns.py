"""Takes down results and everything made from them, and moves the credits.

The transaction of the moderator's command ends every use of the results at once. Slower work is recorded in the table
`takedown`, and bot/jobs/engine/takedown_finisher.py does it, even after a crash.
"""

from dataclasses import dataclass

from bot.errors import TakenDown
from bot.jobs.money import transitions
from bot.jobs.records import LIVE, State
from bot.jobs.store import banned_look_rows, file_rows, job_rows, lineage_rows, takedown_rows
from bot.ledger import keys, renaming, transfers
from bot.storage.operation import Operation

REASON = "takedown"
"""The word in the keys of refunds, and the reason that statements give for them."""


@dataclass(frozen=True, slots=True)
class TakenResults:
    """The effect of a takedown: the jobs, starting with the one that was named, and the total refunded for them."""

    jobs: tuple[str, ...]
    refunded_mcr: int


def take_down(job: str, case: int, *, refund: bool, by: int, at_ms: int) -> Operation[TakenResults]:
    """End the use of a job's result and of everything made from it. Results that were already taken down are left out.

    With `refund`, payers get their charges back, except for the moderator `by`, who could otherwise make results, keep
    them and take them down again for free. Jobs that have not ended are cancelled.
    """
    taken: list[str] = []
    refunded_mcr = 0
    for one in (yield from lineage_rows.family(job)):
        payment = yield from takedown_rows.take_down(one, case, by, at_ms)
        if payment is None:
            continue
        taken.append(one)
        state = yield from job_rows.state_of(one)
        # Nobody pays for a result that is taken down before it is shown.
        unseen = state in LIVE | {State.DELIVERING}
        gives_back = refund and payment.payer != by
        yield from takedown_rows.begin(one, refund=gives_back or unseen, by=by, at_ms=at_ms)
        if state in LIVE:
            yield from transitions.cancel(one, at_ms, by=by, failure=TakenDown(case=case).failure)
        if gives_back:
            refunded_mcr += yield from _refund(one, payment, by, at_ms)
    return TakenResults(tuple(taken), refunded_mcr)


def erase(job: str, looks: tuple[str, ...], at_ms: int) -> Operation[None]:
    """Store what an ended job's pictures look like, erase its texts, and refund what was captured in the meantime.

    The files must have been read by now, and must be removed before `erased` is called.
    """
    payment = yield from takedown_rows.paid(job)
    yield from banned_look_rows.add(payment.guild, looks, job, at_ms)
    yield from takedown_rows.erase_texts(job)
    left = yield from takedown_rows.left(job)
    if left is not None and left.refund:
        yield from _refund(job, payment, left.actor, at_ms)


def erased(job: str, files: tuple[file_rows.Outdated, ...], at_ms: int) -> Operation[None]:
    """Record that a job's files are gone."""
    for file in files:
        yield from file_rows.mark_removed(file, at_ms)
    yield from takedown_rows.erased(job)


def _refund(job: str, payment: takedown_rows.Payment, by: int, at_ms: int) -> Operation[int]:
    if not payment.captured_mcr:
        return 0
    refunded_mcr = yield from transfers.refund(
        payment.guild, payment.payer,
        key=keys.refund(job, REASON), captured_mcr=payment.captured_mcr, job=job, actor=by, reason=REASON, at_ms=at_ms,
    )  # fmt: skip
    yield from renaming.pass_on_refund(payment.guild, payment.payer, refunded_mcr, job, at_ms)
    return refunded_mcr
