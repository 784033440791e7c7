"""The table `lineage`: the result that each job was made from."""

from collections.abc import Collection
from typing import cast

from bot.catalogue import serial
from bot.catalogue.order import Order
from bot.catalogue.serial import UnknownForm
from bot.jobs.limits import SAME_PRESS_MS
from bot.jobs.records import Lineage, Origin, Parent, Relation
from bot.storage.operation import Operation, Statement, select_in


def insert(job: str, parent: Parent | None) -> Operation[None]:
    """Store the result that a job was made from, if there is one."""
    if parent is not None:
        yield Statement(
            "INSERT INTO lineage (job, parent, relation, picture) VALUES ($1, $2, $3, $4)",
            job,
            parent.source,
            parent.relation,
            parent.picture,
        )


def duplicate(origin: Origin, order: Order) -> Operation[str | None]:
    """Return the job that the same press made a moment ago: same member, same picture, same prompt, text and voice.

    Each press is a separate interaction, so the order key cannot detect this. A job that has ended without a result
    does not count, because pressing again then means trying again.
    """
    parent = origin.parent
    if parent is None:
        return None
    # Compared by Discord's clock, which dated both presses: the local clock may have been adjusted in between.
    rows = yield Statement(
        "SELECT j.id, j.ordered FROM lineage l JOIN job j ON j.id = l.job WHERE l.parent = $1 AND l.relation = $2 "
        "AND l.picture = $3 AND j.member = $4 AND abs(j.token_created_ms - $5) < $6 "
        "AND j.state NOT IN ('failed', 'cancelled', 'expired', 'orphaned') ORDER BY j.created_ms DESC",
        parent.source,
        parent.relation,
        parent.picture,
        origin.member,
        origin.created_ms,
        SAME_PRESS_MS,
    )
    texts = cast("list[tuple[str, str]]", rows)
    return next((job for job, before in texts if _same_texts(before, order)), None)


def _same_texts(stored: str, order: Order) -> bool:
    try:
        return _typed_texts(serial.load_order(stored)) == _typed_texts(order)
    except UnknownForm:  # an order that another version stored must not stop this one
        return False


def _typed_texts(order: Order) -> tuple[str | None, ...]:
    return order.prompt, order.text, order.voice


def family(job: str) -> Operation[tuple[str, ...]]:
    """Return a job and all jobs of its guild that were made from its result, directly or not, oldest first.

    An order may also use an earlier result as one of several files, so the files that jobs used are followed too.
    """
    rows = yield Statement(
        # Each of the family's jobs is followed both ways at once: PostgreSQL lets a recursion mention itself only once.
        "WITH RECURSIVE family (id) AS (SELECT id FROM job WHERE id = $1 UNION SELECT COALESCE(l.job, i.job) "
        "FROM family f CROSS JOIN (SELECT 1 AS number UNION ALL SELECT 2) AS way "
        "LEFT JOIN lineage l ON way.number = 1 AND l.parent = f.id "
        "LEFT JOIN artefact a ON way.number = 2 AND a.job = f.id "
        "LEFT JOIN input_file i ON i.path = a.path AND i.job <> f.id WHERE l.job IS NOT NULL OR i.job IS NOT NULL) "
        "SELECT j.id FROM family CROSS JOIN job j WHERE j.id = family.id "
        "AND j.guild = (SELECT guild FROM job WHERE id = $1) ORDER BY j.created_ms, j.id",
        job,
    )
    return tuple(cast("str", row[0]) for row in rows)


def of_jobs(jobs: Collection[str]) -> Operation[dict[str, Lineage]]:
    """Return the result that each of these jobs was made from; jobs without one are left out.

    A parent's short id is None if its own record is gone.
    """
    rows = yield from select_in(
        "SELECT l.job, l.parent, l.relation, l.picture, p.short_id FROM lineage l LEFT JOIN job p ON p.id = l.parent "
        "WHERE l.job IN ({keys})",
        jobs,
    )
    return {
        job: Lineage(Parent(source, Relation(relation), picture), short_id)
        for job, source, relation, picture, short_id in cast("list[tuple[str, str, str, int, str | None]]", rows)
    }
