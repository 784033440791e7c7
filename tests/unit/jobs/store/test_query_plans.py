"""The cost of queries that run all the time or after a click depends on the unfinished jobs, not on the ended ones."""

import pytest

from bot.jobs.records import Rung
from bot.jobs.store import due_jobs, job_rows, last_orders, notification_rows, prediction_rows, wait_rows
from bot.jobs.store.due_jobs import Due
from bot.jobs.waits import SlotLimits
from bot.ledger.queries import balances_of_member
from bot.storage.operation import Statement
from tests.unit.jobs.world import CHANNEL, GUILD, World, imagine

LIMIT = 16
ONLY_UNFINISHED = {"comparison"}
"""Tables without rows of jobs that have ended."""


@pytest.fixture
async def idle(tmp_path):
    """Return a world whose loops do not run, so that each job stays in its state."""
    world = await World.open(tmp_path)
    yield world
    await world.close()


async def full_scans(database, operation):
    """Return the tables that SQLite would read from their first row to their last for an operation's statement."""
    statement = next(operation)
    rows = await database.read(lambda: _all(Statement(f"EXPLAIN QUERY PLAN {statement.sql}", *statement.values)))
    details = [str(row[3]).split() for row in rows]
    derived = ONLY_UNFINISHED | {words[1] for words in details if words[0] == "CO-ROUTINE"}
    return [words[1] for words in details if words[0] == "SCAN" and "USING" not in words and words[1] not in derived]


def _all(statement):
    return (yield statement)


@pytest.mark.parametrize(
    "question",
    [
        lambda: due_jobs.unclear_cards(LIMIT),
        lambda: due_jobs.to_submit(LIMIT, 4, 2, 0),
        lambda: due_jobs.to_cancel(LIMIT),
        lambda: due_jobs.to_collect(LIMIT),
        lambda: due_jobs.to_show(LIMIT),
        lambda: due_jobs.to_expire(LIMIT),
        due_jobs.in_progress,
        lambda: wait_rows.in_line(()),
        lambda: notification_rows.due(LIMIT),
        lambda: prediction_rows.running("", 0, LIMIT),
    ],
    ids=["cards", "submit", "cancel", "collect", "show", "expire", "progress", "queue", "notify", "poll"],
)
async def test_no_query_of_a_worker_reads_the_jobs_that_have_ended(idle, question):
    assert await full_scans(idle.database, question()) == []


async def test_time_of_the_last_order_in_each_guild_is_found_without_reading_all_jobs(idle):
    assert set(await full_scans(idle.database, last_orders.by_guild())) <= {"one"}  # the guilds themselves


async def test_balances_in_a_direct_message_do_not_read_the_accounts_of_others(idle):
    assert await full_scans(idle.database, balances_of_member(1, limit=LIMIT)) == []


async def test_place_in_the_queue_is_found_without_the_jobs_that_have_ended(idle):
    statement = next(wait_rows.waits_of(GUILD, ["a job"], SlotLimits(8, 3), 0))
    rows = await idle.database.read(lambda: _all(Statement(f"EXPLAIN QUERY PLAN {statement.sql}", *statement.values)))
    assert any("job_live" in str(row[3]) for row in rows)


async def test_turn_of_a_job_is_found_without_the_jobs_that_have_ended(idle):
    statement = next(due_jobs.ahead_of("a job", 0))
    rows = await idle.database.read(lambda: _all(Statement(f"EXPLAIN QUERY PLAN {statement.sql}", *statement.values)))
    assert any("SEARCH j USING INDEX job_live" in str(row[3]) for row in rows)


async def test_job_with_two_notifications_is_due_once_at_the_earlier_time(idle):
    first, second = [(await idle.accept(imagine(), idle.origin(channel=CHANNEL))).job.id for _ in range(2)]

    def notify():
        yield from notification_rows.ask(first, 5)
        yield from notification_rows.ended(first, 5)
        yield from notification_rows.ping(first, 5)
        yield from notification_rows.ping(second, 5)
        yield Statement("UPDATE notification SET retry_ms = 9 WHERE job = $1 AND way = 'dm'", first)
        yield Statement("UPDATE notification SET retry_ms = 7 WHERE job = $1", second)

    await idle.database.run(notify)
    assert await idle.database.read(lambda: notification_rows.due(1)) == [Due(first, 0)]
    assert await idle.database.read(lambda: notification_rows.due(2)) == [Due(first, 0), Due(second, 7)]


async def test_job_of_a_message_is_found_without_the_other_jobs_of_its_guild(idle):
    statement = next(job_rows.id_of_message(GUILD, 900))
    rows = await idle.database.read(lambda: _all(Statement(f"EXPLAIN QUERY PLAN {statement.sql}", *statement.values)))
    searches = [str(row[3]) for row in rows if "job" in str(row[3])]
    assert all("message" in search for search in searches), searches


@pytest.mark.parametrize(
    ("guild", "message", "found"), [(GUILD, 900, True), (GUILD, 901, True), (GUILD, 0, False), (GUILD + 1, 900, False)]
)
async def test_job_is_found_by_its_card_and_by_its_result_in_its_own_guild(idle, guild, message, found):
    job = (await idle.accept(imagine(), idle.origin())).job.id
    await idle.jobs.card_accepted(job, 900)
    await idle.database.run(lambda: job_rows.set_receipt(job, Rung.NEW_MESSAGE, CHANNEL, 901))
    assert await idle.database.read(lambda: job_rows.id_of_message(guild, message)) == (job if found else None)
