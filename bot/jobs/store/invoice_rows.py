"""Reads the rows that an invoice is compared with: the runs, the jobs that they belong to, and their losses."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import cast

from bot.storage.operation import Operation, Statement, select_in


@dataclass(frozen=True, slots=True)
class BilledJob:
    """A job that the provider may have billed: what its payer was charged, and what was recorded as a loss."""

    id: str
    short_id: str
    guild: int
    model: str
    captured_mcr: int
    lost_mcr: int
    ended: bool


_JOBS = (
    "SELECT j.id, j.short_id, j.guild, j.model, j.captured_mcr,"
    " COALESCE((SELECT CAST(SUM(amount_mcr) AS BIGINT) FROM loss WHERE loss.job = j.id), 0),"
    " CASE WHEN j.state IN ('accepted', 'waiting', 'running', 'collecting') THEN 0 ELSE 1 END"
    " FROM job AS j WHERE j.id IN ({keys})"
)


def jobs_of_runs(provider_ids: Collection[str]) -> Operation[dict[str, str]]:
    """Return the job of each of these runs that belongs to Easel."""
    rows = yield from select_in("SELECT provider_id, job FROM prediction WHERE provider_id IN ({keys})", provider_ids)
    return dict(cast("list[tuple[str, str]]", rows))


def runs_between(from_ms: int, until_ms: int) -> Operation[dict[str, str]]:
    """Return the runs that were submitted in a period, and their jobs."""
    rows = yield Statement(
        "SELECT provider_id, job FROM prediction WHERE submitted_ms >= $1 AND submitted_ms <= $2"
        " AND provider_id IS NOT NULL",
        *(from_ms, until_ms),
    )
    return dict(cast("list[tuple[str, str]]", rows))


def jobs(ids: Collection[str]) -> Operation[list[BilledJob]]:
    """Return the jobs with these ids."""
    rows = yield from select_in(_JOBS, ids)
    found = cast("list[tuple[str, str, int, str, int, int, int]]", rows)
    return [BilledJob(*row[:-1], ended=bool(row[-1])) for row in found]


def losses_between(from_ms: int, until_ms: int) -> Operation[list[tuple[str, int]]]:
    """Return the losses that were recorded in a period, by model."""
    rows = yield Statement(
        "SELECT j.model, CAST(SUM(l.amount_mcr) AS BIGINT) FROM loss AS l JOIN job AS j ON j.id = l.job"
        " WHERE l.at_ms >= $1 AND l.at_ms < $2 GROUP BY j.model ORDER BY j.model",
        *(from_ms, until_ms),
    )
    return cast("list[tuple[str, int]]", rows)
