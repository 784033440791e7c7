"""The SQL of moderators' cases. Each is written with its audit entry and its entry in the server log."""

from typing import cast

from bot.audit import audit_rows
from bot.audit.audit_rows import AuditedChange, State
from bot.guilds import log_entries
from bot.guilds.log_entries import LogKind
from bot.moderation.case_records import Case, CaseKind, NewCase, Told
from bot.storage.operation import Operation, Row, Statement

_COLUMNS = "number, guild, kind, member, reason, actor, at_ms, job, until_ms, message, refunded_mcr, told"

LOG_KINDS = {
    CaseKind.TAKEDOWN: LogKind.TAKEDOWN,
    CaseKind.DELETION: LogKind.DELETION,
    CaseKind.EXEMPTION_ENDED: LogKind.EXEMPTION_ENDED,
    CaseKind.BLOCK: LogKind.BLOCK,
    CaseKind.UNBLOCK: LogKind.UNBLOCK,
    CaseKind.WARNING: LogKind.WARNING,
    CaseKind.CANCEL: LogKind.CANCEL,
}
"""The entries of cases in the server log. Notes have none."""


def open_case(new: NewCase) -> Operation[int]:
    """Write a case under the next number of its guild, and return that number."""
    rows = yield Statement("SELECT COALESCE(MAX(number), 0) + 1 FROM moderation_case WHERE guild = $1", new.guild)
    number = cast("int", rows[0][0])
    yield Statement(
        "INSERT INTO moderation_case (guild, number, kind, reason, actor, member, job, at_ms, until_ms, message, told) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        *(new.guild, number, new.kind, new.reason, new.actor, new.member, new.job, new.at_ms, new.until_ms),
        *(new.message, Told.DUE if new.tells else Told.NONE),
    )
    return number


def record(
    new: NewCase,
    number: int,
    *,
    short_id: str = "",
    results: int = 0,
    refunded_mcr: int = 0,
    before: State | None = None,
) -> Operation[None]:
    """Audit a case, and write it to the server log.

    `short_id` is that of the case's job, `results` is how many results were taken down, and `before` is the block that
    the case replaces or ends.
    """
    after = {
        "member": str(new.member),
        "reason": new.reason,
        "job": short_id or new.job,
        "until_ms": new.until_ms,
        "refunded_mcr": refunded_mcr,
    }
    yield from audit_rows.write(
        AuditedChange(new.guild, new.actor, f"cases.{new.kind}", str(number), before, after, new.at_ms)
    )
    yield Statement(
        "UPDATE moderation_case SET refunded_mcr = $3 WHERE guild = $1 AND number = $2", new.guild, number, refunded_mcr
    )
    if new.kind in LOG_KINDS:
        facts = {
            "by": str(new.actor),
            "member": str(new.member),
            "reason": new.reason,
            "case": str(number),
            "id": short_id,
            "results": results,
            "refunded_mcr": refunded_mcr,
            "until": "" if new.until_ms is None else str(new.until_ms // 1_000),
        }
        yield from log_entries.write(new.guild, LOG_KINDS[new.kind], str(number), facts, new.at_ms)


def get(guild: int, number: int) -> Operation[Case | None]:
    """Return a case by its number; None if there is none."""
    rows = yield Statement(
        f"SELECT {_COLUMNS} FROM moderation_case WHERE guild = $1 AND number = $2",  # noqa: S608 - constants
        guild,
        number,
    )
    return _case(rows[0]) if rows else None


def of_job(guild: int, job: str) -> Operation[int]:
    """Return the number of the case that took a job's result down; 0 if none did."""
    rows = yield Statement("SELECT taken_down FROM job WHERE guild = $1 AND id = $2", guild, job)
    return cast("int", rows[0][0]) if rows else 0


def of_member(guild: int, member: int, limit: int) -> Operation[tuple[Case, ...]]:
    """Return the newest cases about a member."""
    rows = yield Statement(
        f"SELECT {_COLUMNS} FROM moderation_case WHERE guild = $1 AND member = $2 "  # noqa: S608 - constants
        "ORDER BY number DESC LIMIT $3",
        guild,
        member,
        limit,
    )
    return tuple(map(_case, rows))


def newest(guild: int, limit: int) -> Operation[tuple[Case, ...]]:
    """Return the newest cases of a guild."""
    rows = yield Statement(
        f"SELECT {_COLUMNS} FROM moderation_case WHERE guild = $1 ORDER BY number DESC LIMIT $2",  # noqa: S608 - constants
        guild,
        limit,
    )
    return tuple(map(_case, rows))


def untold(limit: int) -> Operation[tuple[Case, ...]]:
    """Return the oldest cases whose members still need a direct message."""
    rows = yield Statement(
        f"SELECT {_COLUMNS} FROM moderation_case WHERE told IN ('due', 'closed') AND told = 'due' "  # noqa: S608 - constants
        "ORDER BY at_ms LIMIT $1",
        limit,
    )
    return tuple(map(_case, rows))


def untold_of(guild: int, member: int) -> Operation[tuple[Case, ...]]:
    """Return the cases that a member does not know about, because their direct messages are closed."""
    rows = yield Statement(
        f"SELECT {_COLUMNS} FROM moderation_case WHERE guild = $1 AND member = $2 "  # noqa: S608 - constants
        "AND told IN ('due', 'closed') AND told = 'closed' ORDER BY number",
        guild,
        member,
    )
    return tuple(map(_case, rows))


def set_told(guild: int, number: int, told: Told) -> Operation[None]:
    """Record whether the member of a case got the message."""
    yield Statement("UPDATE moderation_case SET told = $3 WHERE guild = $1 AND number = $2", guild, number, told)


def _case(row: Row) -> Case:
    number, guild, kind, member, reason, actor, at_ms, job, until_ms, message, refunded_mcr, told = row
    return Case(
        cast("int", number),
        cast("int", guild),
        CaseKind(cast("str", kind)),
        cast("int", member),
        cast("str", reason),
        cast("int", actor),
        cast("int", at_ms),
        cast("str | None", job),
        cast("int | None", until_ms),
        cast("str", message),
        cast("int", refunded_mcr),
        Told(cast("str", told)),
    )
