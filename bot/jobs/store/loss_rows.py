"""The table `loss`: runs that the provider may have charged to the operator without a member paying.

The actual charge is not known, so each row is an upper bound at the quoted price.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import cast

from bot.storage.operation import Operation, Statement


class LossReason(StrEnum):
    """The reason why no member paid."""

    FAILED = "failed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    LATE = "late"
    """It succeeded, but only after cancelling had been requested."""
    LOST = "lost"
    WITHHELD = "withheld"
    """It succeeded with fewer results than ordered, or with unusable ones."""


def record(job: str, prediction: int, reason: LossReason, at_ms: int, results: int | None = None) -> Operation[None]:
    """Record the loss of all results of a prediction, or of `results` of them. Only the first reason is stored."""
    rows = yield Statement(
        "SELECT j.held_mcr, p.expected, (SELECT SUM(expected) FROM prediction WHERE job = j.id) "
        "FROM job j JOIN prediction p ON p.job = j.id WHERE j.id = $1 AND p.number = $2",
        job,
        prediction,
    )
    held_mcr, expected, outputs = cast("tuple[int, int, int]", rows[0])
    # A run is at most one loss: recording it again, for example after a crash, must not count it twice.
    yield Statement(
        "INSERT INTO loss (job, prediction, reason, amount_mcr, at_ms) VALUES ($1, $2, $3, $4, $5) "
        "ON CONFLICT (job, prediction) DO NOTHING",
        job,
        prediction,
        reason,
        _share(held_mcr, expected if results is None else results, outputs),
        at_ms,
    )


@dataclass(frozen=True, slots=True)
class Loss:
    """The total of the losses for one reason: the number of runs, and at most this many milli-credits.

    Another version of Easel may have recorded a reason that is not a LossReason.
    """

    reason: str
    runs: int
    amount_mcr: int


def by_reason() -> Operation[tuple[Loss, ...]]:
    """Return the totals of all losses so far, by reason."""
    rows = yield Statement(
        "SELECT reason, COUNT(*), CAST(SUM(amount_mcr) AS BIGINT) FROM loss GROUP BY reason ORDER BY reason"
    )
    found = cast("list[tuple[str, int, int]]", rows)
    return tuple(Loss(*row) for row in found)


def _share(quote_mcr: int, results: int, outputs: int) -> int:
    """Return the quoted price of this many of an order's results, rounded up."""
    return -(-quote_mcr * results // outputs)
