"""The table `audit`: append-only, written in the transaction of the change that it records."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from bot.storage.operation import Operation, Row, Statement

Value = str | int | bool | None
State = Mapping[str, Value]
"""The state of a thing before or after a change, by the names of its fields."""

NEWEST = (1 << 63) - 1
"""An id higher than that of any entry."""


@dataclass(frozen=True, slots=True)
class AuditedChange:
    """A change to be recorded.

    `action` is a text key with the area first (`rules.add`, `cases.block`). `subject` is what was changed: its id or
    name as text, such as a rule's number. `before` is None for a new thing, `after` for a removed one.
    `actor` is 0 for the bot itself.
    """

    guild: int
    actor: int
    action: str
    subject: str
    before: State | None
    after: State | None
    at_ms: int


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """A recorded change; entries of a guild are numbered in the order in which they were written."""

    id: int
    change: AuditedChange


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """The entries of a guild to read, newest first. `area` is the first part of the action; None selects all."""

    guild: int
    actor: int | None = None
    area: str | None = None
    subject: str | None = None
    since_ms: int = 0
    before_id: int = NEWEST


def write(change: AuditedChange) -> Operation[None]:
    """Record a change. Run it in the transaction that makes the change, so that neither is stored without the other."""
    yield Statement(
        "INSERT INTO audit (guild, actor, action, subject, before, after, at_ms) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        *(change.guild, change.actor, change.action, change.subject),
        *(_dump(change.before), _dump(change.after), change.at_ms),
    )


def read(wanted: AuditFilter, limit: int) -> Operation[list[AuditEntry]]:
    """Return the newest entries that match, at most `limit`. Continue with `before_id` of the last one."""
    area = None if wanted.area is None else f"{wanted.area}."
    rows = yield Statement(
        "SELECT id, guild, actor, action, subject, before, after, at_ms FROM audit WHERE guild = $1 AND id < $2 "
        "AND at_ms >= $3 AND (CAST($4 AS BIGINT) IS NULL OR actor = $4) AND (CAST($5 AS TEXT) IS NULL OR subject = $5) "
        "AND (CAST($6 AS TEXT) IS NULL OR substr(action, 1, length($6)) = $6) ORDER BY id DESC LIMIT $7",
        *(wanted.guild, wanted.before_id, wanted.since_ms, wanted.actor, wanted.subject, area, limit),
    )
    return [_entry(row) for row in rows]


def _dump(state: State | None) -> str | None:
    return None if state is None else json.dumps(dict(state), sort_keys=True, ensure_ascii=False)


def _entry(row: Row) -> AuditEntry:
    number, guild, actor, action, subject, before, after, at_ms = row
    change = AuditedChange(
        guild=cast("int", guild),
        actor=cast("int", actor),
        action=cast("str", action),
        subject=cast("str", subject),
        before=_load(before),
        after=_load(after),
        at_ms=cast("int", at_ms),
    )
    return AuditEntry(cast("int", number), change)


def _load(text: object) -> State | None:
    return None if text is None else cast("State", json.loads(cast("str", text)))
