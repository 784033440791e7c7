"""The public cards that exist but could not show how their jobs ended, for a reason that may pass."""

# ruff: noqa: S608 - only constants of this module are put into SQL texts; values are parameters
from dataclasses import dataclass
from typing import cast

from bot.jobs.ids import first_id
from bot.jobs.store.due_jobs import COMPARED
from bot.storage.operation import Operation, Statement

REPAIRED_FOR_MS = 7 * 24 * 60 * 60_000
"""How long after its order a job's card is worth correcting."""

MAY_PASS = ("50001", "50013", "50083", "160005", "403", "unclear")
"""The outcomes of an edit that may be different later: missing access, a missing permission, an archived or a locked
thread, another refusal of permission, no answer.

https://docs.discord.com/developers/topics/opcodes-and-status-codes
"""

_EDITS = "a.rung IN ('token_edit', 'bot_edit')"
_OUTCOMES = ", ".join(f"'{outcome}'" for outcome in MAY_PASS)
# A result whose files retention has removed can no longer be shown. One that was shown privately to its member still
# can.
KEPT = (
    "j.visibility = 'channel' AND j.message > 0 AND j.notice <> 'due' AND (j.notice = 'kept' OR j.shown_rung = 'kept') "
    "AND (j.captured_mcr = 0 OR EXISTS (SELECT 1 FROM artefact f WHERE f.job = j.id AND f.removed_ms IS NULL)) "
    f"AND (SELECT a.outcome FROM attempt a WHERE a.job = j.id AND {_EDITS} ORDER BY a.number DESC LIMIT 1) "
    f"IN ({_OUTCOMES})"
)
"""The condition that a row of `job AS j` has a card that may be worth correcting."""

_COLUMNS = (
    "j.id, j.guild, j.channel, j.created_ms, "
    f"(SELECT MIN(a.at_ms) FROM attempt a WHERE a.job = j.id AND {_EDITS}), "
    f"(SELECT MAX(a.at_ms) FROM attempt a WHERE a.job = j.id AND {_EDITS})"
)


@dataclass(frozen=True, slots=True)
class KeptCard:
    """A card that does not show its job's end, and when showing it was first and last tried."""

    job: str
    guild: int
    channel: int
    created_ms: int
    first_ms: int
    last_ms: int


def oldest(now_ms: int) -> str:
    """Return a lower bound for the ids of jobs whose cards are worth correcting."""
    return first_id(max(0, now_ms - REPAIRED_FOR_MS))


def recent(now_ms: int, most: int) -> Operation[tuple[KeptCard, ...]]:
    """Return the cards that are worth correcting, the newest first."""
    rows = yield Statement(
        f"SELECT {_COLUMNS} FROM job j WHERE j.id >= $1 AND {KEPT} AND {COMPARED} ORDER BY j.id DESC LIMIT $2",
        oldest(now_ms),
        most,
    )
    return tuple(KeptCard(*cast("tuple[str, int, int, int, int, int]", row)) for row in rows)


def of_job(job: str) -> Operation[KeptCard | None]:
    """Return the card of this job if it is worth correcting."""
    rows = yield Statement(f"SELECT {_COLUMNS} FROM job j WHERE j.id = $1 AND {KEPT} AND {COMPARED}", job)
    return KeptCard(*cast("tuple[str, int, int, int, int, int]", rows[0])) if rows else None


def show_again(job: str) -> Operation[bool]:
    """Make a job's end due to be shown again, if its card is still worth correcting. Return whether it is."""
    if (yield from of_job(job)) is None:
        return False
    yield Statement("UPDATE job SET notice = 'due', retry_ms = 0 WHERE id = $1", job)
    return True
