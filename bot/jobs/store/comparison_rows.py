"""The tables `comparison` and `copy_mark`: jobs that are compared with what really happened before they continue.

A restored backup is out of date: jobs that it shows as open may have ended since. A copy made by Easel has a mark,
which is found at the first startup with it. Any other database is suspected if Easel was down for longer than a restart
takes; that costs one look at the card of each open job. After a short break, only one card is checked.
"""

# ruff: noqa: S608 - only constants of this module and of pause_rows are put into SQL texts
from dataclasses import dataclass
from typing import cast

from bot.jobs.store import kept_cards
from bot.jobs.store.due_jobs import Due
from bot.jobs.store.job_rows import IN_PROGRESS
from bot.jobs.store.pause_rows import Step, paused_until
from bot.storage.operation import Operation, Statement

RESTART_MS = 120_000
"""A longer time without Easel is suspicious: it may be the time since a backup."""

_OPEN = (
    # One SELECT for each index: with OR, all jobs that ever existed would be read.
    f"SELECT id FROM job WHERE {IN_PROGRESS} UNION SELECT id FROM job WHERE notice = 'due' "
    f"UNION SELECT j.id FROM job j WHERE j.id >= $4 AND {kept_cards.KEPT}"
)
"""The jobs about which something may be shown: this includes ended jobs whose cards have to be corrected."""


_SAMPLE = (
    f"SELECT j.id FROM {{table}} j.state IN ('waiting', 'running', 'collecting') AND j.{IN_PROGRESS} AND j.message > 0 "
    "ORDER BY j.visibility <> 'channel', j.created_ms, j.id LIMIT 1"
)
"""The job whose card is most likely to show that a database is out of date."""

# CROSS JOIN makes SQLite begin with the first table, which has few rows or none.
_BRIEF = "comparison c CROSS JOIN job j WHERE j.id = c.job AND c.brief = 1 AND"


@dataclass(frozen=True, slots=True)
class Suspicion:
    """The last use of the database before this start, and the reason to think that it is a restored backup.

    `brief`: the database was in use a moment ago, so this job is checked on behalf of all others. `restored`: it is
    certainly a restored backup.
    """

    seen_ms: int
    brief: bool
    restored: bool


def suspect(seen_ms: int, gap_ms: int) -> Operation[None]:
    """At startup, mark all open jobs for comparison if this database may be a restored backup.

    `seen_ms` is when it was last in use, `gap_ms` how long ago that is.
    """
    marks = yield Statement("DELETE FROM copy_mark RETURNING id")
    brief = not marks and gap_ms <= RESTART_MS
    if brief and not (yield Statement(_SAMPLE.format(table="job j WHERE"))):
        return
    yield Statement(
        "INSERT INTO comparison (job, seen_ms, brief, restored) "
        f"SELECT id, $1, $2, $3 FROM ({_OPEN}) AS open WHERE TRUE "
        "ON CONFLICT (job) DO UPDATE SET restored = MAX(comparison.restored, excluded.restored), "
        "brief = MIN(comparison.brief, excluded.brief)",
        seen_ms,
        int(brief),
        int(bool(marks)),
        kept_cards.oldest(seen_ms + gap_ms),
    )
    if marks:
        yield from _drop_notifications()


def confirm() -> Operation[None]:
    """Record that this database is a restored backup, as one of its jobs has shown."""
    yield Statement("UPDATE comparison SET restored = 1, brief = 0")
    yield from _drop_notifications()


def nothing_unusual() -> Operation[None]:
    """Let all jobs continue after a short break, because checking one of them showed nothing unusual."""
    yield Statement("DELETE FROM comparison WHERE brief = 1")
    yield Statement("DELETE FROM step_pause WHERE step = 'compare' AND job NOT IN (SELECT job FROM comparison)")


def leave_out(job: str) -> Operation[None]:
    """Let a job that cannot be compared continue.

    After a short break, another one is checked instead. If there is no other, all continue.
    """
    yield from over(job)
    if not (yield Statement(_SAMPLE.format(table=_BRIEF))):
        yield from nothing_unusual()


def of_job(job: str) -> Operation[Suspicion | None]:
    """Return why a job has to be compared; None if it does not."""
    rows = yield Statement("SELECT seen_ms, brief, restored FROM comparison WHERE job = $1", job)
    return Suspicion(cast("int", rows[0][0]), bool(rows[0][1]), bool(rows[0][2])) if rows else None


def others_may_tell(job: str) -> Operation[bool]:
    """Return whether another job has a public card that is still to be checked and may prove a restore."""
    rows = yield Statement(
        "SELECT 1 FROM comparison c JOIN job j ON j.id = c.job WHERE c.job <> $1 AND j.visibility = 'channel' "
        "AND NOT EXISTS (SELECT 1 FROM step_pause s WHERE s.job = c.job) LIMIT 1",
        job,
    )
    return bool(rows)


def due(limit: int) -> Operation[list[Due]]:
    """Return jobs to be compared, those with a public card first. After a short break, that is only one job."""
    paused = paused_until(Step.COMPARE)
    rows = yield Statement(
        f"SELECT j.id, {paused} AS at_ms FROM comparison c CROSS JOIN job j WHERE j.id = c.job AND (c.brief = 0 "
        f"OR c.job = ({_SAMPLE.format(table=_BRIEF)})) "
        "ORDER BY at_ms, j.visibility <> 'channel', j.created_ms LIMIT $1",
        limit,
    )
    return [Due(*cast("tuple[str, int]", row)) for row in rows]


def over(job: str) -> Operation[None]:
    """Let a job continue."""
    yield Statement("DELETE FROM comparison WHERE job = $1", job)
    yield Statement("DELETE FROM step_pause WHERE job = $1 AND step = 'compare'", job)


def _drop_notifications() -> Operation[None]:
    # The notifications were sent after the backup, or are old news now. Pinging again is worse than not pinging.
    yield Statement("UPDATE notification SET state = 'dropped' WHERE state IN ('due', 'trying')")
