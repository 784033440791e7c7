"""The table `duration`: how long recent runs took, for each model and size."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Self, cast

from bot.catalogue import serial
from bot.catalogue.order import Order
from bot.catalogue.plan import Plan
from bot.catalogue.serial import UnknownForm
from bot.jobs import durations
from bot.jobs.durations import Range, RunTimes, Usual
from bot.storage.operation import Operation, Statement


def learn(job: str, number: int, *, longest_ms: int) -> Operation[None]:
    """Store how long a run took, once, if it succeeded and the provider's times are plausible.

    Times that add up to more than `longest_ms`, the time that the job has been running, are wrong (because of a wrong
    time zone, for example).
    """
    rows = yield Statement(
        "SELECT j.model, j.ordered, j.planned, p.created_ms, COALESCE(p.started_ms, p.created_ms), p.completed_ms "
        "FROM prediction p JOIN job j ON j.id = p.job WHERE p.job = $1 AND p.number = $2 AND p.state = 'succeeded' "
        "AND p.created_ms <= p.completed_ms AND COALESCE(p.started_ms, p.created_ms) "
        "BETWEEN p.created_ms AND p.completed_ms AND p.completed_ms - p.created_ms <= $3",
        job,
        number,
        longest_ms,
    )
    if not rows:
        return
    model, ordered, planned, created_ms, started_ms, completed_ms = cast("tuple[str, str, str, int, int, int]", rows[0])
    try:
        size = durations.size_class(serial.load_order(ordered), serial.load_plan(planned), number)
    except UnknownForm:  # the end of a run is stored in the same transaction, and matters more than its duration
        return
    yield Statement(
        "INSERT INTO duration (model, size, job, prediction, start_ms, run_ms) VALUES ($1, $2, $3, $4, $5, $6) "
        "ON CONFLICT (job, prediction) DO NOTHING",
        model,
        size,
        job,
        number,
        started_ms - created_ms,
        completed_ms - started_ms,
    )
    # Deleted with each insert, so that the table stays small without a separate loop.
    yield Statement(
        "DELETE FROM duration WHERE model = $1 AND size = $2 AND id <= "
        "(SELECT id FROM duration WHERE model = $1 AND size = $2 ORDER BY id DESC LIMIT 1 OFFSET $3)",
        model,
        size,
        durations.MAX_RUNS,
    )


@dataclass(frozen=True, slots=True)
class Kind:
    """A group of jobs that should take equally long: one model and size class, with `runs` parallel runs."""

    model: str
    size: str
    runs: int = 1

    @classmethod
    def of(cls, order: Order, plan: Plan) -> Self:
        """Return the kind of a job. Durations are stored under the name by which the model was ordered."""
        return cls(order.model, durations.size_class(order, plan, 1), len(plan.requests))


@dataclass(frozen=True, slots=True)
class Newest:
    """The id of the newest run of a kind, 0 if none is known, and how many runs are newer than the known ones."""

    number: int
    newer: int


def usual(kind: Kind) -> Operation[Usual | None]:
    """Return how long jobs of this kind usually take; None if too few runs are known."""
    return (yield from usual_of_kinds([kind]))[kind]


def usual_of_kinds(kinds: Collection[Kind]) -> Operation[dict[Kind, Usual | None]]:
    """Return how long jobs of each of these kinds usually take; None if too few runs are known."""
    took: dict[tuple[str, str], list[RunTimes]] = {(kind.model, kind.size): [] for kind in kinds}
    pairs = list(took)
    if pairs:
        either = " OR ".join(
            f"(model = ${2 * number + 1} AND size = ${2 * number + 2})" for number in range(len(pairs))
        )
        # No limit for each kind: `learn` keeps no more than durations.MAX_RUNS rows of it.
        rows = yield Statement(
            f"SELECT model, size, start_ms, run_ms FROM duration WHERE {either}",  # noqa: S608 - placeholders only
            *(value for pair in pairs for value in pair),
        )
        for model, size, start_ms, run_ms in cast("list[tuple[str, str, int, int]]", rows):
            took[model, size].append(RunTimes(start_ms / 1_000, run_ms / 1_000))
    return {kind: durations.usual(took[kind.model, kind.size], runs=kind.runs) for kind in kinds}


def newest(known: Mapping[Kind, int]) -> Operation[dict[Kind, Newest]]:
    """Return the id of the newest run of each of these kinds, and how many runs have come after the known ones."""
    kinds = list(known)
    if not kinds:
        return {}
    columns = ", ".join(
        f"(SELECT MAX(id) FROM duration WHERE model = ${at} AND size = ${at + 1}), "  # noqa: S608 - placeholders only
        f"(SELECT COUNT(*) FROM duration WHERE model = ${at} AND size = ${at + 1} AND id > ${at + 2})"
        for at in range(1, 3 * len(kinds), 3)
    )
    (row,) = yield Statement(
        f"SELECT {columns}", *(value for kind in kinds for value in (kind.model, kind.size, known[kind]))
    )
    found = cast("Sequence[int | None]", row)
    return {kind: Newest(found[2 * at] or 0, found[2 * at + 1] or 0) for at, kind in enumerate(kinds)}


def took(model: str, size: str | None) -> Operation[list[RunTimes]]:
    """Return how long the newest runs of a model took, of all sizes unless one is given."""
    rows = yield Statement(
        "SELECT start_ms, run_ms FROM duration WHERE model = $1 AND (CAST($2 AS TEXT) IS NULL OR size = $2) "
        "ORDER BY id DESC LIMIT $3",
        model,
        size,
        durations.MAX_RUNS,
    )
    return [RunTimes(start_ms / 1_000, run_ms / 1_000) for start_ms, run_ms in cast("list[tuple[int, int]]", rows)]


def usual_of_models() -> Operation[Mapping[str, Range]]:
    """Return the usual range for each model's most frequent size, by the same ranks as `durations.usual`.

    Models with too few known runs are left out. One statement computes the ranks of all models, because autocomplete
    lists them all.
    """
    rows = yield Statement(
        "SELECT model, took_ms FROM (SELECT model, size, start_ms + run_ms AS took_ms, "
        "ROW_NUMBER() OVER (PARTITION BY model, size ORDER BY start_ms + run_ms) AS place, "
        "COUNT(*) OVER (PARTITION BY model, size) AS known FROM duration) AS ranked WHERE known >= $1 AND place IN ("
        "CASE WHEN (known + 1) * $2 < 100 THEN 1 ELSE (known + 1) * $2 / 100 END, (known + 2) / 2, "
        "CASE WHEN (known + 1) * $3 > known * 100 THEN known ELSE ((known + 1) * $3 + 99) / 100 END) "
        "ORDER BY model, known DESC, size, place",
        durations.MIN_RUNS,
        round(100 * durations.EARLY),
        round(100 * durations.LATE),
    )
    took: dict[str, list[float]] = {}
    for model, took_ms in cast("list[tuple[str, int]]", rows):
        took.setdefault(model, []).append(took_ms / 1_000)
    return {model: Range(*times[:3]) for model, times in took.items()}
