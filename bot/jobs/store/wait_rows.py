"""Reads the rows that decide what waiting jobs are waiting for: the line of their guild and its running jobs.

Which of them starts next is decided by `to_submit` in `due_jobs.py`. Ended jobs are never read, and the orders of jobs
ahead in line are read only if a job really has to wait.
"""

# ruff: noqa: S608 - only constants of this module, due_jobs and job_rows are put into SQL texts
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import cast

from bot.catalogue import serial
from bot.catalogue.serial import UnknownForm
from bot.jobs.durations import Range, expected
from bot.jobs.records import State
from bot.jobs.store import duration_rows
from bot.jobs.store.approval_rows import WAITS_FOR_APPROVAL
from bot.jobs.store.due_jobs import COMPARED, SUBMIT_PAUSED
from bot.jobs.store.duration_rows import Kind
from bot.jobs.store.job_rows import IN_PROGRESS
from bot.jobs.waits import LONGEST_LINE, Busy, SlotLimits, Wait, WaitingJob, WaitReason, waits
from bot.storage.operation import Operation, Statement, select_in

_LINE = (
    "SELECT j.id, j.member, j.state, j.updated_ms, j.created_ms, j.retry_ms, "
    f"{SUBMIT_PAUSED} AS paused_ms, j.rowid, {WAITS_FOR_APPROVAL} FROM job j "
    f"WHERE j.state IN ('accepted', 'waiting', 'running') AND {IN_PROGRESS} AND j.guild = $1 AND {COMPARED}"
)

_QUEUED_JOB = (
    "SELECT j.id, j.guild, j.state, "
    "EXISTS (SELECT 1 FROM prediction p WHERE p.job = j.id AND p.state <> 'intended') FROM job j"
)

_OPEN = f"FROM job o WHERE o.guild = j.guild AND o.state IN ('accepted', 'waiting', 'running') AND {IN_PROGRESS}"
_IS_NEXT = (
    f"SELECT 1 FROM job j WHERE j.id = $1 AND {COMPARED} AND NOT {WAITS_FOR_APPROVAL} AND (j.state = 'accepted' "
    f"OR j.state = 'waiting' AND MAX(j.retry_ms, {SUBMIT_PAUSED}) <= $2) "
    f"AND (SELECT COUNT(*) FROM (SELECT 1 {_OPEN} LIMIT $3 + 1)) <= $3 "
    f"AND (SELECT COUNT(*) FROM (SELECT 1 {_OPEN} AND o.member = j.member LIMIT $4 + 1)) <= $4"
)


@dataclass(frozen=True, slots=True)
class QueuedJob:
    """A job whose card may show what it is waiting for. `is_sent`: some of its runs were sent to the provider."""

    id: str
    guild: int
    state: State
    is_sent: bool


def in_line(others: Collection[str], holder: int = 0) -> Operation[list[QueuedJob]]:
    """Return the jobs of this process that have not begun, oldest first, followed by `others`."""
    rows = yield Statement(
        f"{_QUEUED_JOB} WHERE j.state IN ('accepted', 'waiting') AND {IN_PROGRESS} AND j.holder = $1 "
        "ORDER BY j.created_ms, j.rowid",
        holder,
    )
    more = yield from select_in(f"{_QUEUED_JOB} WHERE j.id IN ({{keys}})", others)
    found = cast("list[tuple[str, int, str, int]]", [*rows, *more])
    return list({row[0]: QueuedJob(row[0], row[1], State(row[2]), bool(row[3])) for row in found}.values())


def waits_of(guild: int, jobs: Collection[str], limits: SlotLimits, now_ms: int) -> Operation[dict[str, Wait]]:
    """Return what each of these jobs of a guild is waiting for; those that are not waiting are left out."""
    # The usual case is answered without reading the guild's other jobs: there may be thousands.
    if len(jobs) == 1 and (yield Statement(_IS_NEXT, *jobs, now_ms, limits.per_guild, limits.per_member)):
        return dict.fromkeys(jobs, Wait(WaitReason.TURN))
    rows = yield Statement(_LINE, guild)
    running: list[Busy] = []
    ordered: list[tuple[int, int, int, str, int]] = []
    asked: set[str] = set()
    found_rows = cast("list[tuple[str, int, str, int, int, int, int, int, int]]", rows)
    for job, member, state, updated_ms, created_ms, retry_ms, paused_ms, made, asks in found_rows:
        if asks:  # a job that is waiting for a moderator is not in line, so others do not wait for it
            asked.add(job)
        elif state == State.RUNNING:
            running.append(Busy(job, member, max(0, now_ms - updated_ms) / 1_000))
        else:
            # An accepted job's `retry_ms` is about its card. The order is that of `due_jobs.to_submit`.
            due_ms = now_ms if state == State.ACCEPTED else max(retry_ms, paused_ms, now_ms)
            ordered.append((due_ms, created_ms, made, job, member))
    line = [WaitingJob(job, member, (due_ms - now_ms) / 1_000) for due_ms, _, _, job, member in sorted(ordered)]
    found = waits(running, line, limits)
    found |= dict.fromkeys(asked, Wait(WaitReason.APPROVAL))
    mine = {job: found[job] for job in jobs if job in found}
    if len(line) > LONGEST_LINE or all(wait.reason is WaitReason.TURN for wait in mine.values()):
        return mine
    lasts = yield from _lasting([one.job for one in (*running, *line)])
    found = waits(
        [Busy(one.job, one.member, one.ran_s, lasts.get(one.job)) for one in running],
        [WaitingJob(one.job, one.member, one.paused_s, lasts.get(one.job)) for one in line],
        limits,
    )
    return {job: found.get(job, wait) for job, wait in mine.items()}


def _lasting(jobs: Iterable[str]) -> Operation[dict[str, Range]]:
    """Return how long each of these jobs should take, leaving out those that cannot be read."""
    rows = yield from select_in("SELECT id, ordered, planned FROM job WHERE id IN ({keys})", list(jobs))
    kinds: dict[str, tuple[Kind, float]] = {}
    for job, ordered, planned in cast("list[tuple[str, str, str]]", rows):
        try:
            order, plan = serial.load_order(ordered), serial.load_plan(planned)
        except UnknownForm:
            continue
        kinds[job] = (Kind.of(order, plan), plan.typical_s)
    usual = yield from duration_rows.usual_of_kinds({kind for kind, _ in kinds.values()})
    return {job: expected(usual[kind], typical_s) for job, (kind, typical_s) in kinds.items()}
