"""The table `attempt`: every attempt to show how a job ended, written before its call is made."""

from typing import cast

from bot.jobs.records import Attempt, Rung
from bot.storage.operation import Operation, Statement


def begin(job: str, rung: Rung, at_ms: int) -> Operation[int]:
    """Record that an attempt is about to be made; return its number."""
    rows = yield Statement(
        "INSERT INTO attempt (job, number, rung, at_ms) "
        "SELECT $1, COALESCE(MAX(number), 0) + 1, $2, CAST($3 AS BIGINT) FROM attempt WHERE job = $1 "
        "RETURNING number",
        job,
        rung,
        at_ms,
    )
    return cast("int", rows[0][0])


def end(job: str, number: int, outcome: str, message: int | None) -> Operation[None]:
    """Record how an attempt ended."""
    yield Statement(
        "UPDATE attempt SET outcome = $3, message = $4 WHERE job = $1 AND number = $2", job, number, outcome, message
    )


def of_job(job: str) -> Operation[tuple[Attempt, ...]]:
    """Return all attempts for a job, oldest first."""
    rows = yield Statement(
        "SELECT job, number, rung, at_ms, outcome, message FROM attempt WHERE job = $1 ORDER BY number", job
    )
    found = cast("list[tuple[str, int, str, int, str | None, int | None]]", rows)
    return tuple(Attempt(row[0], row[1], Rung(row[2]), *row[3:]) for row in found)
