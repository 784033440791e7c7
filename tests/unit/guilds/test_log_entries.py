"""Tests of the query for server log entries that are still to be posted."""

import pytest

from bot.guilds import log_entries
from bot.guilds.log_entries import LogKind
from tests.new_database import open_new
from tests.unit.jobs.store.test_query_plans import full_scans

pytestmark = pytest.mark.usefixtures("each_driver")

BROKEN, OTHER = 11, 22


@pytest.fixture
async def database(tmp_path):
    opened = await open_new(tmp_path / "easel.db")
    yield opened
    await opened.close()


async def test_guild_with_many_due_entries_does_not_hide_those_of_another_guild(database):
    for number in range(30):
        await database.run(lambda number=number: log_entries.write(BROKEN, LogKind.BUDGET, str(number), {}, number))
    await database.run(lambda: log_entries.write(OTHER, LogKind.BUDGET, "other", {}, 99))
    due = await database.read(lambda: log_entries.due(20))
    assert [one.subject for one in due] == [*(str(number) for number in range(20)), "other"]


@pytest.mark.parametrize("each_driver", ["sqlite"], indirect=True)  # it reads SQLite's query plan
async def test_due_entries_are_found_without_the_posted_ones(database):
    assert await full_scans(database, log_entries.due(20)) == []
