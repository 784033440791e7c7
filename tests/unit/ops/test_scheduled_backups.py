"""Copies are made in time, whatever happens to the bot, the clock or the disk, and only the newest are kept."""

import asyncio
import errno
import os
import sqlite3
from contextlib import asynccontextmanager, closing

import pytest

from bot.ops import scheduled_backups
from bot.ops.scheduled_backups import RETRY_S, BackupFailed, ScheduledBackups, copy_by_process
from tests.idle_loop import settle
from tests.manual_clock import ManualClock
from tests.new_database import write_new
from tests.patience import PATIENCE_S
from tests.unit.ops import endless_copy

HOUR_S = 3_600
EVERY = 6
KEEP = 3


class Disk:
    """A fake copy that writes the number of copies so far, or fails."""

    def __init__(self):
        self.copies = 0
        self.error: Exception | None = None

    async def __call__(self, target):
        if self.error is not None:
            raise self.error
        self.copies += 1
        target.write_text(str(self.copies))


@pytest.fixture
def disk():
    return Disk()


@pytest.fixture
def clock():
    return ManualClock()


@asynccontextmanager
async def scheduled(disk, folder, clock):
    backups = ScheduledBackups(disk, folder / "backups", clock, every_hours=EVERY, keep=KEEP)
    backups.start()
    await settle()
    try:
        yield backups
    finally:
        await backups.stop()


def kept(folder):
    return [int(path.read_text()) for path in sorted((folder / "backups").iterdir())]


async def test_first_copy_is_made_at_once_and_the_next_ones_in_time(disk, clock, tmp_path):
    async with scheduled(disk, tmp_path, clock) as backups:
        assert kept(tmp_path) == [1]
        await clock.advance(EVERY * HOUR_S - 1)
        assert kept(tmp_path) == [1]
        assert backups.age_s() == pytest.approx(EVERY * HOUR_S - 1, abs=1)
        await clock.advance(2)
        assert kept(tmp_path) == [1, 2]


async def test_only_the_newest_copies_are_kept_and_no_other_file_is_touched(disk, clock, tmp_path):
    (tmp_path / "backups").mkdir()
    for own in ("easel-of-tuesday.db", "easel.db", "easel-20230101T000000Z.db.txt"):
        (tmp_path / "backups" / own).write_text("0")
    async with scheduled(disk, tmp_path, clock):
        await clock.advance(10 * EVERY * HOUR_S)
    assert sorted(kept(tmp_path)) == [0, 0, 0, 9, 10, 11]


async def test_restart_neither_repeats_nor_forgets_a_copy(disk, clock, tmp_path):
    for _ in range(4):
        async with scheduled(disk, tmp_path, clock):
            await clock.advance(EVERY * HOUR_S / 4 + 1)
    assert kept(tmp_path) == [1, 2]


async def test_full_disk_costs_no_earlier_copy_and_is_tried_again(disk, clock, tmp_path, caplog):
    async with scheduled(disk, tmp_path, clock):
        await clock.advance(3 * EVERY * HOUR_S)
        disk.error = BackupFailed("the disk is full. Free some space")
        await clock.advance(EVERY * HOUR_S)
        assert kept(tmp_path) == [2, 3, 4]
        assert "tried again in 10 minutes: the disk is full. Free some space" in caplog.text
        disk.error = None
        await clock.advance(RETRY_S)
        assert kept(tmp_path) == [3, 4, 5]


@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "No space left on device"), RuntimeError("a surprise")])
async def test_no_failure_ends_the_schedule(disk, clock, tmp_path, error):
    disk.error = error
    async with scheduled(disk, tmp_path, clock) as backups:
        assert backups.age_s() is None
        disk.error = None
        await clock.advance(RETRY_S)
        assert kept(tmp_path) == [1]


async def test_time_without_a_copy_counts_from_startup_until_there_is_one(disk, clock, tmp_path):
    disk.error = BackupFailed("the disk is full")
    async with scheduled(disk, tmp_path, clock) as backups:
        await clock.advance(EVERY * HOUR_S)
        assert backups.without_copy_s() == pytest.approx(EVERY * HOUR_S, abs=1)
        disk.error = None
        await clock.advance(RETRY_S)
        assert backups.without_copy_s() <= RETRY_S


@pytest.mark.parametrize(("before", "after"), [(1, [1, 2, 90]), (KEEP, [1, 2, 92]), (KEEP + 2, [1, 2, 94])])
async def test_copies_dated_in_the_future_prevent_no_others_and_are_removed_first(disk, clock, tmp_path, before, after):
    (tmp_path / "backups").mkdir()
    for number in range(before):
        (tmp_path / "backups" / f"easel-2099120{1 + number}T000000Z.db").write_text(str(90 + number))
    async with scheduled(disk, tmp_path, clock):
        await clock.advance(EVERY * HOUR_S)
    assert kept(tmp_path) == after


async def test_leftovers_of_a_killed_copy_are_removed(disk, clock, tmp_path):
    (tmp_path / "backups").mkdir()
    (tmp_path / "backups" / "easel-20230101T000000Z.db.partial").write_text("half")
    async with scheduled(disk, tmp_path, clock):
        pass
    assert kept(tmp_path) == [1]


async def test_program_copies_the_database_or_says_why_it_cannot(tmp_path):
    write_new(tmp_path / "easel.db")
    await copy_by_process(tmp_path / "easel.db")(tmp_path / "copy.db")
    with closing(sqlite3.connect(tmp_path / "copy.db")) as connection:
        assert connection.execute("SELECT count(*) FROM copy_mark").fetchall() == [(1,)]
    with pytest.raises(BackupFailed, match="already exists"):
        await copy_by_process(tmp_path / "easel.db")(tmp_path / "copy.db")


async def test_stop_ends_a_copy_at_once(tmp_path, clock, monkeypatch):
    monkeypatch.setattr(scheduled_backups, "PROGRAM", endless_copy.__name__)
    os.mkfifo(tmp_path / "said")
    backups = ScheduledBackups(copy_by_process(tmp_path / "said"), tmp_path, clock, every_hours=EVERY, keep=KEEP)
    backups.start()
    async with asyncio.timeout(PATIENCE_S):
        with await asyncio.to_thread((tmp_path / "said").open) as said:
            assert await asyncio.to_thread(said.readline) == "copying\n"
            await backups.stop()
            assert await asyncio.to_thread(said.read) == ""  # the process has ended
