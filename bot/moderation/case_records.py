"""The records of moderators' cases."""

from dataclasses import dataclass
from enum import StrEnum


class CaseKind(StrEnum):
    """The kinds of moderators' actions.

    The values are stored, and part of the texts' keys, so they must not change.
    """

    TAKEDOWN = "takedown"
    DELETION = "deletion"
    """Only the message was deleted, using the button."""
    BLOCK = "block"
    UNBLOCK = "unblock"
    WARNING = "warning"
    NOTE = "note"
    """For the moderators only."""
    CANCEL = "cancel"
    EXEMPTION_ENDED = "exemption-ended"
    """The member's orders wait for approval again."""


class Told(StrEnum):
    """Whether the member of a case got the message. The values are stored."""

    NONE = "none"
    """No message is wanted."""
    DUE = "due"
    TOLD = "told"
    CLOSED = "closed"
    """The member's direct messages are closed: the message is shown after their next command."""


@dataclass(frozen=True, slots=True)
class NewCase:
    """A case to be written. `until_ms` is when a block ends, None for never; `message` is added for the member.

    If `tells`, the member gets a direct message.
    """

    guild: int
    kind: CaseKind
    member: int
    reason: str
    actor: int
    at_ms: int
    job: str | None = None
    until_ms: int | None = None
    message: str = ""
    tells: bool = False


@dataclass(frozen=True, slots=True)
class Case:
    """A stored case. Money is in milli-credits."""

    number: int
    guild: int
    kind: CaseKind
    member: int
    reason: str
    actor: int
    at_ms: int
    job: str | None
    until_ms: int | None
    message: str
    refunded_mcr: int
    told: Told
