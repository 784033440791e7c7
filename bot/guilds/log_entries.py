"""Entries for the log channels of guilds: the record, and its SQL.

An entry is written in the transaction that causes it, and posted afterwards by bot/chat/discord/server_log.py, so that
none is lost in a crash. Its kind selects its text.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import cast

from bot.errors import Fact
from bot.storage.operation import Operation, Row, Statement

_COLUMNS = "id, guild, kind, subject, facts, at_ms, channel, message"


class LogKind(StrEnum):
    """The kind of an entry. The values are stored, and part of the texts' keys, so they must not change."""

    BEGINS = "begins"
    """The channel was chosen for the log."""
    PROMPT_REFUSED = "prompt-refused"
    """A rule refused the texts of an order, which nobody else sees."""
    TAKEDOWN = "takedown"
    DELETION = "deletion"
    BLOCK = "block"
    UNBLOCK = "unblock"
    WARNING = "warning"
    CANCEL = "cancel"
    EXEMPTION_ENDED = "exemption-ended"
    PAUSE = "pause"
    RESUME = "resume"
    REPORT = "report"
    SPOILER = "spoiler"
    """A moderator hid a result behind a spoiler."""
    UNSPOILER = "unspoiler"
    SUSPENDED = "suspended"
    """The operator has suspended the guild."""
    UNSUSPENDED = "unsuspended"
    APPROVAL = "approval"
    """An order is waiting for a moderator; `subject` is its job's id."""
    GRANT_WAITS = "grant-waits"
    """A grant is waiting for a second admin; `subject` is its id."""
    SECOND_ADMIN = "second-admin"
    """The amount from which grants wait for a second admin was changed."""
    BUDGET = "budget"
    """Half, four fifths or all of a budget has been used; `subject` is the number of its limit."""
    ALLOWANCE = "allowance"
    """A rule of an allowance was set or removed."""
    ALLOWANCE_SHORT = "allowance-short"
    """The pool cannot give what a rule promises; `subject` is the rule and its period."""
    PURCHASE = "purchase"
    """Credits were bought in Discord; `subject` is the entitlement."""
    PURCHASE_REFUNDED = "purchase-refunded"


@dataclass(frozen=True, slots=True)
class LogEntry:
    """An entry. `subject` is the id of what it is about; `channel` and `message` are 0 until it is posted."""

    id: int
    guild: int
    kind: LogKind
    subject: str
    facts: Mapping[str, Fact]
    at_ms: int
    channel: int = 0
    message: int = 0


def write(guild: int, kind: LogKind, subject: str, facts: Mapping[str, Fact], at_ms: int) -> Operation[int]:
    """Write an entry to be posted, and return its id. Without a log channel it is never shown.

    Ids among the facts are strings, because the digits of a number would be grouped in the text.
    """
    rows = yield Statement(
        "INSERT INTO log_entry (guild, kind, subject, facts, state, at_ms) VALUES ($1, $2, $3, $4, 'due', $5) "
        "RETURNING id",
        guild,
        kind,
        subject,
        _dump(facts),
        at_ms,
    )
    return cast("int", rows[0][0])


def write_once(guild: int, kind: LogKind, subject: str, facts: Mapping[str, Fact], at_ms: int) -> Operation[bool]:
    """Write an entry unless there is one of this kind about the subject. Return whether it was written."""
    if (yield from about(guild, kind, subject)) is not None:
        return False
    yield from write(guild, kind, subject, facts, at_ms)
    return True


def rewrite(guild: int, kind: LogKind, subject: str, facts: Mapping[str, Fact]) -> Operation[None]:
    """Change facts of the newest entry of a kind about a subject, whether it is posted or not; other facts stay."""
    entry = yield from about(guild, kind, subject)
    if entry is not None:
        yield Statement(
            "UPDATE log_entry SET facts = $2, stale = CASE WHEN state = 'dropped' THEN 0 ELSE 1 END WHERE id = $1",
            entry.id,
            _dump({**entry.facts, **facts}),
        )


def stale(per_guild: int) -> Operation[list[LogEntry]]:
    """Return the oldest posted entries of each guild whose messages do not show their current facts."""
    return (yield from _oldest("stale = 1 AND state = 'posted'", per_guild))


def shows(entry: LogEntry) -> Operation[None]:
    """Record that the message of an entry shows these facts, or never will. Later changes still have to be shown."""
    yield Statement("UPDATE log_entry SET stale = 0 WHERE id = $1 AND facts = $2", entry.id, _dump(entry.facts))


def due(per_guild: int) -> Operation[list[LogEntry]]:
    """Return each guild's oldest entries that are not posted yet, at most `per_guild` for each guild."""
    return (yield from _oldest("state = 'due'", per_guild))


def _oldest(condition: str, per_guild: int) -> Operation[list[LogEntry]]:
    """Return the oldest entries per guild, so that a guild with an unreachable channel does not delay the others."""
    rows = yield Statement(
        f"SELECT {_COLUMNS} FROM (SELECT {_COLUMNS}, row_number() OVER (PARTITION BY guild ORDER BY id) AS place "  # noqa: S608 - constants
        f"FROM log_entry WHERE {condition}) AS waiting WHERE place <= $1 ORDER BY id",
        per_guild,
    )
    return [_entry(row) for row in rows]


def posted(entry: int, channel: int, message: int) -> Operation[None]:
    """Record where an entry was posted."""
    yield Statement(
        "UPDATE log_entry SET state = 'posted', channel = $2, message = $3 WHERE id = $1", entry, channel, message
    )


def dropped(entry: int) -> Operation[None]:
    """Record that an entry cannot be posted."""
    yield Statement("UPDATE log_entry SET state = 'dropped', stale = 0 WHERE id = $1 AND state = 'due'", entry)


def about(guild: int, kind: LogKind, subject: str) -> Operation[LogEntry | None]:
    """Return the newest entry of a kind about a subject; None if there is none."""
    rows = yield Statement(
        f"SELECT {_COLUMNS} FROM log_entry WHERE guild = $1 AND kind = $2 AND subject = $3 "  # noqa: S608 - constants
        "ORDER BY id DESC LIMIT 1",
        guild,
        kind,
        subject,
    )
    return _entry(rows[0]) if rows else None


def _dump(facts: Mapping[str, Fact]) -> str:
    return json.dumps(dict(facts), ensure_ascii=False)


def _entry(row: Row) -> LogEntry:
    number, guild, kind, subject, facts, at_ms, channel, message = row
    return LogEntry(
        cast("int", number),
        cast("int", guild),
        LogKind(cast("str", kind)),
        cast("str", subject),
        cast("dict[str, Fact]", json.loads(cast("str", facts))),
        cast("int", at_ms),
        cast("int | None", channel) or 0,
        cast("int | None", message) or 0,
    )
