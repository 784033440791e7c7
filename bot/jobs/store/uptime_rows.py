"""The table `uptime`: when Easel was last known to be running, so that downtime does not count against any job.

After a restart there is no way to tell whether the machine was off for an hour or its clock was set an hour ahead. Both
are treated alike: the gap does not count, and a waiting job keeps its remaining time.
"""

# ruff: noqa: S608 - only constants of this module and of job_rows are put into SQL texts
from typing import cast

from bot.jobs.store import comparison_rows
from bot.jobs.store.job_rows import IN_PROGRESS
from bot.storage.operation import Operation, Statement


def last_seen() -> Operation[int]:
    """Return when Easel was last known to be running, in milliseconds since 1970; 0 before the first start."""
    rows = yield Statement("SELECT seen_ms FROM uptime WHERE id = 1")
    return cast("int", rows[0][0]) if rows else 0


def seen(at_ms: int) -> Operation[None]:
    """Record that Easel is running."""
    yield Statement(
        "INSERT INTO uptime (id, seen_ms) VALUES (1, $1) ON CONFLICT (id) DO UPDATE SET seen_ms = excluded.seen_ms",
        at_ms,
    )


def resume(at_ms: int) -> Operation[int]:
    """List the jobs whose times have to be moved, and return by how much: the downtime, in milliseconds.

    The times are those that durations are measured from: the deadlines of waiting and running jobs, the time since a
    member asked to cancel, the time spent trying to fetch a result, and the time for which a notification has been due.
    The times of jobs are moved by `move_some`, before any loop starts; an earlier move has to be complete.
    """
    since_ms = yield from last_seen()
    gap_ms = max(0, at_ms - since_ms) if since_ms else 0
    yield from comparison_rows.suspect(since_ms, gap_ms)
    # In the same transaction, so that a startup that fails and is repeated does not add the gap twice.
    yield from seen(at_ms)
    if gap_ms:
        yield Statement("UPDATE uptime SET moving_ms = $1 WHERE id = 1", gap_ms)
        yield Statement(
            "INSERT INTO time_move (job) SELECT id FROM job "
            f"WHERE state IN ('accepted', 'waiting', 'running', 'collecting') AND {IN_PROGRESS}"
        )
        yield Statement("UPDATE notification SET due_ms = due_ms + $1 WHERE state IN ('due', 'trying')", gap_ms)
    return gap_ms


def move_some(most: int) -> Operation[bool]:
    """Move the times of some jobs that `resume` found, and take them off the list; return whether more may be left.

    A job's times are moved in the transaction that takes it off the list. So whenever the process is killed, each job
    is either moved and off the list, or neither, and the next startup moves those still on it by the same time as the
    others.
    """
    rows = yield Statement("SELECT job FROM time_move ORDER BY job LIMIT $1", most)
    if not rows:
        return False
    last = rows[-1][0]
    ((moving_ms, seen_ms),) = yield Statement("SELECT moving_ms, seen_ms FROM uptime WHERE id = 1")
    listed = "id IN (SELECT job FROM time_move WHERE job <= $2)"
    # `updated_ms` of running jobs stays. Their runs kept running, so reads are paced by their true age.
    yield Statement(
        # A member may have asked to cancel a job since `resume`: that was not before the downtime.
        "UPDATE job SET deadline_ms = deadline_ms + $1, cancel_asked_ms = MIN(cancel_asked_ms + $1, $3) "
        f"WHERE state IN ('accepted', 'waiting', 'running') AND {listed}",
        moving_ms,
        last,
        seen_ms,
    )
    yield Statement(
        f"UPDATE job SET updated_ms = updated_ms + $1 WHERE state = 'collecting' AND {listed}", moving_ms, last
    )
    yield Statement("DELETE FROM time_move WHERE job <= $1", last)
    return len(rows) == most
