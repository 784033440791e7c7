"""The money invariants as far as a database can show them; assert them after every scenario."""

import types

from bot.funding import funding_checks as funding_verify
from bot.jobs.money import ledger_checks
from bot.ledger import verify as ledger_verify


async def assert_ledger_is_sound(database):
    """Assert that the ledger balances and agrees with the jobs."""
    problems = await database.read(lambda: _all_problems().__await__())
    assert problems == (), "\n".join(map(str, problems))


async def _all_problems():
    """Run every check; awaiting this is a single operation, because each of its thirty reads would switch threads."""
    database = _OneOperation()
    return (
        *await ledger_verify.verify(database),
        *await ledger_checks.verify(database),
        *await funding_verify.verify(database),
    )


class _OneOperation:
    """A database whose reads are parts of the operation that awaits them: it yields their statements."""

    async def run(self, operation):
        raise AssertionError("a check only reads")

    async def read(self, operation):
        return await _statements(operation())


@types.coroutine
def _statements(operation):
    return (yield from operation)
