"""Compares a provider's invoice with what jobs were charged for and what was recorded as lost."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from bot.jobs.store import invoice_rows
from bot.jobs.store.invoice_rows import BilledJob
from bot.money import CREDITS_PER_USD, MILLI_PER_CREDIT
from bot.storage.operation import Database

TOLERANCE_USD = Fraction(1, 10_000)
"""Invoices are rounded, so a difference of up to this much per job is ignored."""

ABOUT_MS = 60_000
"""The provider's clock may differ from ours by this much."""


@dataclass(frozen=True, slots=True)
class InvoicedRun:
    """A line of an invoice: the provider's id of a run, and what it cost in US dollars; None if that is unknown."""

    id: str
    usd: Fraction | None
    at_ms: int | None


@dataclass(frozen=True, slots=True)
class InvoicedJob:
    """A job and its lines on the invoice. `usd` is None if the cost of any of its runs is unknown.

    `expected_usd` is what its runs should have cost: the captured and lost amounts, without the operator's margin.
    """

    job: BilledJob
    usd: Fraction | None
    expected_usd: Fraction

    @property
    def difference_usd(self) -> Fraction | None:
        """The amount by which the invoice exceeds the expected cost; None if that is unknown."""
        return None if self.usd is None else self.usd - self.expected_usd


@dataclass(frozen=True, slots=True)
class InvoiceComparison:
    """The comparison of an invoice. `jobs` is the number of ended jobs that it lists, `running` that of the others.

    Jobs whose cost differs are sorted, the largest difference first; `unknown` are those with an unknown cost.
    `missing` are jobs that the invoice does not list, although it covers their time; None if it states no times.
    `foreign` are lines of runs that are not Easel's, and `unnamed` lines without a run, such as totals.
    """

    jobs: int
    running: int
    differing: Sequence[InvoicedJob]
    unknown: Sequence[InvoicedJob]
    missing: Sequence[InvoicedJob] | None
    foreign: Sequence[InvoicedRun]
    unnamed: Sequence[InvoicedRun]
    captured_mcr: int
    lost_mcr: int


class InvoiceReconciliation:
    """Finds the jobs that an invoice lists. `margin_of` returns the operator's margin on a model (0.2 is 20 %)."""

    def __init__(self, database: Database, margin_of: Callable[[str], Fraction]) -> None:
        self._database = database
        self._margin_of = margin_of

    async def compare(self, lines: Sequence[InvoicedRun]) -> InvoiceComparison:
        """Compare the lines of an invoice that lists runs."""
        named = [line for line in lines if line.id]
        ids = {line.id for line in named}
        job_of = await self._database.read(lambda: invoice_rows.jobs_of_runs(ids))
        times = [line.at_ms for line in named if line.at_ms is not None]
        covered = await self._runs_between(times)
        absent = set(covered.values()) - set(job_of.values())
        found = await self._database.read(lambda: invoice_rows.jobs({*job_of.values(), *absent}))
        costs = _costs(named, job_of)
        beside = [self._beside(job, costs.get(job.id)) for job in found if job.ended]
        invoiced = [one for one in beside if one.job.id in costs]
        differing = [one for one in invoiced if _differs(one)]
        missing = [one for one in beside if one.job.id not in costs and one.expected_usd]
        return InvoiceComparison(
            jobs=len(invoiced),
            running=len([job for job in found if not job.ended and job.id in costs]),
            differing=sorted(differing, key=lambda one: (-abs(one.difference_usd or 0), one.job.id)),
            unknown=sorted((one for one in invoiced if one.usd is None), key=lambda one: one.job.id),
            missing=sorted(missing, key=lambda one: (-one.expected_usd, one.job.id)) if times else None,
            foreign=[line for line in named if line.id not in job_of],
            unnamed=[line for line in lines if not line.id],
            captured_mcr=sum(one.job.captured_mcr for one in invoiced),
            lost_mcr=sum(one.job.lost_mcr for one in invoiced),
        )

    async def losses(self, from_ms: int, until_ms: int) -> Sequence[tuple[str, int]]:
        """Return the losses recorded in a period, by model, in milli-credits."""
        return await self._database.read(lambda: invoice_rows.losses_between(from_ms, until_ms))

    def expected_usd(self, model: str, amount_mcr: int) -> Fraction:
        """Return what the provider should have charged for this amount, which includes the operator's margin."""
        return Fraction(amount_mcr) / (CREDITS_PER_USD * MILLI_PER_CREDIT * (1 + self._margin_of(model)))

    async def _runs_between(self, times: Sequence[int]) -> Mapping[str, str]:
        if not times:
            return {}
        return await self._database.read(
            lambda: invoice_rows.runs_between(min(times) - ABOUT_MS, max(times) + ABOUT_MS)
        )

    def _beside(self, job: BilledJob, usd: Fraction | None) -> InvoicedJob:
        return InvoicedJob(job, usd, self.expected_usd(job.model, job.captured_mcr + job.lost_mcr))


def _costs(lines: Iterable[InvoicedRun], job_of: Mapping[str, str]) -> Mapping[str, Fraction | None]:
    """Add up the lines of each job; one unknown cost makes the sum unknown."""
    found: defaultdict[str, list[Fraction | None]] = defaultdict(list)
    for line in lines:
        if line.id in job_of:
            found[job_of[line.id]].append(line.usd)
    return {job: total(costs) for job, costs in found.items()}


def total(costs: Sequence[Fraction | None]) -> Fraction | None:
    """Return the sum of costs; None if any of them is unknown."""
    known = [cost for cost in costs if cost is not None]
    return sum(known, Fraction(0)) if len(known) == len(costs) else None


def _differs(one: InvoicedJob) -> bool:
    return one.difference_usd is not None and abs(one.difference_usd) > TOLERANCE_USD
