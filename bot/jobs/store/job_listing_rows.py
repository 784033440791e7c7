"""Queries over many rows of the table `job`: which jobs a list shows, and what it shows of each.

A list finds its jobs with an index that is in the list's order, so reading a list costs the same however many jobs
there are.
"""

# ruff: noqa: S608 - only constants of this module and of job_rows are put into SQL texts; values are parameters
import logging
from collections.abc import Collection
from dataclasses import dataclass
from typing import cast

from bot.catalogue import serial
from bot.catalogue.order import Task
from bot.jobs.job_lines import JobLine
from bot.jobs.records import TERMINAL, Rung, State, Visibility
from bot.jobs.store.job_rows import IN_PROGRESS, listed
from bot.storage.operation import Operation, Row, Statement, select_in

ENDED = "state IN ('done', 'undelivered', 'failed', 'cancelled', 'expired', 'orphaned')"
"""The condition of the indexes of ended jobs, to be added to queries for one of these states."""

_LINE = (
    "id, short_id, guild, channel, member, state, captured_mcr, task, model, ordered, "
    "visibility, shown_rung, removed_by, taken_down"
)
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Listed:
    """A job in a list, and the time by which the list is sorted."""

    id: str
    created_ms: int


def newest_of_member(guild: int, member: int, states: Collection[State], limit: int) -> Operation[list[Listed]]:
    """Return a member's jobs in these states, newest first."""
    statement = Statement(_newest("guild = $1 AND member = $3", states), guild, limit, member)
    return _listed((yield statement))


def newest_of_guild(
    guild: int, member: int | None, states: Collection[State], since_ms: int, limit: int
) -> Operation[list[Listed]]:
    """Return the jobs of a guild, or of one of its members, from this time on and in these states, newest first."""
    if member is None:
        statement = Statement(_newest("guild = $1 AND created_ms >= $3", states), guild, limit, since_ms)
    else:
        of_member = "guild = $1 AND member = $4 AND created_ms >= $3"
        statement = Statement(_newest(of_member, states), guild, limit, since_ms, member)
    return _listed((yield statement))


def kept_of_member(guild: int, member: int, limit: int) -> Operation[list[Listed]]:
    """Return a member's newest undelivered jobs that have results to show, newest first."""
    rows = yield Statement(
        "SELECT id, created_ms FROM (SELECT id, created_ms FROM job WHERE guild = $1 AND member = $3 "
        f"AND state = 'undelivered' AND {ENDED} ORDER BY created_ms DESC, id DESC LIMIT $2) AS newest "
        # Without files there is nothing left to show: retention has removed them.
        "WHERE EXISTS (SELECT 1 FROM artefact a WHERE a.job = newest.id AND a.removed_ms IS NULL) "
        "ORDER BY created_ms DESC, id DESC",
        guild,
        limit,
        member,
    )
    return _listed(rows)


def lines(jobs: Collection[str]) -> Operation[tuple[JobLine, ...]]:
    """Return the lines of these jobs in this order, leaving out those that are gone or cannot be read."""
    rows = yield from select_in(f"SELECT {_LINE} FROM job WHERE id IN ({{keys}})", jobs)
    found = {cast("str", row[0]): row for row in rows}
    made = (_line(found[job]) for job in jobs if job in found)
    return tuple(line for line in made if line is not None)


def _line(row: Row) -> JobLine | None:
    try:
        return JobLine(
            *cast("tuple[str, str, int, int, int]", tuple(row[:5])),
            state=State(cast("str", row[5])),
            captured_mcr=cast("int", row[6]),
            task=Task(cast("str", row[7])),
            model=cast("str", row[8]),
            words=serial.load_words(cast("str", row[9])),
            visibility=Visibility(cast("str", row[10])),
            shown_by=None if row[11] is None else Rung(cast("str", row[11])),
            removed_by=cast("int", row[12]),
            taken_down=cast("int", row[13]),
        )
    except ValueError as error:
        log.error("job %s is left out of a list: %s", row[0], error)  # noqa: TRY400 - the error says it all
        return None


def _newest(who: str, states: Collection[State]) -> str:
    """Return the query for the newest $2 jobs of someone.

    Each ended state has its own part of the query, because an index orders the jobs of one state by time, but not those
    of several states. Unfinished jobs are few, so all of them are sorted.
    """
    if set(states) == set(State):
        return _part(f"SELECT id, created_ms FROM job WHERE {who}")
    ended = [state for state in sorted(states) if state in TERMINAL]
    parts = [_part(f"SELECT id, created_ms FROM job WHERE {who} AND state = '{one}' AND {ENDED}") for one in ended]
    if live := set(states) - TERMINAL:
        # `created_ms + 0` keeps SQLite from reading all jobs that ever existed, in order of creation.
        which = f"{who.replace('created_ms', 'created_ms + 0')} AND {_any_of(live)}"
        parts.append(f"SELECT id, created_ms FROM job WHERE {which} ORDER BY created_ms + 0 DESC, id DESC LIMIT $2")
    if len(parts) == 1:
        return parts[0]
    every = " UNION ALL ".join(
        f"SELECT id, created_ms FROM ({part}) AS part{number}" for number, part in enumerate(parts)
    )
    return _part(f"SELECT id, created_ms FROM ({every}) AS found")


def _part(query: str) -> str:
    return f"{query} ORDER BY created_ms DESC, id DESC LIMIT $2"


def _any_of(live: Collection[State]) -> str:
    """Return the condition that a job is in one of these states, in a form for which SQLite uses an index."""
    if len(live) == 1:
        return f"state = '{next(iter(live)).value}' AND {IN_PROGRESS}"  # no index is used for `IN` with one state
    return f"state IN ({listed(live)}) AND {IN_PROGRESS}"


def _listed(rows: Collection[Row]) -> list[Listed]:
    return [Listed(*cast("tuple[str, int]", tuple(row))) for row in rows]
