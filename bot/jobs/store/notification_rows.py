"""The table `notification`: pings and direct messages about the end of jobs, in addition to their cards."""

from typing import cast

from bot.jobs.records import Notification, Way
from bot.jobs.store.due_jobs import Due
from bot.storage.operation import Operation, Statement

RETRY_MS = 15_000
"""The pause between two attempts while Discord fails."""

PATIENCE_MS = 10 * 60_000
"""How long sending is retried. After that, the notification is old news, and the card shows the end anyway."""


def requested_since(job: str, at_ms: int) -> Operation[bool]:
    """Return whether a direct message was requested after this moment."""
    rows = yield Statement(
        "SELECT 1 FROM notification WHERE job = $1 AND way = 'dm' AND state = 'asked' AND due_ms > $2", job, at_ms
    )
    return bool(rows)


def ask(job: str, at_ms: int) -> Operation[bool]:
    """Request a direct message about a job's end. Return False if the job has ended or one was already requested."""
    rows = yield Statement(
        "INSERT INTO notification (job, way, state, due_ms) SELECT id, 'dm', 'asked', $2 FROM job WHERE id = $1 "
        "AND state IN ('accepted', 'waiting', 'running', 'collecting', 'delivering') "
        "ON CONFLICT (job, way) DO NOTHING RETURNING job",
        job,
        at_ms,
    )
    return bool(rows)


def withdraw(job: str) -> Operation[bool]:
    """Withdraw the request for a direct message. Return False if there is none or it is already being sent."""
    rows = yield Statement(
        "DELETE FROM notification WHERE job = $1 AND way = 'dm' AND state = 'asked' RETURNING job", job
    )
    return bool(rows)


def ended(job: str, at_ms: int) -> Operation[bool]:
    """Make the requested direct message due, because the job's end was shown or every rung failed.

    Return whether one was requested.
    """
    rows = yield Statement(
        "UPDATE notification SET state = 'due', due_ms = $2 WHERE job = $1 AND way = 'dm' AND state = 'asked' "
        "RETURNING job",
        job,
        at_ms,
    )
    return bool(rows)


def ping(job: str, at_ms: int) -> Operation[None]:
    """Make a ping due, because the job's end was shown by an edit, which pings nobody. Repeating it changes nothing."""
    yield Statement(
        "INSERT INTO notification (job, way, state, due_ms) VALUES ($1, 'ping', 'due', $2) "
        "ON CONFLICT (job, way) DO NOTHING",
        job,
        at_ms,
    )


def due(limit: int, holder: int = 0) -> Operation[list[Due]]:
    """Return jobs of this process with notifications to send, the earliest first."""
    # Not grouped by job in SQL: for that, SQLite would read all notifications that were ever sent, in key order.
    rows = yield Statement(
        # CROSS JOIN makes SQLite begin with the notifications, of which few are due.
        "SELECT n.job, n.retry_ms FROM notification n CROSS JOIN job h WHERE h.id = n.job AND h.holder = $2 "
        "AND n.state IN ('due', 'trying') "
        # Comparing any card may still show that all notifications are old news.
        "AND NOT EXISTS (SELECT 1 FROM comparison WHERE restored = 0) "
        "ORDER BY n.retry_ms, n.job LIMIT $1",
        limit * len(Way),
        holder,
    )
    earliest: dict[str, int] = {}
    for job, at_ms in cast("list[tuple[str, int]]", rows):
        earliest.setdefault(job, at_ms)
    return [Due(job, at_ms) for job, at_ms in earliest.items()][:limit]


def of_job(job: str, at_ms: int) -> Operation[tuple[Notification, ...]]:
    """Return the notifications of one job that are due now."""
    rows = yield Statement(
        "SELECT way, state, EXISTS (SELECT 1 FROM notification d WHERE d.job = $1 AND d.way = 'dm' "
        "AND d.state = 'dropped') FROM notification WHERE job = $1 AND state IN ('due', 'trying') AND retry_ms <= $2 "
        "ORDER BY way",
        job,
        at_ms,
    )
    return tuple(
        Notification(Way(cast("str", way)), tried=state == "trying", instead=bool(dropped))
        for way, state, dropped in rows
    )


def trying(job: str, way: Way) -> Operation[None]:
    """Record that a notification is about to be sent. After a crash, it is then unknown whether it was."""
    yield Statement("UPDATE notification SET state = 'trying' WHERE job = $1 AND way = $2", job, way)


def over(job: str, way: Way, *, sent: bool) -> Operation[None]:
    """Record that a notification was sent or dropped."""
    yield Statement(
        "UPDATE notification SET state = $3 WHERE job = $1 AND way = $2", job, way, "sent" if sent else "dropped"
    )


def drop(job: str) -> Operation[None]:
    """Drop a job's notifications that have not been sent, because its member already knows."""
    yield Statement("UPDATE notification SET state = 'dropped' WHERE job = $1 AND state <> 'sent'", job)


def postpone(job: str, at_ms: int) -> Operation[None]:
    """Retry the notifications of a job later, or drop them after PATIENCE_MS."""
    yield Statement(
        "UPDATE notification SET retry_ms = $2, state = CASE WHEN due_ms < $3 THEN 'dropped' ELSE state END "
        "WHERE job = $1 AND state IN ('due', 'trying')",
        job,
        at_ms + RETRY_MS,
        at_ms - PATIENCE_MS,
    )
