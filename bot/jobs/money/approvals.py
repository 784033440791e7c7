"""Ends a job's wait for a moderator and settles its credits: on approval, denial, its deadline, or a block.

Each of these is one operation, and only the first one changes anything.
"""

from bot.errors import ApprovalExpired, Failure, OrderDenied
from bot.jobs.money import transitions
from bot.jobs.records import ApprovalState, State
from bot.jobs.store import approval_rows, job_rows
from bot.storage.operation import Operation

NOT_BEGUN = frozenset({State.ACCEPTED, State.WAITING})


def approve(job: str, by: int, deadline_ms: int, *, always: bool = False) -> Operation[bool]:
    """Let a job continue, with a new deadline for its turn; return whether this call decided it."""
    decided = yield from approval_rows.end(job, ApprovalState.APPROVED, by, always=always)
    if decided:
        yield from job_rows.put_off(job, NOT_BEGUN, deadline_ms)
    return decided


def deny(job: str, by: int, because: str, at_ms: int) -> Operation[bool]:
    """End a job that a moderator denied, and release its hold; return whether this call decided it."""
    if not (yield from approval_rows.end(job, ApprovalState.DENIED, by, because=because)):
        return False
    return (yield from transitions.close(job, NOT_BEGUN, State.FAILED, OrderDenied(because=because).failure, at_ms))


def expire(job: str, failure: Failure, at_ms: int) -> Operation[bool]:
    """End a job that has waited for too long, and release its hold. `failure` is for one that awaits no moderator."""
    # A moderator may have approved the job after its deadline was found to have passed. That gives it a new deadline.
    if not (yield from job_rows.is_overdue(job, at_ms)):
        return False
    if (yield from approval_rows.end(job, ApprovalState.EXPIRED)):
        failure = ApprovalExpired().failure
    return (yield from transitions.close(job, {State.WAITING}, State.EXPIRED, failure, at_ms))


def end_of_member(guild: int, member: int, failure: Failure, at_ms: int) -> Operation[int]:
    """End all jobs of a member that are waiting for a moderator, and release their holds; return how many."""
    jobs = yield from approval_rows.waiting_of_member(guild, member)
    for job in jobs:
        yield from transitions.close(job, NOT_BEGUN, State.FAILED, failure, at_ms)
    return len(jobs)
