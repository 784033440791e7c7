"""The table `takedown`: what is left to do for results that moderators took down."""

from dataclasses import dataclass
from typing import cast

from bot.catalogue import serial
from bot.catalogue.order import without_texts
from bot.catalogue.plan import without_bodies
from bot.jobs.store.due_jobs import Due
from bot.jobs.store.pause_rows import Step, paused_until
from bot.storage.operation import Operation, Statement


@dataclass(frozen=True, slots=True)
class Takedown:
    """The takedown of one job. `refund` is whether its payer gets the charge back; `actor` is the moderator."""

    refund: bool
    actor: int
    erased: bool


@dataclass(frozen=True, slots=True)
class Payment:
    """The amount captured for a job, in milli-credits, and its payer; 0 is the guild's pool."""

    guild: int
    payer: int
    captured_mcr: int


def take_down(job: str, case: int, by: int, at_ms: int) -> Operation[Payment | None]:
    """Record the case that takes a job's result down, and return the payment; None if another case already has."""
    rows = yield Statement(
        "UPDATE job SET taken_down = $2, removed_by = $3, removed_ms = $4 WHERE id = $1 AND taken_down = 0 "
        "RETURNING guild, payer, captured_mcr",
        job,
        case,
        by,
        at_ms,
    )
    return Payment(*cast("tuple[int, int, int]", rows[0])) if rows else None


def paid(job: str) -> Operation[Payment]:
    """Return what was paid for a job."""
    rows = yield Statement("SELECT guild, payer, captured_mcr FROM job WHERE id = $1", job)
    return Payment(*cast("tuple[int, int, int]", rows[0]))


def erase_texts(job: str) -> Operation[None]:
    """Erase a job's texts: what its member wrote, and what the provider was sent and answered. Its price stays."""
    rows = yield Statement("SELECT ordered, planned FROM job WHERE id = $1", job)
    yield from store_texts(job, *erased_texts(*cast("tuple[str, str]", rows[0])))
    yield Statement("UPDATE prediction SET outputs = '[]' WHERE job = $1", job)


def erased_texts(ordered: str, planned: str) -> tuple[str, str]:
    """Return an order and a plan without texts. Raises UnknownForm if this version cannot read them."""
    return (
        serial.dump_order(without_texts(serial.load_order(ordered))),
        serial.dump_plan(without_bodies(serial.load_plan(planned))),
    )


def store_texts(job: str, ordered: str, planned: str) -> Operation[None]:
    """Replace the order and the plan of a job."""
    yield Statement("UPDATE job SET ordered = $2, planned = $3 WHERE id = $1", job, ordered, planned)


def begin(job: str, *, refund: bool, by: int, at_ms: int) -> Operation[None]:
    """Record that a result is to be taken down."""
    yield Statement(
        "INSERT INTO takedown (job, refund, actor, at_ms) VALUES ($1, $2, $3, $4) ON CONFLICT (job) DO NOTHING",
        job,
        int(refund),
        by,
        at_ms,
    )


def left(job: str) -> Operation[Takedown | None]:
    """Return the takedown of a job; None if there is nothing left to do."""
    rows = yield Statement("SELECT refund, actor, erased FROM takedown WHERE job = $1 AND done = 0", job)
    if not rows:
        return None
    refund, actor, erased = cast("tuple[int, int, int]", rows[0])
    return Takedown(bool(refund), actor, bool(erased))


def erased(job: str) -> Operation[None]:
    """Record that a job's files and texts are erased."""
    yield Statement("UPDATE takedown SET erased = 1 WHERE job = $1", job)


def done(job: str) -> Operation[None]:
    """Record that nothing is left to do."""
    yield Statement("UPDATE takedown SET done = 1 WHERE job = $1", job)


def due(limit: int) -> Operation[list[Due]]:
    """Return the jobs whose takedown is not finished."""
    paused = paused_until(Step.TAKEDOWN)
    rows = yield Statement(
        f"SELECT j.job, {paused.replace('j.id', 'j.job')} AS at_ms FROM takedown j WHERE j.done = 0 "  # noqa: S608 - constants
        "ORDER BY at_ms LIMIT $1",
        limit,
    )
    return [Due(*cast("tuple[str, int]", row)) for row in rows]
