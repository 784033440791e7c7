"""The tables `input_file` and `artefact`: the input files and the results of jobs."""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from bot.jobs.records import Artefact, StoredInput
from bot.storage.operation import Operation, Statement, select_in


def add_input(file: StoredInput) -> Operation[None]:
    """Record a copied file. Recording it again changes nothing."""
    yield Statement(
        "INSERT INTO input_file (job, slot, path, media, size, sha256, width, height, duration_ms) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (job, slot) DO NOTHING",
        file.job,
        file.slot,
        file.path,
        file.media,
        file.size,
        file.sha256,
        file.width,
        file.height,
        file.duration_ms,
    )


def inputs_of(job: str) -> Operation[tuple[StoredInput, ...]]:
    """Return the input files of a job that were copied into our store."""
    rows = yield Statement(
        "SELECT job, slot, path, media, size, sha256, width, height, duration_ms FROM input_file "
        "WHERE job = $1 ORDER BY slot",
        job,
    )
    found = cast("list[tuple[str, str, str, str, int, str, int | None, int | None, int | None]]", rows)
    return tuple(StoredInput(*row) for row in found)


def add_artefact(artefact: Artefact) -> Operation[None]:
    """Record a result. Recording it again changes nothing."""
    yield Statement(
        "INSERT INTO artefact (job, number, prediction, path, name, media, size, sha256, width, height, duration_ms) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT (job, number) DO NOTHING",
        artefact.job,
        artefact.number,
        artefact.prediction,
        artefact.path.as_posix(),
        artefact.name,
        artefact.media,
        artefact.size,
        artefact.sha256,
        artefact.width,
        artefact.height,
        artefact.duration_ms,
    )


def artefacts_of(job: str) -> Operation[tuple[Artefact, ...]]:
    """Return the results of a job that are in our store, by number. Their paths are relative to the store."""
    return (yield from artefacts_of_jobs([job]))[job]


def artefacts_of_jobs(jobs: Collection[str]) -> Operation[dict[str, tuple[Artefact, ...]]]:
    """Return the results of each of these jobs that are in our store, by number."""
    found: dict[str, tuple[Artefact, ...]] = dict.fromkeys(jobs, ())
    rows = yield from select_in(
        "SELECT job, number, prediction, path, name, media, size, sha256, width, height, duration_ms "
        "FROM artefact WHERE job IN ({keys}) AND removed_ms IS NULL ORDER BY job, number",
        jobs,
    )
    for row in cast("list[tuple[str, int, int, str, str, str, int, str, int | None, int | None, int | None]]", rows):
        found[row[0]] += (Artefact(*row[:3], Path(row[3]), *row[4:]),)
    return found


def is_kept(name: str) -> Operation[bool | None]:
    """Return whether an earlier file is still in our store; None if it never was.

    `name` is that of a result (`job/number`) or of an input file (`job:slot`).
    """
    job, slash, number = name.partition("/")
    if slash:
        rows = yield Statement("SELECT removed_ms FROM artefact WHERE job = $1 AND number = $2", job, int(number))
    else:
        job, _, slot = name.partition(":")
        rows = yield Statement("SELECT removed_ms FROM input_file WHERE job = $1 AND slot = $2", job, slot)
    return rows[0][0] is None if rows else None


@dataclass(frozen=True, slots=True)
class Outdated:
    """A file whose retention period is over: a result (`place` is its number) or an input file (its slot)."""

    job: str
    place: int | str
    path: str


def own_files(job: str) -> Operation[tuple[Outdated, ...]]:
    """Return the stored files of a job that no other job needs, apart from jobs that were taken down.

    Its results are always its own. A file that the job was made from may be another job's input as well, or another
    job's result: then that job removes it when its own turn comes.
    """
    results = yield Statement("SELECT job, number, path FROM artefact WHERE job = $1 AND removed_ms IS NULL", job)
    inputs = yield Statement(
        "SELECT i.job, i.slot, i.path FROM input_file i WHERE i.job = $1 AND i.removed_ms IS NULL AND NOT EXISTS "
        "(SELECT 1 FROM artefact a WHERE a.path = i.path AND a.removed_ms IS NULL) AND NOT EXISTS "
        "(SELECT 1 FROM input_file o JOIN job j ON j.id = o.job "
        "WHERE o.path = i.path AND o.job <> i.job AND o.removed_ms IS NULL AND j.taken_down = 0)",
        job,
    )
    return tuple(Outdated(*row) for row in cast("list[tuple[str, int | str, str]]", [*results, *inputs]))


def known_paths() -> Operation[frozenset[str]]:
    """Return the paths in the store of all results and input files."""
    rows = yield Statement("SELECT path FROM artefact UNION SELECT path FROM input_file")
    return frozenset(cast("str", row[0]) for row in rows)


FIRST = ("", 0)
"""The position before all results."""

FIRST_INPUT = ("", "")
"""The position before all input files."""


def outdated(before_ms: int, after: tuple[str, int], most: int) -> Operation[tuple[Outdated, ...]]:
    """Return results of ended jobs that have not changed since `before_ms`, unless a newer or unfinished job uses them.

    They come in the order of their jobs and numbers, from the one that follows `after`.

    A job that failed may have results too: those that were stored before it was given up, and that nobody paid for.
    """
    rows = yield Statement(
        "SELECT a.job, a.number, a.path FROM artefact AS a JOIN job AS j ON j.id = a.job "
        "WHERE a.removed_ms IS NULL AND j.updated_ms < $1 "
        "AND j.state IN ('done', 'undelivered', 'failed', 'cancelled', 'expired', 'orphaned') "
        "AND NOT EXISTS (SELECT 1 FROM input_file AS i JOIN job AS k ON k.id = i.job "
        "WHERE i.path = a.path AND (k.updated_ms >= $1 OR k.state IN ('accepted', 'waiting', 'running'))) "
        "AND (a.job, a.number) > ($2, $3) ORDER BY a.job, a.number LIMIT $4",
        before_ms,
        *after,
        most,
    )
    return tuple(Outdated(*row) for row in cast("list[tuple[str, int, str]]", rows))


def outdated_inputs(before_ms: int, after: tuple[str, str], most: int) -> Operation[tuple[Outdated, ...]]:
    """Return input files of ended jobs unchanged since `before_ms`, unless they are still a result or in use.

    They come in the order of their jobs and slots, from the one that follows `after`.
    The files of a failed job are kept just as long, because it may be run again.
    """
    rows = yield Statement(
        "SELECT i.job, i.slot, i.path FROM input_file AS i JOIN job AS j ON j.id = i.job "
        "WHERE i.removed_ms IS NULL AND j.updated_ms < $1 "
        "AND j.state IN ('done', 'undelivered', 'failed', 'cancelled', 'expired', 'orphaned') "
        "AND NOT EXISTS (SELECT 1 FROM artefact AS a WHERE a.path = i.path AND a.removed_ms IS NULL) "
        "AND NOT EXISTS (SELECT 1 FROM input_file AS o JOIN job AS k ON k.id = o.job "
        "WHERE o.path = i.path AND (k.updated_ms >= $1 OR k.state IN ('accepted', 'waiting', 'running'))) "
        "AND (i.job, i.slot) > ($2, $3) ORDER BY i.job, i.slot LIMIT $4",
        before_ms,
        *after,
        most,
    )
    return tuple(Outdated(*row) for row in cast("list[tuple[str, str, str]]", rows))


def mark_removed(file: Outdated, at_ms: int) -> Operation[None]:
    """Record that a file was removed."""
    table, column = ("input_file", "slot") if isinstance(file.place, str) else ("artefact", "number")
    yield Statement(
        f"UPDATE {table} SET removed_ms = $3 WHERE job = $1 AND {column} = $2 AND removed_ms IS NULL",  # noqa: S608 - our own names
        file.job,
        file.place,
        at_ms,
    )
