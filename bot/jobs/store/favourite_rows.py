"""The table `favourite`: the jobs that members marked."""

from collections.abc import Collection
from typing import cast

from bot.storage.operation import Operation, Statement, select_in


def mark(job: str, member: int, at_ms: int) -> Operation[None]:
    """Mark a job for a member. Nothing changes if it is marked already or its record is gone."""
    # Selected from `job`, so that marking a deleted job inserts nothing instead of violating the foreign key.
    yield Statement(
        "INSERT INTO favourite (member, job, at_ms) SELECT CAST($2 AS BIGINT), id, CAST($3 AS BIGINT) FROM job "
        "WHERE id = $1 ON CONFLICT (member, job) DO NOTHING",
        job,
        member,
        at_ms,
    )


def unmark(job: str, member: int) -> Operation[None]:
    """Remove a member's mark."""
    yield Statement("DELETE FROM favourite WHERE job = $1 AND member = $2", job, member)


def is_marked(job: str, member: int) -> Operation[bool]:
    """Return whether a member marked this job."""
    rows = yield Statement("SELECT 1 FROM favourite WHERE job = $1 AND member = $2", job, member)
    return bool(rows)


def marked(jobs: Collection[str], member: int) -> Operation[frozenset[str]]:
    """Return the jobs among these that a member marked."""
    rows = yield from select_in("SELECT job FROM favourite WHERE job IN ({keys}) AND member = $1", jobs, member)
    return frozenset(cast("str", row[0]) for row in rows)


def newest(guild: int, member: int, most: int) -> Operation[list[str]]:
    """Return the jobs of a guild that a member marked, newest first."""
    rows = yield Statement(
        # `guild + 0` keeps SQLite from reading all jobs of the guild: few of them are favourites.
        "SELECT f.job FROM favourite f JOIN job j ON j.id = f.job WHERE f.member = $1 AND j.guild + 0 = $2 "
        "ORDER BY j.created_ms DESC, j.id DESC LIMIT $3",
        member,
        guild,
        most,
    )
    return [cast("str", row[0]) for row in rows]
