"""The table `notification`: what members are told of a job's end beside its card, each once."""

from typing import cast

from bot.jobs.records import Notification, Way
from bot.jobs.store.due import Due
from bot.storage.operation import Operation, Statement

RETRY_MS = 15_000
"""Between two tries while Discord fails."""

PATIENCE_MS = 10 * 60_000
"""How long it is tried: later the news is none, and the card has told it anyway."""


def requested_since(job: str, at_ms: int) -> Operation[bool]:
    """Whether a direct message was asked for, and not longer ago than this moment."""
    rows = yield Statement(
        "SELECT 1 FROM notification WHERE job = $1 AND way = 'dm' AND state = 'asked' AND due_ms > $2", job, at_ms
    )
    return bool(rows)


def ask(job: str, at_ms: int) -> Operation[bool]:
    """Ask for a direct message when a job ends that has not ended yet. False where it has."""
    rows = yield Statement(
        "INSERT INTO notification (job, way, state, due_ms) SELECT id, 'dm', 'asked', $2 FROM job WHERE id = $1 "
        "AND state IN ('accepted', 'waiting', 'running', 'collecting', 'delivering') "
        "ON CONFLICT (job, way) DO NOTHING RETURNING job",
        job,
        at_ms,
    )
    return bool(rows)


def withdraw(job: str) -> Operation[bool]:
    """Ask for no direct message after all; False where none was asked for, or it is already on its way."""
    rows = yield Statement(
        "DELETE FROM notification WHERE job = $1 AND way = 'dm' AND state = 'asked' RETURNING job", job
    )
    return bool(rows)


def ended(job: str, at_ms: int) -> Operation[None]:
    """The job's end was shown or kept: whoever asked to be told is told now."""
    yield Statement(
        "UPDATE notification SET state = 'due', due_ms = $2 WHERE job = $1 AND way = 'dm' AND state = 'asked'",
        job,
        at_ms,
    )


def ping(job: str, at_ms: int) -> Operation[None]:
    """The job's end was shown where nobody is pinged by it: it pings now, once however often this is said."""
    yield Statement(
        "INSERT INTO notification (job, way, state, due_ms) VALUES ($1, 'ping', 'due', $2) "
        "ON CONFLICT (job, way) DO NOTHING",
        job,
        at_ms,
    )


def due(limit: int) -> Operation[list[Due]]:
    """Jobs of which somebody is to be told, the earliest first."""
    rows = yield Statement(
        "SELECT job, MIN(retry_ms) AS at_ms FROM notification WHERE state IN ('due', 'trying') "
        "GROUP BY job ORDER BY at_ms LIMIT $1",
        limit,
    )
    return [Due(*cast("tuple[str, int]", row)) for row in rows]


def of_job(job: str, at_ms: int) -> Operation[tuple[Notification, ...]]:
    """What is to be told of one job now."""
    rows = yield Statement(
        "SELECT way, state FROM notification WHERE job = $1 AND state IN ('due', 'trying') AND retry_ms <= $2 "
        "ORDER BY way",
        job,
        at_ms,
    )
    return tuple(Notification(Way(cast("str", way)), tried=state == "trying") for way, state in rows)


def trying(job: str, way: Way) -> Operation[None]:
    """It is about to be sent: from here on a crash leaves open whether it was."""
    yield Statement("UPDATE notification SET state = 'trying' WHERE job = $1 AND way = $2", job, way)


def over(job: str, way: Way, *, sent: bool) -> Operation[None]:
    """It was sent, or is dropped for good."""
    yield Statement(
        "UPDATE notification SET state = $3 WHERE job = $1 AND way = $2", job, way, "sent" if sent else "dropped"
    )


def postpone(job: str, at_ms: int) -> Operation[None]:
    """What is still to be told of a job is tried later, or dropped where that has gone on for too long."""
    yield Statement(
        "UPDATE notification SET retry_ms = $2, state = CASE WHEN due_ms < $3 THEN 'dropped' ELSE state END "
        "WHERE job = $1 AND state IN ('due', 'trying')",
        job,
        at_ms + RETRY_MS,
        at_ms - PATIENCE_MS,
    )
