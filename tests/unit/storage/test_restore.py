"""A backup replaces the database, whatever happens during the replacement, and nothing is lost."""

import shutil
import sqlite3
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest

from bot.errors import StorageError
from bot.storage.backup import backup
from bot.storage.restore import locked, replace, stage
from bot.storage.sqlite.driver import SqliteDatabase
from bot.storage.sqlite.integrity import has_foreign_log, log_of
from tests.new_database import open_new
from tests.present import present
from tests.unit.storage.notes import create, numbers, write

RELEASES = Path(__file__).with_name("releases")


class Killed(BaseException):
    """Raised where the process is killed."""


async def ids(path):
    database = await SqliteDatabase.open(path)
    try:
        return await database.read(numbers)
    finally:
        await database.close()


def replaced(folder):
    return [one for one in folder.glob("easel.db.replaced-*") if not one.name.endswith("-wal")]


@pytest.fixture
async def target(tmp_path):
    """Provide a database with notes 1 and 2, the last commit still in its log, and a backup that has only note 1."""
    path = tmp_path / "easel.db"
    database = await open_new(path)
    await database.run(create)
    await database.run(partial(write, 1))
    backup(path, tmp_path / "copy.db")
    await database.run(partial(write, 2))
    left = tmp_path / "left-by-a-kill"
    left.mkdir()
    for one in (path, log_of(path)):
        shutil.copy(one, left / one.name)
    await database.close()
    for one in (path, log_of(path)):
        shutil.copy(left / one.name, one)
    return path


async def test_database_has_the_content_of_the_backup_and_the_other_is_kept_with_its_log(target, tmp_path):
    kept = present(replace(target, stage(tmp_path / "copy.db", target)))
    assert await ids(target) == [1]
    assert await ids(kept) == [1, 2]


async def test_restored_database_is_marked_as_a_copy(target, tmp_path):
    replace(target, stage(tmp_path / "copy.db", target))
    with closing(sqlite3.connect(target)) as connection:
        assert connection.execute("SELECT count(*) FROM copy_mark").fetchall() == [(1,)]


async def test_missing_database_is_restored(target, tmp_path):
    target.unlink()
    log_of(target).unlink()
    assert replace(target, stage(tmp_path / "copy.db", target)) is None
    assert await ids(target) == [1]


async def test_log_without_its_database_is_kept(target, tmp_path):
    target.unlink()
    kept = present(replace(target, stage(tmp_path / "copy.db", target)))
    assert log_of(kept).exists()
    assert await ids(target) == [1]


@pytest.mark.parametrize("step", range(1, 9))
async def test_kill_at_any_step_leaves_one_of_the_two_databases_or_one_that_is_refused(
    target, tmp_path, monkeypatch, step
):
    staged = stage(tmp_path / "copy.db", target)
    steps = 0

    def stops(real):
        def counted(self, *rest, **more):
            nonlocal steps
            steps += 1
            if steps == step:
                raise Killed
            return real(self, *rest, **more)

        return counted

    with monkeypatch.context() as killing:
        for name in ("hardlink_to", "replace", "unlink"):
            killing.setattr(Path, name, stops(getattr(Path, name)))
        try:
            replace(target, staged)
        except Killed:
            assert step <= 5  # two links, the replacement, and two files that are removed
        else:
            assert step > 5
    if has_foreign_log(target):
        with pytest.raises(StorageError, match="is left from another database"):
            await ids(target)
        replace(target, stage(tmp_path / "copy.db", target))
    found = await ids(target)
    assert found in ([1], [1, 2])
    assert (found == [1, 2]) == (step <= 3)
    assert found == [1, 2] or [1, 2] in [await ids(one) for one in replaced(tmp_path)]


async def test_leftovers_of_a_killed_restore_are_removed(target, tmp_path):
    left = tmp_path / "easel.db.restoring-abc"
    left.mkdir()
    (left / "easel.db.restoring").write_text("a copy with everything that members wrote")
    stage(tmp_path / "copy.db", target)
    assert not left.exists()


async def test_file_system_without_links_gets_copies(target, tmp_path, monkeypatch):
    def refuse(self, other):
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(Path, "hardlink_to", refuse)
    kept = present(replace(target, stage(tmp_path / "copy.db", target)))
    assert kept.stat().st_mode & 0o077 == 0
    assert (await ids(target), await ids(kept)) == ([1], [1, 2])


async def test_running_bot_is_not_disturbed(tmp_path):
    database = await SqliteDatabase.open(tmp_path / "easel.db")
    with pytest.raises(StorageError, match="Stop the bot first"), locked(tmp_path / "easel.db"):
        pass
    await database.close()
    with locked(tmp_path / "easel.db"):
        pass


def not_a_database(folder):
    (folder / "backup.db").write_bytes(b"a picture, perhaps" * 100)
    return "cannot be read"


def of_another_program(folder):
    with closing(sqlite3.connect(folder / "backup.db")) as connection:
        connection.execute("CREATE TABLE song (id)")
    return "is not a database of Easel"


def missing(folder):
    return "there is no file"


def cut_off(folder):
    whole = (folder / "copy.db").read_bytes()
    (folder / "backup.db").write_bytes(whole[: len(whole) // 2])
    return "."


def later(folder):
    shutil.copy(folder / "copy.db", folder / "backup.db")
    with closing(sqlite3.connect(folder / "backup.db")) as connection, connection:
        connection.execute("INSERT INTO migration VALUES (9999, 'tomorrow', '', 0)")
    return "which this version does not know"


@pytest.mark.parametrize("spoil", [not_a_database, of_another_program, missing, cut_off, later])
async def test_unusable_backup_changes_nothing(target, tmp_path, spoil):
    words = spoil(tmp_path)
    before = target.read_bytes(), log_of(target).read_bytes()
    with pytest.raises(StorageError, match=words):
        stage(tmp_path / "backup.db", target)
    assert (target.read_bytes(), log_of(target).read_bytes()) == before
    assert not list(tmp_path.glob("easel.db.*restoring*"))
