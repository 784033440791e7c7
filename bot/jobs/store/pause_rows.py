"""The table `step_pause`: kinds of steps that have failed temporarily, how often in a row, and when each is due again.

Each kind is counted on its own. Seven failures to fetch a job's files use up none of the tries of its other steps, and
asking the provider to stop a run does not wait for the pause of an unsent create.

The column `job.tries`, which counted all kinds together, is no longer used. It stays in the schema because scripts may
read the columns of `job`.
"""

from enum import StrEnum
from typing import cast

from bot.storage.operation import Operation, Statement

FIRST_MS = 1_000
LONGEST_MS = 60_000


class Step(StrEnum):
    """A kind of step that can fail temporarily. The `..._FAULT` kinds count exceptions that no step expects."""

    CARD = "card"
    COPY = "copy"
    STOP = "stop"
    COLLECT = "collect"
    COMPARE = "compare"
    TAKEDOWN = "takedown"
    CARD_FAULT = "cards-fault"
    SUBMIT_FAULT = "submit-fault"
    CANCEL_FAULT = "cancel-fault"
    COLLECT_FAULT = "collect-fault"
    DELIVER_FAULT = "deliver-fault"
    EXPIRE_FAULT = "deadlines-fault"


def postpone(
    job: str, step: Step, at_ms: int, *, jitter: float, first_ms: int = FIRST_MS, longest_ms: int = LONGEST_MS
) -> Operation[int]:
    """Postpone a job's step, for longer each time; return how often that has happened in a row.

    The pause doubles from `first_ms` to `longest_ms`. `jitter`, from 0 to 1, is the part of its last quarter that is
    added, so that jobs that failed together are not retried together.
    """
    rows = yield Statement("SELECT tries FROM step_pause WHERE job = $1 AND step = $2", job, step)
    tries = cast("int", rows[0][0]) + 1 if rows else 1
    pause_ms = min(first_ms * 2 ** min(tries - 1, 30), longest_ms)
    yield Statement(
        "INSERT INTO step_pause (job, step, tries, retry_ms) VALUES ($1, $2, $3, $4) "
        "ON CONFLICT (job, step) DO UPDATE SET tries = excluded.tries, retry_ms = excluded.retry_ms",
        job,
        step,
        tries,
        at_ms + round(pause_ms * (0.75 + jitter / 4)),
    )
    return tries


def forget(job: str, *steps: Step) -> Operation[None]:
    """Forget the failed tries of these steps, or of all steps of a job."""
    if not steps:
        yield Statement("DELETE FROM step_pause WHERE job = $1", job)
    for step in steps:
        yield Statement("DELETE FROM step_pause WHERE job = $1 AND step = $2", job, step)


def forget_all() -> Operation[None]:
    """Forget the failed tries of every job. Called at startup, because an earlier process made them."""
    yield Statement("DELETE FROM step_pause")


def paused_until(*steps: Step) -> str:
    """Return the SQL for the end of the last pause of these steps, for a row of `job AS j`; 0 if there is none."""
    listed = ", ".join(f"'{step.value}'" for step in steps)
    return (
        "COALESCE((SELECT MAX(s.retry_ms) FROM step_pause s "  # noqa: S608 - constants only
        f"WHERE s.job = j.id AND s.step IN ({listed})), 0)"
    )
