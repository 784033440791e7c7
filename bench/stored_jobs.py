"""Fills a database with running jobs."""

from contextlib import closing
from pathlib import Path

from bench import samples
from bot.catalogue import serial
from bot.clock import SystemClock
from bot.storage.sqlite.connection import connect_writer
from bot.storage.sqlite.schema import migrate

_JOBS = """
WITH RECURSIVE number (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < ?)
INSERT INTO job (id, short_id, guild, channel, member, payer, state, task, model, ordered, planned, held_mcr,
    visibility, locale, guild_locale, interaction, application, token, token_created_ms, filesize_limit,
    created_ms, updated_ms, deadline_ms)
SELECT printf('job%08d', n), printf('%08d', n), 1 + n % 50, 1, 1 + n % 500, 1 + n % 500, 'running', 'imagine',
    'flux-schnell', '{}', printf('%0400d', n), 75000, 'channel', 'en-US', 'en-US', n, 1, zeroblob(200), n, 10485760,
    n, n, n + 600000
FROM number
"""
_PREDICTIONS = """
INSERT INTO prediction (job, number, state, expected, provider_id, submitted_ms, created_ms)
SELECT id, 1, 'running', 1, 'p-' || id, created_ms, created_ms FROM job
"""


def fill(path: Path, jobs: int) -> None:
    """Create a database with this many jobs, each of which has one run. Their orders are not readable."""
    migrate(path)
    with closing(connect_writer(path)) as connection:
        connection.execute("BEGIN")
        connection.execute(_JOBS, (jobs,))
        connection.execute(_PREDICTIONS)
        connection.execute("COMMIT")


def make_current(path: Path, *, began_ms_ago: int, away_ms: int, now_ms: int | None = None) -> None:
    """Give the jobs orders, a card and times: when they began, and when the last process ended."""
    job, now_ms = samples.running(0, 0).job, SystemClock().now_ms() if now_ms is None else now_ms
    began_ms = now_ms - began_ms_ago
    with closing(connect_writer(path)) as connection:
        connection.execute(
            "UPDATE job SET ordered = ?, planned = ?, created_ms = ?, updated_ms = ?, deadline_ms = ?, message = 1",
            (serial.dump_order(job.order), serial.dump_plan(job.plan), began_ms, began_ms, now_ms + 600_000),
        )
        connection.execute("INSERT INTO uptime (id, seen_ms) VALUES (1, ?)", (now_ms - away_ms,))
