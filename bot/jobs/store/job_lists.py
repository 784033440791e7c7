"""Reads lists of jobs: which jobs a list contains, and only what it shows. Each method is one read of the database."""

from collections.abc import Callable, Collection, Mapping, Sequence

from bot.jobs.job_lines import AskedPage, JobLine, JobPage, ResultLine
from bot.jobs.records import State
from bot.jobs.store import favourite_rows, file_rows, job_listing_rows
from bot.jobs.store.job_listing_rows import Listed
from bot.jobs.store.snapshots import Snapshots
from bot.storage.operation import Database, Operation

Matches = Callable[[JobLine], bool]


class JobLists:
    """Reads pages of whole jobs, and longer lists with one line per job. Unreadable jobs are left out of both."""

    def __init__(self, database: Database, snapshots: Snapshots) -> None:
        self._database = database
        self._snapshots = snapshots

    async def page_of_member(self, guilds: Collection[int], member: int, limit: int, asked: AskedPage) -> JobPage:
        """Return a page of a member's newest jobs in these guilds; those with a result still to be shown come first."""

        def ids() -> Operation[list[str]]:
            kept: list[Listed] = []
            newest: list[Listed] = []
            for guild in guilds:
                kept += yield from job_listing_rows.kept_of_member(guild, member, limit)
                newest += yield from job_listing_rows.newest_of_member(guild, member, frozenset(State), limit)
            found = [one.id for part in (kept, newest) for one in sorted(part, key=_age)]
            return list(dict.fromkeys(found))[:limit]

        return await self._page(ids, asked)

    async def page_of_guild(
        self,
        guild: int,
        member: int | None,
        *,
        states: Collection[State],
        since_ms: int,
        limit: int,
        asked: AskedPage,
    ) -> JobPage:
        """Return a page of the newest jobs of a guild, or of one of its members, from this time on, in these states."""

        def ids() -> Operation[list[str]]:
            newest = yield from job_listing_rows.newest_of_guild(guild, member, states, since_ms, limit)
            return [one.id for one in newest]

        return await self._page(ids, asked)

    async def page_of_matching(
        self, guild: int, member: int, matches: Matches | None, limit: int, asked: AskedPage
    ) -> JobPage:
        """Return a page of a member's newest jobs that match, or of all if `matches` is None."""

        def ids() -> Operation[list[str]]:
            newest = yield from job_listing_rows.newest_of_member(guild, member, frozenset(State), limit)
            found = [one.id for one in newest]
            if matches is None:
                return found
            return [line.id for line in (yield from job_listing_rows.lines(found)) if matches(line)]

        return await self._page(ids, asked)

    async def page_of_favourites(self, guild: int, member: int, limit: int, asked: AskedPage) -> JobPage:
        """Return a page of the jobs of a guild that a member marked, newest first."""
        return await self._page(lambda: favourite_rows.newest(guild, member, limit), asked)

    async def page_of(self, jobs: Sequence[str], asked: AskedPage) -> JobPage:
        """Return a page of these jobs."""

        def ids() -> Operation[Sequence[str]]:
            yield from ()
            return jobs

        return await self._page(ids, asked)

    async def favourites(self, guild: int, member: int, limit: int) -> tuple[JobLine, ...]:
        """Return the jobs of a guild that a member marked, newest first."""

        def read() -> Operation[tuple[JobLine, ...]]:
            return (yield from job_listing_rows.lines((yield from favourite_rows.newest(guild, member, limit))))

        return await self._database.read(read)

    async def of_member(
        self, guild: int, member: int, *, states: Collection[State] | None = None, limit: int
    ) -> tuple[JobLine, ...]:
        """Return a member's jobs, newest first, in all states unless some are given."""
        return await self._database.read(lambda: _lines(guild, member, states or frozenset(State), limit))

    async def of_ids(self, jobs: Collection[str]) -> Mapping[str, JobLine]:
        """Return the jobs among these that exist and can be read, by id."""
        return {line.id: line for line in await self._database.read(lambda: job_listing_rows.lines(jobs))}

    async def results_of_member(self, guild: int, member: int, limit: int) -> tuple[ResultLine, ...]:
        """Return a member's newest jobs that are done, with their results."""

        def read() -> Operation[tuple[ResultLine, ...]]:
            lines = yield from _lines(guild, member, {State.DONE}, limit)
            artefacts = yield from file_rows.artefacts_of_jobs([line.id for line in lines])
            return tuple(ResultLine(line, artefacts[line.id]) for line in lines)

        return await self._database.read(read)

    async def _page(self, ids: Callable[[], Operation[Sequence[str]]], asked: AskedPage) -> JobPage:
        def read() -> Operation[JobPage]:
            found = yield from ids()
            cut = asked.of(len(found))
            return JobPage(len(found), cut.number, cut.pages, (yield from self._snapshots.readable(found[cut.part])))

        return await self._database.read(read)


def _age(listed: Listed) -> int:
    return -listed.created_ms


def _lines(guild: int, member: int, states: Collection[State], limit: int) -> Operation[tuple[JobLine, ...]]:
    newest = yield from job_listing_rows.newest_of_member(guild, member, states, limit)
    return (yield from job_listing_rows.lines([one.id for one in newest]))
