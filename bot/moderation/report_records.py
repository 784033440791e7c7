"""The records of what members report."""

from dataclasses import dataclass
from enum import StrEnum

from bot.moderation.case_records import Told


class ReportOutcome(StrEnum):
    """The outcome of a report. The values are stored, and part of the texts' keys, so they must not change."""

    OPEN = "open"
    KEPT = "kept"
    """A moderator approved the result: it cannot be reported again."""
    TAKEN_DOWN = "taken-down"
    DISMISSED = "dismissed"
    """Closed without a judgement: others may report the result again."""


class Reported(StrEnum):
    """The result of reporting something. The values are part of the texts' keys."""

    NEW = "new"
    JOINED = "joined"
    """Others have already reported the result, and moderators have not decided yet."""
    AGAIN = "again"
    """The member has already reported the result."""
    APPROVED = "approved"
    """Moderators have checked and approved the result."""


@dataclass(frozen=True, slots=True)
class Report:
    """A report of a result with everyone who made it. `members` and `reasons` are the latest, in the same order."""

    id: int
    guild: int
    job: str
    at_ms: int
    outcome: ReportOutcome
    decided_by: int
    reporters: int
    members: tuple[int, ...]
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReportNews:
    """The news for a member who reported a result."""

    guild: int
    job: str
    member: int
    outcome: ReportOutcome
    told: Told
