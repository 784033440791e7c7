"""The money invariants as far as a database can show them; assert them after every scenario."""

from bot.funding import funding_checks as funding_verify
from bot.jobs.money import reconciliation as jobs_verify
from bot.ledger import verify as ledger_verify


async def assert_ledger_is_sound(database):
    """Assert that the ledger balances and agrees with the jobs."""
    problems = (
        *await ledger_verify.verify(database),
        *await jobs_verify.verify(database),
        *await funding_verify.verify(database),
    )
    assert problems == (), "\n".join(map(str, problems))
