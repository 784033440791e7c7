"""The SQL of reports."""

from collections.abc import Collection
from typing import cast

from bot.audit import audit_rows
from bot.audit.audit_rows import AuditedChange
from bot.guilds import log_entries
from bot.guilds.log_entries import LogKind
from bot.moderation.case_records import Told
from bot.moderation.report_records import Report, Reported, ReportNews, ReportOutcome
from bot.storage.operation import Operation, Statement

SHOWN_REASONS = 5


def add(guild: int, job: str, member: int, reason: str, at_ms: int) -> Operation[tuple[Reported, Report | None]]:
    """Store a member's report of a result, and return the outcome and the open report.

    Each member counts once per result, and an approved result is not reported again.
    """
    before = yield Statement("SELECT report FROM reporter WHERE job = $1 AND member = $2", job, member)
    if before:
        return Reported.AGAIN, None
    approved = yield Statement("SELECT id FROM report WHERE job = $1 AND outcome = 'kept' LIMIT 1", job)
    if approved:
        return Reported.APPROVED, None
    opened = yield Statement(
        "INSERT INTO report (guild, job, at_ms) VALUES ($1, $2, $3) ON CONFLICT (job) WHERE outcome = 'open' "
        "DO NOTHING RETURNING id",
        guild,
        job,
        at_ms,
    )
    found = opened or (yield Statement("SELECT id FROM report WHERE job = $1 AND outcome = 'open'", job))
    number = cast("int", found[0][0])
    yield Statement(
        "INSERT INTO reporter (job, member, report, reason, at_ms) VALUES ($1, $2, $3, $4, $5)",
        *(job, member, number, reason, at_ms),
    )
    report = yield from get(number)
    return (Reported.NEW if opened else Reported.JOINED), report


def get(report: int) -> Operation[Report | None]:
    """Return a report; None if there is none."""
    rows = yield Statement("SELECT id, guild, job, at_ms, outcome, decided_by FROM report WHERE id = $1", report)
    if not rows:
        return None
    number, guild, job, at_ms, outcome, by = cast("tuple[int, int, str, int, str, int]", tuple(rows[0]))
    made = yield Statement("SELECT member, reason FROM reporter WHERE report = $1 ORDER BY at_ms DESC, member", report)
    members = tuple(cast("int", row[0]) for row in made[:SHOWN_REASONS])
    reasons = tuple(cast("str", row[1]) for row in made[:SHOWN_REASONS])
    return Report(number, guild, job, at_ms, ReportOutcome(outcome), by, len(made), members, reasons)


def waiting(guild: int, limit: int) -> Operation[tuple[int, ...]]:
    """Return the open reports of a guild, the oldest first."""
    rows = yield Statement(
        "SELECT id FROM report WHERE guild = $1 AND outcome = 'open' ORDER BY at_ms, id LIMIT $2", guild, limit
    )
    return tuple(cast("int", row[0]) for row in rows)


def decide(report: int, outcome: ReportOutcome, by: int, at_ms: int) -> Operation[Report | None]:
    """Close an open report, and return it; None if it had already been decided. Its reporters will get a message."""
    # The condition decides between two moderators who press at the same moment.
    rows = yield Statement(
        "UPDATE report SET outcome = $2, decided_by = $3 WHERE id = $1 AND outcome = 'open' RETURNING guild, job",
        report,
        outcome,
        by,
    )
    if not rows:
        return None
    yield Statement("UPDATE reporter SET told = 'due' WHERE report = $1 AND told = 'none'", report)
    guild = cast("int", rows[0][0])
    change = AuditedChange(
        guild, by, "reports.decide", str(report), {"outcome": ReportOutcome.OPEN}, {"outcome": outcome}, at_ms
    )
    yield from audit_rows.write(change)
    decided = yield from get(report)
    if decided is not None:
        yield from log_entries.rewrite(guild, LogKind.REPORT, str(report), facts_of(decided))
    return decided


def repeat_reasons(report: int) -> Operation[None]:
    """Update the entry of a report in the server log with the reasons that are still stored: some were erased."""
    found = yield from get(report)
    if found is not None:
        reasons = {"reasons": facts_of(found)["reasons"]}
        yield from log_entries.rewrite(found.guild, LogKind.REPORT, str(report), reasons)


def close_all(jobs: Collection[str], by: int, at_ms: int) -> Operation[tuple[int, ...]]:
    """Close the open reports of jobs that were taken down, and return their ids."""
    closed: list[int] = []
    for job in jobs:
        rows = yield Statement("SELECT id FROM report WHERE job = $1 AND outcome = 'open'", job)
        for row in rows:
            number = cast("int", row[0])
            yield from decide(number, ReportOutcome.TAKEN_DOWN, by, at_ms)
            closed.append(number)
    return tuple(closed)


def of_job(job: str) -> Operation[tuple[int, ...]]:
    """Return the reports of a job."""
    rows = yield Statement("SELECT id FROM report WHERE job = $1 ORDER BY id", job)
    return tuple(cast("int", row[0]) for row in rows)


def untold(limit: int) -> Operation[tuple[ReportNews, ...]]:
    """Return reporters who still need a direct message about the decision."""
    rows = yield Statement(
        f"{_NEWS} WHERE r.told IN ('due', 'closed') AND r.told = 'due' ORDER BY r.at_ms LIMIT $1", limit
    )
    return tuple(map(_news, cast("list[tuple[int, str, int, str, str]]", rows)))


def untold_of(guild: int, member: int) -> Operation[tuple[ReportNews, ...]]:
    """Return the decisions that a member does not know about, because their direct messages are closed."""
    rows = yield Statement(
        f"{_NEWS} WHERE r.told IN ('due', 'closed') AND r.told = 'closed' AND r.member = $2 AND p.guild = $1",
        guild,
        member,
    )
    return tuple(map(_news, cast("list[tuple[int, str, int, str, str]]", rows)))


def set_told(news: ReportNews, told: Told) -> Operation[None]:
    """Record whether a reporter got the message."""
    yield Statement("UPDATE reporter SET told = $3 WHERE job = $1 AND member = $2", news.job, news.member, told)


def facts_of(report: Report) -> dict[str, str | int]:
    """Return what the entry of a report in the server log says."""
    return {
        "job": report.job,
        "outcome": report.outcome.value,
        "by": str(report.decided_by),
        "count": report.reporters,
        "since": str(report.at_ms // 1_000),
        "reasons": "\n".join(filter(None, report.reasons)),
    }


_NEWS = "SELECT p.guild, p.job, r.member, p.outcome, r.told FROM reporter r JOIN report p ON p.id = r.report"


def _news(row: tuple[int, str, int, str, str]) -> ReportNews:
    guild, job, member, outcome, told = row
    return ReportNews(guild, job, member, ReportOutcome(outcome), Told(told))
