"""Members' reports to moderators, and the moderators' decisions about them."""

from dataclasses import dataclass

from bot.clock import Clock
from bot.errors import NotFound, ReportDecided
from bot.guilds import log_entries
from bot.guilds.log_entries import LogEntry, LogKind
from bot.jobs.jobs import Jobs
from bot.jobs.records import Job
from bot.moderation import case_rows, moderation, report_rows
from bot.moderation.case_records import Case, CaseKind, NewCase, Told
from bot.moderation.report_records import Report, Reported, ReportNews, ReportOutcome
from bot.storage.operation import Database, Operation

AT_ONCE = 15

LISTED = 200
"""How many open reports are listed."""


@dataclass(frozen=True, slots=True)
class ReportTakedown:
    """A takedown with which a moderator answers a report."""

    by: int
    reason: str
    refund: bool


class Reports:
    """The reports of all guilds."""

    def __init__(self, database: Database, jobs: Jobs, clock: Clock) -> None:
        self._database = database
        self._jobs = jobs
        self._clock = clock

    async def add(self, job: Job, member: int, reason: str, *, link: str) -> Reported:
        """Report a result for a member, with an entry in the server log; `link` leads to its message."""
        at_ms = self._clock.now_ms()

        def write() -> Operation[Reported]:
            reported, report = yield from report_rows.add(job.guild, job.id, member, reason, at_ms)
            if report is not None:
                facts = report_rows.facts_of(report) | {"id": job.short_id, "member": str(job.member), "link": link}
                if reported is Reported.NEW:
                    yield from log_entries.write(job.guild, LogKind.REPORT, str(report.id), facts, at_ms)
                else:
                    yield from log_entries.rewrite(job.guild, LogKind.REPORT, str(report.id), facts)
            return reported

        return await self._database.run(write)

    async def get(self, guild: int, report: int) -> Report:
        """Return a report of a guild. Raises NotFound."""
        found = await self._database.read(lambda: report_rows.get(report))
        if found is None or found.guild != guild:
            raise NotFound(what="report", name=str(report))
        return found

    async def waiting(self, guild: int) -> tuple[int, ...]:
        """Return a guild's undecided reports, the oldest first."""
        return await self._database.read(lambda: report_rows.waiting(guild, LISTED))

    async def decide(self, guild: int, report: int, outcome: ReportOutcome, by: int) -> Report:
        """Approve the result of a report, or dismiss the report. Raises ReportDecided if that was already done."""
        await self.get(guild, report)
        at_ms = self._clock.now_ms()
        decided = await self._database.run(lambda: report_rows.decide(report, outcome, by, at_ms))
        if decided is None:
            raise ReportDecided(by=str((await self.get(guild, report)).decided_by))
        return decided

    async def take_down(self, report: Report, job: Job, how: ReportTakedown) -> Report:
        """Take the reported result down. Raises ReportDecided if the report had already been decided."""
        at_ms = self._clock.now_ms()
        new = NewCase(report.guild, CaseKind.TAKEDOWN, job.member, how.reason, how.by, at_ms, job=job.id, tells=True)

        def write() -> Operation[Report | None]:
            decided = yield from report_rows.decide(report.id, ReportOutcome.TAKEN_DOWN, how.by, at_ms)
            if decided is not None:
                yield from moderation.taking_down(new, job, refund=how.refund)
            return decided

        decided = await self._database.run(write)
        if decided is None:
            raise ReportDecided(by=str((await self.get(report.guild, report.id)).decided_by))
        self._jobs.changed_by_moderators()
        return decided

    async def entry(self, guild: int, report: int) -> LogEntry | None:
        """Return the entry of a report in the server log."""
        return await self._database.read(lambda: log_entries.about(guild, LogKind.REPORT, str(report)))

    async def of_job(self, job: str) -> tuple[int, ...]:
        """Return the reports of a job."""
        return await self._database.read(lambda: report_rows.of_job(job))

    async def untold(self) -> tuple[ReportNews, ...]:
        """Return the news for reporters that is still to be sent by direct message, the oldest first."""
        return await self._database.read(lambda: report_rows.untold(AT_ONCE))

    async def news_of(self, guild: int, member: int) -> tuple[tuple[Case, ...], tuple[ReportNews, ...]]:
        """Return the cases and the decisions about reports that a member does not know about, in one read."""

        def read() -> Operation[tuple[tuple[Case, ...], tuple[ReportNews, ...]]]:
            return (yield from case_rows.untold_of(guild, member)), (yield from report_rows.untold_of(guild, member))

        return await self._database.read(read)

    async def told(self, news: ReportNews, told: Told) -> None:
        """Record whether a reporter got the message."""
        await self._database.run(lambda: report_rows.set_told(news, told))
