"""Tests that compare jobs with the provider's invoices: which costs differ, and which are unknown."""

from fractions import Fraction

import pytest

from bot.jobs.invoice_reconciliation import TOLERANCE_USD, InvoicedRun, InvoiceReconciliation
from tests.unit.jobs.world import imagine

LIST_USD = Fraction(3, 1_000)
"""The cost of flux-schnell per picture."""


@pytest.fixture
async def done(world):
    """Return the jobs of two orders that ended, with the ids of their runs."""
    found = []
    for _ in range(2):
        job = await world.order()
        runs = await world.running(job)
        world.provider.succeed(runs[0])
        await world.finish(job)
        found.append((job, runs[0]))
    return found


def reconciliation(world, margin=Fraction(0)):
    return InvoiceReconciliation(world.database, lambda _: margin)


def ids(jobs):
    return [one.job.id for one in jobs]


async def test_only_differences_beyond_rounding_are_reported(world, done):
    (_, one), (second, other) = done
    over = LIST_USD + TOLERANCE_USD * 2
    found = await reconciliation(world).compare(
        [InvoicedRun(one, LIST_USD + TOLERANCE_USD / 2, None), InvoicedRun(other, over, None)]
    )
    assert (found.jobs, found.running, found.captured_mcr) == (2, 0, 150_000)
    assert ids(found.differing) == [second]
    assert found.differing[0].difference_usd == over - LIST_USD
    assert found.missing is None


async def test_lines_of_one_run_are_added_up(world, done):
    (job, run), _ = done
    halves = [InvoicedRun(run, LIST_USD / 2, None)] * 2
    assert (await reconciliation(world).compare(halves)).differing == []
    assert ids((await reconciliation(world).compare([*halves, halves[0]])).differing) == [job]


async def test_one_unknown_cost_makes_the_cost_of_its_job_unknown(world, done):
    (job, run), _ = done
    found = await reconciliation(world).compare([InvoicedRun(run, LIST_USD, None), InvoicedRun(run, None, None)])
    assert ids(found.unknown) == [job]
    assert found.unknown[0].usd is None
    assert found.differing == []


async def test_job_from_the_invoices_period_that_it_does_not_list_is_missing(world, done):
    (_, run), (second, _) = done
    now_ms = world.clock.now_ms()
    found = await reconciliation(world).compare([InvoicedRun(run, LIST_USD, now_ms)])
    assert ids(found.missing or []) == [second]
    long_ago = await reconciliation(world).compare([InvoicedRun(run, LIST_USD, 1_000)])
    assert long_ago.missing == []


async def test_margin_is_not_expected_on_the_invoice(world, done):
    (_, run), _ = done
    quarter = Fraction(1, 4)
    found = await reconciliation(world, margin=quarter).compare([InvoicedRun(run, LIST_USD / (1 + quarter), None)])
    assert found.differing == []


async def test_failed_run_is_compared_with_the_loss(world):
    job = await world.order(imagine("[fail]"))
    (run,) = await world.running(job)
    world.provider.fail(run)
    await world.finish(job)
    found = await reconciliation(world).compare([InvoicedRun(run, LIST_USD, None)])
    assert (found.jobs, found.captured_mcr, found.lost_mcr) == (1, 0, 75_000)
    assert found.differing == []


async def test_running_jobs_and_foreign_lines_are_listed_separately(world):
    job = await world.order()
    (run,) = await world.running(job)
    lines = [InvoicedRun(run, None, None), InvoicedRun("theirs", Fraction(1), None), InvoicedRun("", Fraction(2), None)]
    found = await reconciliation(world).compare(lines)
    assert (found.jobs, found.running) == (0, 1)
    assert (found.foreign, found.unnamed) == ([lines[1]], [lines[2]])
