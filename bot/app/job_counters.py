"""Counts what happens to jobs and their credits, for metrics, from the transfers of the ledger.

Every job has one hold and one end in the ledger, written by the transaction that accepts or ends it. So counting them
counts each job once, no matter which part of the bot ended it. The counters begin at 0 with each process; earlier
events are not read.
"""

from collections.abc import Collection

from bot.errors import InternalError, RunFailed, StorageError, TooLate, UnusableFile
from bot.jobs.records import WITHOUT_RESULT
from bot.jobs.store import settlement_rows
from bot.jobs.store.loss_rows import LossReason
from bot.jobs.store.settlement_rows import SettledJobs
from bot.ledger import transfer_pages
from bot.ledger.ledger_records import TransferKind
from bot.money import MILLI_PER_CREDIT
from bot.storage.operation import Database

SUCCEEDED = "succeeded"
OUTCOMES = (SUCCEEDED, *sorted(state.value for state in WITHOUT_RESULT))
FAILURES = (RunFailed, InternalError, StorageError, TooLate, UnusableFile)
"""The errors with which jobs end, and those that are derived from them."""

OTHER = "other"
"""The label for anything this version does not know, such as a reason for a loss that another version recorded."""


class JobCounters:
    """The counts since `begin`. Credits are whole numbers of milli-credits until they are read."""

    def __init__(self, database: Database, models: Collection[str]) -> None:
        """Count separately for each of these models."""
        self._database = database
        self._last = 0
        # All labels exist from the start: if a counter first appears with an event, Prometheus does not see it rise.
        self.orders: dict[str, int] = dict.fromkeys((*models, OTHER), 0)
        self.ended = {(model, outcome): 0 for model in (*models, OTHER) for outcome in OUTCOMES}
        self.failures: dict[str, int] = dict.fromkeys((*_failures(), OTHER), 0)
        self._mcr: dict[str, int] = dict.fromkeys(("held", "captured", "released", "refunded"), 0)
        self._lost_mcr: dict[str, int] = dict.fromkeys((*(reason.value for reason in LossReason), OTHER), 0)

    async def begin(self) -> None:
        """Count from now on. No job may have been accepted or ended before."""
        self._last = await self._database.read(transfer_pages.newest)

    async def read(self) -> None:
        """Count the transfers since the last call."""
        more = True
        while more:
            page = await self._database.read(lambda: settlement_rows.since(self._last))
            # Nothing is awaited from here on, so a scrape that is abandoned counts a page as a whole or not at all.
            self._last, more = page.last, page.more
            for one in page.settlements:
                self._add(one)
            for loss in page.losses:
                self._lost_mcr[_known(loss.reason, self._lost_mcr)] += loss.amount_mcr

    def credits(self, movement: str) -> float:
        """Return how many credits were `held`, `captured`, `released` or `refunded`."""
        return self._mcr[movement] / MILLI_PER_CREDIT

    def lost(self) -> dict[str, float]:
        """Return how many credits were lost in jobs that have ended, by reason."""
        return {reason: mcr / MILLI_PER_CREDIT for reason, mcr in self._lost_mcr.items()}

    def _add(self, one: SettledJobs) -> None:
        model = _known(one.model, self.orders)
        match one.kind:
            case TransferKind.PENDING:
                self.orders[model] += one.jobs
                self._mcr["held"] += one.moved_mcr
            case TransferKind.POST:
                self.ended[model, SUCCEEDED] += one.jobs
                self._mcr["captured"] += one.moved_mcr
                self._mcr["released"] += one.rest_mcr
            case TransferKind.VOID:
                self.ended[model, one.state] += one.jobs
                self.failures[_known(one.failure, self.failures)] += one.jobs
                self._mcr["released"] += one.moved_mcr
            case TransferKind.DIRECT:
                self._mcr["refunded"] += one.moved_mcr


def _failures() -> list[str]:
    """Return the keys of the errors with which jobs end."""
    return [kind().key for root in FAILURES for kind in root.family()]


def _known(label: str, labels: Collection[str]) -> str:
    return label if label in labels else OTHER
