"""The messages of results: their places (columns of `job`), and those that are gone (table `deleted_message`)."""

from collections.abc import Collection
from typing import cast

from bot.jobs.records import Deleter, JobMessages, Receipt, Rung
from bot.jobs.store import job_rows
from bot.storage.operation import Operation, Statement, select_in


def of_jobs(jobs: Collection[str]) -> Operation[dict[str, JobMessages]]:
    """Return where each of these jobs was shown, and which of its messages are known to be gone."""
    rows = yield from select_in("SELECT job, message, deleter FROM deleted_message WHERE job IN ({keys})", jobs)
    gone: dict[str, dict[int, Deleter]] = {}
    for job, message, deleter in cast("list[tuple[str, int, str]]", rows):
        gone.setdefault(job, {})[message] = Deleter(deleter)
    rows = yield from select_in(
        "SELECT id, shown_rung, shown_channel, shown_message FROM job WHERE id IN ({keys})", jobs
    )
    return {
        job: JobMessages(Receipt(Rung(rung), channel or 0, message or 0) if rung else None, gone.get(job, {}))
        for job, rung, channel, message in cast("list[tuple[str, str | None, int | None, int | None]]", rows)
    }


def deleted(job: str, message: int, deleter: Deleter, at_ms: int) -> Operation[None]:
    """Record that a message of a job is gone. What is known about who deleted it is kept."""
    yield Statement(
        "INSERT INTO deleted_message (job, message, deleter, at_ms) SELECT id, CAST($2 AS BIGINT), $3, "
        "CAST($4 AS BIGINT) FROM job WHERE id = $1 ON CONFLICT (job, message) DO UPDATE "
        "SET deleter = excluded.deleter WHERE excluded.deleter <> 'unknown'",
        job,
        message,
        deleter,
        at_ms,
    )


def posted_again(job: str, channel: int, message: int) -> Operation[None]:
    """Record that a result was posted again; an earlier message may still exist."""
    yield from job_rows.set_receipt(job, Rung.NEW_MESSAGE, channel, message)
    yield from job_rows.restore(job)
