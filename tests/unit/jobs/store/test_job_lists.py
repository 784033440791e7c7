"""Lists of jobs read what they show in a single read, and no more than a page holds."""

from functools import partial

import pytest

from bot.catalogue import serial
from bot.catalogue.order import FileRole, InputFile, Order, Task
from bot.jobs.job_lines import AskedPage
from bot.jobs.records import State, Visibility
from bot.jobs.store.snapshots import Snapshots
from bot.storage.operation import Statement
from tests.unit.jobs.store.test_snapshots import CountedWorld, spent
from tests.unit.jobs.world import GUILD, MEMBER, OTHER, imagine

pytestmark = pytest.mark.usefixtures("each_driver")

ELSEWHERE = GUILD + 1
EVERY = frozenset(State)
FIRST = AskedPage(1, 5)


@pytest.fixture
async def world(tmp_path):
    async with CountedWorld.opened(tmp_path) as world:
        yield world


async def ordered(world, count, **more):
    """Order a number of jobs, one per second, and return their ids, newest first."""
    made = []
    for number in range(count):
        made.append(await world.order(imagine(f"lighthouse {number}"), **more))
        await world.clock.advance(1)
    return made[::-1]


def ids(page):
    return [one.job.id for one in page.shown]


PAGES = {
    "of a member": lambda lists, asked: lists.page_of_member([GUILD], MEMBER, 200, asked),
    "of a search for everything": lambda lists, asked: lists.page_of_matching(GUILD, MEMBER, None, 200, asked),
    "of a search": lambda lists, asked: lists.page_of_matching(
        GUILD, MEMBER, lambda line: "lighthouse" in line.words.typed, 200, asked
    ),
    "of favourites": lambda lists, asked: lists.page_of_favourites(GUILD, MEMBER, 200, asked),
    "of a guild": lambda lists, asked: lists.page_of_guild(
        GUILD, None, states=EVERY, since_ms=0, limit=200, asked=asked
    ),
    "of a member for moderators": lambda lists, asked: lists.page_of_guild(
        GUILD, MEMBER, states=EVERY, since_ms=0, limit=200, asked=asked
    ),
}


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
async def test_page_reads_only_the_jobs_that_it_shows(world, page, monkeypatch):
    jobs = await ordered(world, 12)
    for job in jobs:
        await world.jobs.mark(job, MEMBER, marked=True)
        await world.jobs.cancel(job, by=MEMBER)  # because a waiting job's card depends on all jobs in line
    made, make = [], Snapshots._job
    monkeypatch.setattr(Snapshots, "_job", lambda self, row: made.append(row) or make(self, row))
    read = partial(page, world.jobs.lists)

    second, reads, statements = await spent(world, read(AskedPage(2, 5)))
    assert (ids(second), second.count, second.number, second.pages) == (jobs[5:10], 12, 2, 3)
    assert (len(made), reads) == (5, 1)
    assert statements <= 15

    assert not (await read(AskedPage(4, 5))).exists
    last = await read(AskedPage(4, 5, last=True))
    assert (ids(last), last.number) == (jobs[10:], 3)


async def test_page_of_an_empty_list_does_not_exist(world):
    found = await world.jobs.lists.page_of_member([GUILD], MEMBER, 200, AskedPage(1, 5, last=True))
    assert (found.exists, found.count, found.pages, found.shown) == (False, 0, 0, ())


async def test_list_has_no_more_jobs_than_its_limit(world):
    jobs = await ordered(world, 4)
    found = await world.jobs.lists.page_of_member([GUILD], MEMBER, 3, FIRST)
    assert (ids(found), found.count) == (jobs[:3], 3)


async def test_results_to_be_shown_come_first_in_the_list_of_several_servers(world):
    await world.ledger.mint(ELSEWHERE, 1_000_000, key="m:e", actor=1, reason="", at_ms=1)
    await world.ledger.allot(ELSEWHERE, MEMBER, 1_000_000, key="a:e", actor=1, reason="", at_ms=1)
    kept, empty = await ordered(world, 2)
    (there,) = await ordered(world, 1, guild=ELSEWHERE)
    (newest,) = await ordered(world, 1)
    held = [await _hold(world, job) for job in (kept, empty)]

    def write():
        for job in (kept, empty):
            yield Statement("UPDATE job SET state = 'undelivered', captured_mcr = held_mcr WHERE id = $1", job)
        yield from _artefact(kept)

    await world.database.run(write)
    found = await world.jobs.lists.page_of_member([GUILD, ELSEWHERE], MEMBER, 200, FIRST)
    assert ids(found) == [kept, newest, there, empty]
    await _undo(world, (kept, empty), held)


async def test_states_of_a_list_are_merged_in_the_order_of_time(world):
    jobs = await ordered(world, 6)
    held = [await _hold(world, job) for job in jobs]

    def write():
        for number, job in enumerate(jobs):
            if number % 3:
                state = ("failed", "expired")[number % 3 - 1]
                yield Statement(
                    "UPDATE job SET state = $2, failure_key = 'run-failed', failure_facts = '{}' WHERE id = $1",
                    job,
                    state,
                )

    await world.database.run(write)

    async def listed(*states, member=None):
        page = await world.jobs.lists.page_of_guild(
            GUILD, member, states=frozenset(states), since_ms=0, limit=4, asked=FIRST
        )
        return ids(page)

    failed, expired, waiting = jobs[1::3], jobs[2::3], jobs[::3]
    assert await listed(State.FAILED) == failed
    assert await listed(State.FAILED, State.EXPIRED, member=MEMBER) == [job for job in jobs if job not in waiting]
    assert await listed(State.WAITING, State.FAILED) == [job for job in jobs if job not in expired]
    assert await listed(State.FAILED, member=OTHER) == []
    await _undo(world, jobs, held)


async def test_line_has_the_same_values_as_its_job(world):
    file = InputFile("image", FileRole.IMAGE, "cat.png", "https://example.invalid/cat.png", 10, "image/png", 64, 64)
    job = await world.order(imagine("A Lighthouse"), visibility=Visibility.PRIVATE)
    (line,) = await world.jobs.lists.of_member(GUILD, MEMBER, limit=10)
    whole = (await world.jobs.get(job)).job
    same = ("id", "short_id", "guild", "channel", "member", "state", "visibility", "shown_by", "removed_by")
    assert [getattr(line, name) for name in same] == [getattr(whole, name) for name in same]
    assert (line.is_public, line.is_private) == (whole.is_public, whole.is_private) == (False, True)
    assert (line.task, line.model) == (whole.order.task, whole.order.model)
    assert (line.words.prompt, line.words.typed, line.words.file) == ("A Lighthouse", "a lighthouse", "")
    words = serial.load_words(serial.dump_order(Order(Task.ERASE, "m", what="the Lamp", files=(file,))))
    assert (words.typed, words.file) == ("the lamp", "cat.png")


async def test_line_of_an_unreadable_order_is_left_out(world, caplog):
    bad, good = await ordered(world, 2)

    def damage():
        yield Statement("UPDATE job SET ordered = $2 WHERE id = $1", bad, '{"v":99}')

    await world.database.run(damage)
    assert [line.id for line in await world.jobs.lists.of_member(GUILD, MEMBER, limit=10)] == [good]
    assert bad in caplog.text


async def _hold(world, job):
    """Return the row of a job, to write it back before the ledger is checked."""

    def read():
        return (yield Statement("SELECT state, captured_mcr FROM job WHERE id = $1", job))

    return tuple((await world.database.read(read))[0])


async def _undo(world, jobs, rows):
    def write():
        for job, (state, captured) in zip(jobs, rows, strict=True):
            yield Statement(
                "UPDATE job SET state = $2, captured_mcr = $3, failure_key = NULL, failure_facts = NULL WHERE id = $1",
                job,
                state,
                captured,
            )
            yield Statement("DELETE FROM artefact WHERE job = $1", job)

    await world.database.run(write)


def _artefact(job):
    yield Statement(
        "INSERT INTO artefact (job, number, prediction, path, name, media, size, sha256) "
        "VALUES ($1, 1, 1, 'a/b', 'a.png', 'image/png', 10, 'x')",
        job,
    )
