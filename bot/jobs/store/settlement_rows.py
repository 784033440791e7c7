"""Reads what happened to jobs' credits since the last read, for metrics: holds, captures, releases, refunds and losses.

The ids of transfers only grow, and no transfer changes. So a reader that remembers the last id it read gets each event
at most once, without reading earlier ones. SQLite has one writer, so its ids grow in the order of commits and none is
missed. PostgreSQL has several: a transfer that commits after a later one was read is missed. A job has one hold and
ends with one capture or release, and all its losses are recorded by then.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from bot.ledger import transfer_pages
from bot.ledger.ledger_records import TransferKind
from bot.storage.operation import Operation, Row, Statement

PAGE = 2_000
"""How many transfers one read covers, so that none takes a long time."""


@dataclass(frozen=True, slots=True)
class SettledJobs:
    """The effect of one kind of transfer on the jobs of one model. Amounts are in milli-credits.

    `state` and `failure` are those of jobs that ended; the failure is the key of an error, empty if there is none.
    `moved_mcr` is what was held, taken, released or given back, and `rest_mcr` what a capture left of its holds.
    """

    kind: TransferKind
    model: str
    state: str
    failure: str
    jobs: int
    moved_mcr: int
    rest_mcr: int


@dataclass(frozen=True, slots=True)
class EndedLoss:
    """The losses for one reason in jobs that have ended. Another version may have recorded the reason."""

    reason: str
    amount_mcr: int


@dataclass(frozen=True, slots=True)
class SettlementPage:
    """The effect of the transfers after one id, up to and including `last`. `more` says if there are later ones."""

    last: int
    more: bool
    settlements: Sequence[SettledJobs]
    losses: Sequence[EndedLoss]


# Grouped here, so that a burst of jobs yields only a few rows. The end of a hold names its job, and that job's state is
# the one that the same transaction has set: those without a result no longer change.
_SETTLEMENTS = (
    "SELECT t.kind, j.model, j.state, COALESCE(j.failure_key, ''), COUNT(*), CAST(SUM(t.amount) AS BIGINT),"
    " CAST(SUM(CASE t.kind WHEN 'post' THEN h.amount - t.amount ELSE 0 END) AS BIGINT)"
    " FROM transfer AS t JOIN job AS j ON j.id = t.job LEFT JOIN transfer AS h ON h.id = t.pending_id"
    " WHERE t.id > $1 AND t.id <= $2 GROUP BY t.kind, j.model, j.state, j.failure_key"
)
_LOSSES = (
    "SELECT l.reason, CAST(SUM(l.amount_mcr) AS BIGINT) FROM transfer AS t JOIN loss AS l ON l.job = t.job"
    " WHERE t.id > $1 AND t.id <= $2 AND t.kind IN ('post', 'void') GROUP BY l.reason"
)


def since(last: int) -> Operation[SettlementPage]:
    """Return what the next transfers after this id did."""
    newest = yield from transfer_pages.newest()
    until = min(newest, last + PAGE)
    if until <= last:
        return SettlementPage(last, False, (), ())
    settled = yield Statement(_SETTLEMENTS, last, until)
    lost = yield Statement(_LOSSES, last, until)
    losses = [EndedLoss(*row) for row in cast("list[tuple[str, int]]", lost)]
    return SettlementPage(until, until < newest, [_settlement(row) for row in settled], losses)


def _settlement(row: Row) -> SettledJobs:
    kind, model, state, failure, jobs, moved_mcr, rest_mcr = cast("tuple[str, str, str, str, int, int, int]", row)
    return SettledJobs(TransferKind(kind), model, state, failure, jobs, moved_mcr, rest_mcr)
