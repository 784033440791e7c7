"""Decides on orders waiting for a moderator, one transaction each: the decision, its audit, and what follows."""

from collections.abc import Callable

from bot.audit import audit_rows
from bot.audit.audit_rows import AuditedChange
from bot.clock import Clock
from bot.errors import ApprovalDecided, ApprovalForbidden, NotAllowed, NotFound
from bot.guilds import log_entries
from bot.guilds.log_entries import LogEntry, LogKind
from bot.jobs.jobs import Jobs
from bot.jobs.limits import JobLimits
from bot.jobs.money import approvals
from bot.jobs.records import ApprovalState, Job, Snapshot
from bot.jobs.store import approval_rows
from bot.jobs.store.approval_rows import Approval
from bot.policy import approval_rule_rows, guild_policy_rows
from bot.policy.judge import judge_again
from bot.policy.policy import Policy
from bot.policy.policy_records import PolicyRequest, Requester
from bot.storage.operation import Database, Operation

LISTED = 5
"""How many waiting orders are listed at a time, the oldest first."""


class OrderDecisions:
    """All guilds' orders that are waiting for a moderator."""

    def __init__(self, database: Database, policy: Policy, jobs: Jobs, clock: Clock, limits: JobLimits) -> None:
        self._database = database
        self._policy = policy
        self._jobs = jobs
        self._clock = clock
        self._limits = limits

    async def approve(self, guild: int, name: str, by: int, *, is_admin: bool, always: bool = False) -> Job:
        """Approve an order; with `always`, the rules that stopped it no longer make the member's orders wait.

        Raises NotFound, NotAllowed for someone's own order (unless they are an admin), ApprovalDecided, and
        ApprovalForbidden while orders are paused, its member is blocked, or its model is off.
        """
        job = await self._job(guild, name)
        request = PolicyRequest(Requester(guild, job.member), job.order.model, job.order.task)
        asked, at_ms = (await self._policy.examine(request, job.held_mcr)).asked, self._clock.now_ms()
        deadline_ms = at_ms + self._limits.waiting_s * 1_000

        def write() -> Operation[None]:
            found = yield from _waiting(job)
            if found.member == by and not is_admin:
                raise NotAllowed(rule="own-order")
            hindrance = judge_again(asked, (yield from guild_policy_rows.load(guild)))
            if hindrance is not None:
                raise ApprovalForbidden(hindrance=hindrance.reason)
            yield from approvals.approve(job.id, by, deadline_ms, always=always)
            yield from _audit(job, by, ApprovalState.APPROVED, "", at_ms)
            for rule in found.rules if always else ():
                yield from approval_rule_rows.exempt(guild, rule, found.member, actor=by, at_ms=at_ms)

        await self._decide(job, write, changes_policy=always)
        return job

    async def deny(self, guild: int, name: str, by: int, because: str) -> Job:
        """End an order and release its hold. Raises NotFound and ApprovalDecided."""
        job, at_ms = await self._job(guild, name), self._clock.now_ms()

        def write() -> Operation[None]:
            yield from _waiting(job)
            yield from approvals.deny(job.id, by, because, at_ms)
            yield from _audit(job, by, ApprovalState.DENIED, because, at_ms)

        await self._decide(job, write, changes_policy=False)
        return job

    async def job(self, guild: int, name: str) -> Job:
        """Return a waiting order. Raises NotFound and ApprovalDecided."""
        job = await self._job(guild, name)
        await self._database.read(lambda: _waiting(job))
        return job

    async def waiting(self, guild: int) -> tuple[Snapshot, ...]:
        """Return a guild's orders that are waiting for a moderator, the oldest first."""
        ids = await self._database.read(lambda: approval_rows.waiting(guild, LISTED))
        found = await self._jobs.of_ids(ids)
        return tuple(found[one] for one in ids if one in found)

    async def entry(self, guild: int, job: str) -> LogEntry | None:
        """Return the entry of an order in the server log."""
        return await self._database.read(lambda: log_entries.about(guild, LogKind.APPROVAL, job))

    async def _job(self, guild: int, name: str) -> Job:
        job = (await self._jobs.get(name)).job
        if job.guild != guild:
            raise NotFound(what="job", name=name)
        return job

    async def _decide(self, job: Job, write: Callable[[], Operation[None]], *, changes_policy: bool) -> None:
        if changes_policy:
            await self._policy.change(job.guild, write)
        else:
            await self._database.run(write)
        await self._jobs.decided(job.id)


def _waiting(job: Job) -> Operation[Approval]:
    """Return the approval of a waiting job. Raises NotFound and ApprovalDecided."""
    found = yield from approval_rows.get(job.id)
    if found is None:
        raise NotFound(what="job", name=job.short_id)
    if found.state is not ApprovalState.WAITING:
        raise ApprovalDecided(state=found.state.value, by=str(found.decided_by))
    return found


def _audit(job: Job, by: int, state: ApprovalState, because: str, at_ms: int) -> Operation[None]:
    after = {"state": state.value, "member": str(job.member), "reason": because}
    action = "approvals.approve" if state is ApprovalState.APPROVED else "approvals.deny"
    before = {"state": ApprovalState.WAITING.value}
    yield from audit_rows.write(AuditedChange(job.guild, by, action, job.short_id, before, after, at_ms))
