"""Queries that run all the time or after a click cost the same however many jobs have ended.

The cost is the number of steps of SQLite's virtual machine, which depends neither on the machine nor on its load.
"""

import re

import pytest

from bot.funding import purchase_rows
from bot.jobs.records import TERMINAL, WITHOUT_RESULT, State
from bot.jobs.store import (
    comparison_rows,
    due_jobs,
    favourite_rows,
    job_listing_rows,
    job_rows,
    kept_cards,
    notification_rows,
    prediction_rows,
    settlement_rows,
    takedown_rows,
    uptime_rows,
    wait_rows,
)
from bot.jobs.store.job_listing_rows import newest_of_guild, newest_of_member
from bot.jobs.waits import SlotLimits
from bot.ledger import transfer_pages
from bot.storage.sqlite.connection import connect_writer, drive
from bot.storage.sqlite.schema import migrate

FEW, MANY = 30, 3_000
SLACK = 1.1
"""The allowed factor. It is above 1 because a larger tree has another level or two."""

GUILD, MEMBER, LIMIT = 1, 1, 16
EVERY = frozenset(State)
LIVE = (State.ACCEPTED, State.WAITING, State.RUNNING, State.COLLECTING, State.DELIVERING)

JOBS = """
WITH RECURSIVE number (n) AS (SELECT :first UNION ALL SELECT n + 1 FROM number WHERE n < :last)
INSERT INTO job (id, short_id, guild, channel, member, payer, state, task, model, ordered, planned, held_mcr,
    captured_mcr, visibility, locale, guild_locale, interaction, application, token, token_created_ms, filesize_limit,
    message, created_ms, updated_ms, deadline_ms, failure_key, failure_facts)
SELECT printf('job%08d', n), n, 1, 1, 1, 1, :state, 'imagine', 'flux-schnell', '{}', '{}', 75000, :captured, 'channel',
    'en-US', 'en-US', n, 1, x'00', n, 10485760, n, n, n, n + 600000, :failure, :failure FROM number
"""
PREDICTIONS = """
INSERT INTO prediction (job, number, state, expected, provider_id, submitted_ms, created_ms)
SELECT id, 1, CASE state WHEN 'running' THEN 'running' WHEN 'failed' THEN 'failed' ELSE 'succeeded' END, 1,
    'p-' || id, created_ms, created_ms FROM job WHERE state NOT IN ('accepted', 'waiting')
"""
LEDGER = """
INSERT INTO account (id, guild, kind, owner) VALUES (1, 1, 'member', 1), (2, 1, 'spent', 1);
INSERT INTO transfer (key, kind, guild, debit, credit, amount, fingerprint, actor, reason, job, at_ms)
SELECT 'hold:' || id, 'pending', 1, 1, 2, 75000, '', 1, model, id, created_ms FROM job;
INSERT INTO transfer (key, kind, pending_id, guild, debit, credit, amount, fingerprint, actor, reason, job, at_ms)
SELECT 'end:' || j.id, CASE state WHEN 'done' THEN 'post' ELSE 'void' END, h.id, 1, 1, 2, 75000, '', 1, '', j.id, 1
FROM job AS j JOIN transfer AS h ON h.key = 'hold:' || j.id WHERE state IN ('done', 'failed') ORDER BY j.id;
INSERT INTO loss (job, prediction, reason, amount_mcr, at_ms)
SELECT id, 1, 'failed', 75000, 1 FROM job WHERE state = 'failed';
INSERT INTO purchase (entitlement, sku, buyer, guild, amount, state, at_ms)
SELECT id, 1, 1, 1, 1, 'credited', 1 FROM transfer;
UPDATE purchase SET state = 'waiting' WHERE entitlement <= 3;
"""


@pytest.fixture(scope="module", params=[False, True], ids=["live", "none-live"])
def databases(request, tmp_path_factory):
    """Return two databases with the same live jobs, but with few and with many ended ones."""
    opened = []
    for ended in (FEW, MANY):
        path = tmp_path_factory.mktemp("history") / "jobs.db"
        migrate(path)
        connection = connect_writer(path)
        live = 0 if request.param else 3
        first = 1
        for state, count in [(State.DONE, ended), (State.FAILED, ended), *((state, live) for state in LIVE)]:
            if count:
                paid = 75_000 if state in {State.DONE, State.DELIVERING} else 0
                failure = "{}" if state is State.FAILED else None
                given = {"first": first, "last": first + count - 1, "state": state, "captured": paid}
                connection.execute(JOBS, given | {"failure": failure})
                first += count
        connection.execute(PREDICTIONS)
        for statement in LEDGER.split(";"):
            connection.execute(statement)
        connection.execute("INSERT INTO uptime (id, seen_ms) VALUES (1, 1)")
        opened.append(connection)
    yield opened
    for connection in opened:
        connection.close()


def steps(connection, operation):
    """Return how many steps the statements of an operation take. All changes are rolled back."""
    taken = 0

    def count():
        nonlocal taken
        taken += 1

    connection.execute("BEGIN")
    connection.set_progress_handler(count, 1)
    try:
        drive(connection, operation)
    finally:
        connection.set_progress_handler(None, 1)
        connection.execute("ROLLBACK")
    return taken


def newest_settlements():
    newest = yield from transfer_pages.newest()
    return (yield from settlement_rows.since(newest - 4))


WORKERS = {
    "cards": lambda: due_jobs.unclear_cards(LIMIT),
    "submit": lambda: due_jobs.to_submit(LIMIT, 4, 2, 0),
    "cancel": lambda: due_jobs.to_cancel(LIMIT),
    "collect": lambda: due_jobs.to_collect(LIMIT),
    "show": lambda: due_jobs.to_show(LIMIT),
    "expire": lambda: due_jobs.to_expire(LIMIT),
    "in progress": due_jobs.in_progress,
    "in line": lambda: wait_rows.in_line(()),
    "poll": lambda: prediction_rows.running("", 0, 1_000),
    "notify": lambda: notification_rows.due(LIMIT),
    "takedown": lambda: takedown_rows.due(LIMIT),
    "compare": lambda: comparison_rows.due(LIMIT),
    "repair": lambda: kept_cards.recent(0, LIMIT),
    "backlogs": due_jobs.backlogs,
    "settlements": newest_settlements,
    "waiting purchases": purchase_rows.waiting,
}
STARTS = {
    "resume": lambda: uptime_rows.resume(10**9),
    "suspect a backup": lambda: comparison_rows.suspect(0, 10**9),
    "suspect after a break": lambda: comparison_rows.suspect(0, 1),
    "make all due": lambda: job_rows.make_some_due(10**12, 100),
    "live jobs": job_rows.live_ids,
    "guilds with open jobs": job_rows.guilds_with_open_jobs,
}
PRESSES = {
    "line of a guild": lambda: wait_rows.waits_of(GUILD, ["job00000001"], SlotLimits(8, 3), 0),
    "ahead of a job": lambda: due_jobs.ahead_of("job00000001", 10**12),
    "running jobs of a guild": lambda: due_jobs.running(GUILD, MEMBER),
    "open jobs of a guild": lambda: job_rows.open_in_guild(GUILD),
    "job of a message": lambda: job_rows.id_of_message(GUILD, 5),
    "undelivered results": lambda: newest_of_member(GUILD, MEMBER, {State.UNDELIVERED}, 10),
    "kept results": lambda: job_listing_rows.kept_of_member(GUILD, MEMBER, 10),
    "unfinished jobs": lambda: newest_of_member(GUILD, MEMBER, {State.WAITING, State.RUNNING}, 10),
    "newest jobs": lambda: newest_of_member(GUILD, MEMBER, EVERY, 10),
    "newest jobs that are done": lambda: newest_of_member(GUILD, MEMBER, {State.DONE}, 10),
    "newest jobs that ended rarely": lambda: newest_of_member(GUILD, MEMBER, {State.EXPIRED}, 10),
    "newest ended jobs": lambda: newest_of_member(GUILD, MEMBER, TERMINAL, 10),
    "unfinished jobs of a guild": lambda: newest_of_guild(GUILD, None, LIVE, 0, 10),
    "newest jobs of a guild": lambda: newest_of_guild(GUILD, None, EVERY, 0, 10),
    "failed jobs of a guild": lambda: newest_of_guild(GUILD, None, WITHOUT_RESULT, 0, 10),
    "rare jobs of a guild": lambda: newest_of_guild(GUILD, None, {State.EXPIRED}, 0, 10),
    "failed jobs of a member of a guild": lambda: newest_of_guild(GUILD, MEMBER, WITHOUT_RESULT, 0, 10),
    "favourites": lambda: favourite_rows.newest(GUILD, MEMBER, 10),
}
QUESTIONS = WORKERS | STARTS | PRESSES


@pytest.mark.parametrize("question", QUESTIONS)
def test_query_costs_the_same_with_a_hundred_times_as_many_ended_jobs(databases, question):
    few, many = (steps(connection, QUESTIONS[question]()) for connection in databases)
    assert many <= SLACK * few + 50


INDEXES = {
    "job_live_in_guild": PRESSES["line of a guild"],
    "job_running": PRESSES["running jobs of a guild"],
    "job_member": PRESSES["newest jobs"],
    "job_guild": PRESSES["newest jobs of a guild"],
    "job_ended_of_member": PRESSES["undelivered results"],
    "job_ended": PRESSES["rare jobs of a guild"],
    "job_cancelling": WORKERS["cancel"],
    "prediction_unsent": WORKERS["submit"],
    "prediction_open": WORKERS["poll"],
    "job_kept_card": WORKERS["repair"],
    "job_live": WORKERS["collect"],
    "job_notice": WORKERS["show"],
}


@pytest.mark.parametrize("index", INDEXES)
def test_index_is_used_by_its_query(databases, index):
    statement = next(INDEXES[index]())
    sql = re.sub(r"\$(\d+)", r"?\1", statement.sql)
    plan = [row[3] for row in databases[0].execute(f"EXPLAIN QUERY PLAN {sql}", statement.values)]
    assert any(re.search(rf"INDEX {index}\b", step) for step in plan), plan
