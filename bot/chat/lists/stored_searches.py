"""Stores what members searched for, so that the buttons below the results can turn to their other pages.

A `custom_id` has no space for the words of a search, so it contains the number of a listing: one of those below, or a
search in the database.
"""

from typing import cast

from bot.catalogue.order import Task
from bot.chat.lists.job_search import JobSearch
from bot.clock import Clock
from bot.errors import RecordGone
from bot.storage.operation import Database, Operation, Statement

JOBS, HISTORY, FAVOURITES = 1, 2, 3
"""The numbers of the listings that need no search."""

SEARCHES = 100
"""The numbers of searches begin above this number."""

KEPT_MS = 7 * 24 * 3_600_000
"""How long a search is remembered: private messages disappear when their reader restarts Discord."""


class StoredSearches:
    """Members' searches. Only the member who made a search can use it again."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def number(self, search: JobSearch, guild: int, member: int) -> int:
        """Return the number of a search, storing it if it has any condition. Old searches are deleted."""
        if search == JobSearch():
            return HISTORY
        if search == JobSearch(favourites=True):
            return FAVOURITES
        now_ms = self._clock.now_ms()
        return SEARCHES + await self._database.run(lambda: _keep(search, guild, member, now_ms))

    async def find(self, number: int, guild: int, member: int) -> JobSearch:
        """Return the search with this number. Raises RecordGone if it has expired or is another member's."""
        if number in (HISTORY, FAVOURITES):
            return JobSearch(favourites=number == FAVOURITES)
        since_ms = self._clock.now_ms() - KEPT_MS
        found = await self._database.read(lambda: _find(number - SEARCHES, guild, member, since_ms))
        if found is None:
            raise RecordGone
        return found


def _keep(search: JobSearch, guild: int, member: int, at_ms: int) -> Operation[int]:
    yield Statement("DELETE FROM job_search WHERE at_ms < $1", at_ms - KEPT_MS)
    rows = yield Statement(
        "INSERT INTO job_search (guild, member, words, model, task, favourites, at_ms) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id",
        guild,
        member,
        search.words,
        search.model,
        search.task or "",
        int(search.favourites),
        at_ms,
    )
    return cast("int", rows[0][0])


def _find(number: int, guild: int, member: int, since_ms: int) -> Operation[JobSearch | None]:
    rows = yield Statement(
        "SELECT words, model, task, favourites FROM job_search "
        "WHERE id = $1 AND guild = $2 AND member = $3 AND at_ms >= $4",
        number,
        guild,
        member,
        since_ms,
    )
    if not rows:
        return None
    words, model, task, favourites = cast("tuple[str, str, str, int]", tuple(rows[0]))
    return JobSearch(words, model, Task(task) if task else None, bool(favourites))
