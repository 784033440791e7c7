"""The table `posting`: every message in which a job's result was posted, so that a takedown finds them all."""

from typing import cast

from bot.jobs.records import Posting
from bot.storage.operation import Operation, Statement


def add(job: str, channel: int, message: int) -> Operation[None]:
    """Record that a message shows a job's result."""
    yield Statement(
        "INSERT INTO posting (job, channel, message) SELECT id, CAST($2 AS BIGINT), CAST($3 AS BIGINT) "
        "FROM job WHERE id = $1 ON CONFLICT (job, message) DO NOTHING",
        job,
        channel,
        message,
    )


def standing(job: str) -> Operation[tuple[Posting, ...]]:
    """Return the messages that show a job or its card, leaving out those that are known to be gone."""
    rows = yield Statement(
        "SELECT p.channel, p.message FROM (SELECT job, channel, message FROM posting WHERE job = $1 "
        "UNION SELECT id, channel, message FROM job WHERE id = $1 AND message > 0) AS p WHERE NOT EXISTS "
        "(SELECT 1 FROM deleted_message d WHERE d.job = p.job AND d.message = p.message AND d.deleter <> 'unknown') "
        "ORDER BY p.message",
        job,
    )
    return tuple(Posting(*place) for place in cast("list[tuple[int, int]]", rows))
