"""Compares the counters of `bot/app/job_counters.py` with what a database says, whatever happened in between."""

from collections import Counter

from bot.app.job_counters import OTHER, SUCCEEDED, JobCounters
from bot.storage.operation import Statement

CREDITS = {
    "held": "SELECT SUM(amount) FROM transfer WHERE kind = 'pending' AND job IS NOT NULL",
    "captured": "SELECT SUM(captured_mcr) FROM job",
    "released": "SELECT SUM(held_mcr - captured_mcr) FROM job WHERE state NOT IN"
    " ('accepted', 'waiting', 'running', 'collecting')",
    "refunded": "SELECT SUM(amount) FROM transfer WHERE kind = 'direct' AND job IS NOT NULL",
}
LOSSES = (
    "SELECT reason, SUM(amount_mcr) FROM loss JOIN job ON id = job WHERE state NOT IN"
    " ('accepted', 'waiting', 'running', 'collecting') GROUP BY reason"
)
ENDED = (
    "SELECT model, CASE WHEN captured_mcr > 0 THEN 'succeeded' ELSE state END, COUNT(*) FROM job"
    " WHERE state NOT IN ('accepted', 'waiting', 'running', 'collecting') GROUP BY 1, 2"
)


def counters_of(database, catalogue):
    """Return counters of a database with all labels of a running bot."""
    return JobCounters(database, [model.id for model in catalogue.models()])


async def assert_all_is_counted_once(counters, database):
    """Assert that counters that began with an empty database agree with it."""
    await counters.read()
    for movement, sql in CREDITS.items():
        ((mcr,),) = await _rows(database, sql)
        assert counters.credits(movement) == (mcr or 0) / 1_000, movement
    ended = {(model, outcome): count for model, outcome, count in await _rows(database, ENDED)}
    assert {labels: count for labels, count in counters.ended.items() if count} == ended
    ((orders,),) = await _rows(database, "SELECT COUNT(*) FROM job")
    assert sum(counters.orders.values()) == orders
    assert sum(counters.failures.values()) == sum(
        count for (_, outcome), count in ended.items() if outcome != SUCCEEDED
    )
    lost: Counter[str] = Counter()
    for reason, mcr in await _rows(database, LOSSES):
        lost[reason if reason in counters.lost() else OTHER] += mcr
    assert {reason: amount for reason, amount in counters.lost().items() if amount} == {
        reason: mcr / 1_000 for reason, mcr in lost.items()
    }


async def _rows(database, sql):
    def read():
        return (yield Statement(sql))

    return await database.read(read)
