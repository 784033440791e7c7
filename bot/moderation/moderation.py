"""The actions of moderators, one transaction each: the change, its case, the audit, and the entry in the server log."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeVar

from bot.audit import audit_rows
from bot.audit.audit_rows import AuditedChange, State
from bot.catalogue.order import Task
from bot.clock import Clock
from bot.errors import BlockedWhileWaiting, CancelledByModerator, NotFound, ResultTakenDown
from bot.guilds import log_entries
from bot.guilds.log_entries import LogKind
from bot.jobs.jobs import Cancelled, Jobs
from bot.jobs.money import approvals, takedowns, transitions
from bot.jobs.money.takedowns import TakenResults
from bot.jobs.money.transitions import CancelOutcome
from bot.jobs.records import Job, Posting
from bot.jobs.store import job_rows, posted_message_rows, spoiler_rows
from bot.moderation import case_rows, report_rows
from bot.moderation.case_records import Case, CaseKind, NewCase, Told
from bot.policy import approval_rule_rows, block_rows, order_pauses
from bot.policy.policy_records import Block, Pause
from bot.storage.operation import Database, Operation

T = TypeVar("T")

CANCELLED = {
    CancelOutcome.ENDED: Cancelled.BEFORE_SUBMIT,
    CancelOutcome.ASKED: Cancelled.ASKED,
    CancelOutcome.TOO_LATE: Cancelled.TOO_LATE,
}

LISTED = 15
"""How many cases a list shows."""


class PolicyChange(Protocol):
    """Runs an operation that changes what a guild has decided, so that later orders are judged by the new decision."""

    async def change(self, guild: int, operation: Callable[[], Operation[T]]) -> T:
        """Run an operation and return its result."""
        ...


@dataclass(frozen=True, slots=True)
class Act:
    """The moderator who acts in a guild, and the reason.

    If `tells`, the member gets a message, with `message` added.
    """

    guild: int
    by: int
    reason: str
    tells: bool = False
    message: str = ""


@dataclass(frozen=True, slots=True)
class TakedownDone:
    """A takedown that has begun: its case, and the jobs whose results it takes down."""

    case: int
    jobs: tuple[str, ...]
    refunded_mcr: int


class Moderation:
    """The actions of moderators on members and results."""

    def __init__(self, database: Database, policy: PolicyChange, jobs: Jobs, clock: Clock) -> None:
        self._database = database
        self._policy = policy
        self._jobs = jobs
        self._clock = clock

    async def take_down(self, act: Act, job: Job, *, refund: bool) -> TakedownDone:
        """Take a result down, with everything made from it. Raises ResultTakenDown if that was already done."""
        new = self._case(act, CaseKind.TAKEDOWN, job.member, job=job.id)

        def write() -> Operation[TakedownDone]:
            number, taken = yield from taking_down(new, job, refund=refund)
            return TakedownDone(number, taken.jobs, taken.refunded_mcr)

        done = await self._database.run(write)
        self._jobs.changed_by_moderators()
        return done

    async def delete(self, act: Act, job: Job) -> int | None:
        """Record that a moderator has deleted another member's result, and return the number of the case.

        Nobody may use the result from then on. None if a moderator had already removed it.
        """
        new = self._case(act, CaseKind.DELETION, job.member, job=job.id)

        def write() -> Operation[int | None]:
            if not (yield from job_rows.remove(job.id, act.by, new.at_ms)):
                return None
            number = yield from case_rows.open_case(new)
            yield from report_rows.close_all((job.id,), act.by, new.at_ms)
            yield from case_rows.record(new, number, short_id=job.short_id)
            return number

        return await self._database.run(write)

    async def block(self, act: Act, member: int, *, until_ms: int | None) -> int:
        """Block a member from ordering until a time, or for good (None); return the number of the case."""
        new = self._case(act, CaseKind.BLOCK, member, until_ms=until_ms)
        failure = BlockedWhileWaiting(because=act.reason).failure

        def write() -> Operation[int]:
            number = yield from case_rows.open_case(new)
            before = yield from block_rows.put(act.guild, Block(member, act.reason, until_ms, number))
            yield from case_rows.record(new, number, before=_state(before))
            # Nobody may approve them now, so their credits need not wait for the deadline.
            yield from approvals.end_of_member(act.guild, member, failure, new.at_ms)
            return number

        number = await self._policy.change(act.guild, write)
        self._jobs.changed_by_moderators()
        return number

    async def unblock(self, act: Act, member: int) -> int | None:
        """End a member's block and return the number of the case; None if the member was not blocked."""
        new = self._case(act, CaseKind.UNBLOCK, member, tells=member != act.by)

        def write() -> Operation[int | None]:
            before = yield from block_rows.lift(act.guild, member)
            if before is None:
                return None
            number = yield from case_rows.open_case(new)
            yield from case_rows.record(new, number, before=_state(before))
            return number

        return await self._policy.change(act.guild, write)

    async def end_exemptions(self, act: Act, member: int) -> tuple[int, int]:
        """Make a member's orders wait for approval again, and tell the member.

        Returns how many rules the member was exempt from, and the number of the case; both are 0 if there were none.
        """
        new = self._case(act, CaseKind.EXEMPTION_ENDED, member, tells=member != act.by)

        def write() -> Operation[tuple[int, int]]:
            rules = yield from approval_rule_rows.end_exemptions(act.guild, member, actor=act.by, at_ms=new.at_ms)
            if not rules:
                return 0, 0
            number = yield from case_rows.open_case(new)
            yield from case_rows.record(new, number)
            return rules, number

        return await self._policy.change(act.guild, write)

    async def warn(self, act: Act, member: int) -> int:
        """Warn a member, who always gets a message, and return the number of the case."""
        return await self._write(self._case(act, CaseKind.WARNING, member, tells=True))

    async def note(self, act: Act, member: int, job: str | None = None) -> int:
        """Keep a note about a member, for moderators only, and return the number of the case."""
        return await self._write(self._case(act, CaseKind.NOTE, member, job=job, tells=False))

    async def cancel(self, act: Act, job: Job) -> tuple[Cancelled, int]:
        """Cancel any job of the guild, with a case that tells its member why; return the outcome and the case's number.

        The number is 0 if it is too late to cancel, because there is no case then.
        """
        new = self._case(act, CaseKind.CANCEL, job.member, job=job.id, tells=job.member != act.by)
        failure = CancelledByModerator(because=act.reason).failure

        def write() -> Operation[tuple[CancelOutcome, int]]:
            outcome = yield from transitions.cancel(job.id, new.at_ms, by=act.by, failure=failure)
            if outcome is CancelOutcome.TOO_LATE:
                return outcome, 0
            number = yield from case_rows.open_case(new)
            yield from case_rows.record(new, number, short_id=job.short_id)
            return outcome, number

        outcome, number = await self._database.run(write)
        self._jobs.changed_by_moderators()
        return CANCELLED[outcome], number

    async def set_spoiler(self, act: Act, job: Job, *, on: bool) -> tuple[Posting, ...]:
        """Hide a result behind a spoiler, or show it again, and return the messages that show it."""
        at_ms = self._clock.now_ms()

        def write() -> Operation[tuple[Posting, ...]]:
            if (yield from spoiler_rows.put(job.id, on=on)):
                kind = LogKind.SPOILER if on else LogKind.UNSPOILER
                states = {"spoiler": not on}, {"spoiler": on}
                yield from audit_rows.write(
                    AuditedChange(act.guild, act.by, f"results.{kind}", job.short_id, *states, at_ms)
                )
                facts = {"by": str(act.by), "member": str(job.member), "id": job.short_id}
                yield from log_entries.write(act.guild, kind, job.id, facts, at_ms)
            return (yield from posted_message_rows.standing(job.id))

        return await self._database.run(write)

    async def pause(self, act: Act, task: Task | None, *, until_ms: int | None = None) -> None:
        """Pause the orders of a task, or all orders (None)."""
        pause, at_ms = Pause(task, act.reason, act.by, until_ms), self._clock.now_ms()

        def write() -> Operation[None]:
            before = [one for one in (yield from order_pauses.of_guild(act.guild)) if one.task is task]
            yield from order_pauses.put(act.guild, pause)
            was = {"reason": before[0].reason} if before else None
            yield from _paused(act, task, was, {"reason": act.reason}, LogKind.PAUSE, at_ms)

        await self._policy.change(act.guild, write)

    async def resume(self, act: Act, task: Task | None) -> bool:
        """End a pause; return False if there was none."""
        at_ms = self._clock.now_ms()

        def write() -> Operation[bool]:
            ended = yield from order_pauses.end(act.guild, task)
            if ended is None:
                return False
            yield from _paused(act, task, {"reason": ended.reason}, None, LogKind.RESUME, at_ms)
            return True

        return await self._policy.change(act.guild, write)

    async def pauses(self, guild: int) -> tuple[Pause, ...]:
        """Return the pauses of a guild."""
        return await self._database.read(lambda: order_pauses.of_guild(guild))

    async def case(self, guild: int, number: int) -> Case:
        """Return a case. Raises NotFound."""
        found = await self._database.read(lambda: case_rows.get(guild, number))
        if found is None:
            raise NotFound(what="case", name=str(number))
        return found

    async def cases(self, guild: int, member: int | None = None) -> tuple[Case, ...]:
        """Return the newest cases of a guild, or those about a member."""
        if member is None:
            return await self._database.read(lambda: case_rows.newest(guild, LISTED))
        return await self._database.read(lambda: case_rows.of_member(guild, member, LISTED))

    async def untold(self) -> tuple[Case, ...]:
        """Return cases whose members still need a direct message, the oldest first."""
        return await self._database.read(lambda: case_rows.untold(LISTED))

    async def told(self, case: Case, told: Told) -> None:
        """Record whether the member of a case got the message."""
        await self._database.run(lambda: case_rows.set_told(case.guild, case.number, told))

    def _case(
        self,
        act: Act,
        kind: CaseKind,
        member: int,
        *,
        job: str | None = None,
        until_ms: int | None = None,
        tells: bool | None = None,
    ) -> NewCase:
        return NewCase(
            act.guild,
            kind,
            member,
            act.reason,
            act.by,
            self._clock.now_ms(),
            job=job,
            until_ms=until_ms,
            message=act.message,
            tells=act.tells if tells is None else tells,
        )

    async def _write(self, new: NewCase) -> int:
        def write() -> Operation[int]:
            number = yield from case_rows.open_case(new)
            yield from case_rows.record(new, number)
            return number

        return await self._database.run(write)


def taking_down(new: NewCase, job: Job, *, refund: bool) -> Operation[tuple[int, TakenResults]]:
    """Take a result down with its case, and return the case's number and what was taken down.

    Raises ResultTakenDown if it had already been taken down.
    """
    number = yield from case_rows.open_case(new)
    taken = yield from takedowns.take_down(job.id, number, refund=refund, by=new.actor, at_ms=new.at_ms)
    if job.id not in taken.jobs:
        raise ResultTakenDown(case=(yield from case_rows.of_job(new.guild, job.id)))
    yield from report_rows.close_all(taken.jobs, new.actor, new.at_ms)
    yield from case_rows.record(
        new, number, short_id=job.short_id, results=len(taken.jobs), refunded_mcr=taken.refunded_mcr
    )
    return number, taken


def _state(block: Block | None) -> State | None:
    return None if block is None else {"reason": block.reason, "until_ms": block.until_ms, "case": block.case}


def _paused(
    act: Act, task: Task | None, before: State | None, after: State | None, kind: LogKind, at_ms: int
) -> Operation[None]:
    name = task.value if task else "everything"
    yield from audit_rows.write(AuditedChange(act.guild, act.by, f"pauses.{kind}", name, before, after, at_ms))
    facts = {"by": str(act.by), "what": name, "reason": act.reason}
    yield from log_entries.write(act.guild, kind, name, facts, at_ms)
