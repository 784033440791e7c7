import asyncio
import hashlib
import os
import secrets
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from bot.errors import StorageError
from bot.storage.artefact_folder import ArtefactFolder

PICTURE = b"\x89PNG and so on" * 1_000


@pytest.fixture
def store(tmp_path):
    return ArtefactFolder(tmp_path / "artefacts", reserve_bytes=0)


async def kept_as(store, name, content=PICTURE):
    with store.temporary() as temporary:
        temporary.write_bytes(content)
        return await store.keep(temporary, name=name)


def left_behind(tmp_path):
    """Return a file that a killed process was writing."""
    path = tmp_path / "artefacts" / "tmp" / secrets.token_hex(4)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(PICTURE)


def stored(tmp_path):
    return [path for path in (tmp_path / "artefacts").rglob("*") if path.is_file()]


async def test_stored_file_has_its_content_hash_and_size(store):
    kept = await kept_as(store, "job-1.png")
    assert store.path(kept.path).read_bytes() == PICTURE
    assert kept.sha256 == hashlib.sha256(PICTURE).hexdigest()
    assert kept.size == len(PICTURE)


async def test_path_of_a_stored_file_is_relative_and_keeps_the_suffix(store):
    kept = await kept_as(store, "job-1.png")
    assert not kept.path.is_absolute()
    assert kept.path.suffix == ".png"


async def test_temporary_file_is_gone_once_kept(store, tmp_path):
    with store.temporary() as temporary:
        temporary.write_bytes(PICTURE)
        await store.keep(temporary, name="job-1.png")
        assert not temporary.exists()
    assert len(stored(tmp_path)) == 1


async def test_temporary_file_that_was_not_kept_is_always_removed(store, tmp_path):
    with suppress(RuntimeError), store.temporary() as temporary:
        temporary.write_bytes(PICTURE)
        raise RuntimeError
    assert stored(tmp_path) == []


async def test_keeping_again_after_a_crash_leaves_one_file(store, tmp_path):
    first = await kept_as(store, "job-1.png")
    assert await kept_as(store, "job-1.png") == first
    assert len(stored(tmp_path)) == 1


async def test_removing_a_file_leaves_another_jobs_file_with_the_same_content(store):
    mine = await kept_as(store, "mine-1.png")
    theirs = await kept_as(store, "theirs-1.png")
    await store.remove(mine.path)
    assert not store.path(mine.path).exists()
    assert store.path(theirs.path).read_bytes() == PICTURE


async def test_removing_a_file_twice_is_not_an_error(store, tmp_path):
    kept = await kept_as(store, "job-1.png")
    await store.remove(kept.path)
    await store.remove(kept.path)
    assert stored(tmp_path) == []


@pytest.mark.parametrize("name", ["../../../etc/passwd.png", "a b/ç💥.png", "x" * 5_000 + ".png", "\0.png"])
async def test_file_with_a_strange_name_stays_inside_the_store(store, tmp_path, name):
    kept = await kept_as(store, name)
    assert stored(tmp_path) == [store.path(kept.path)]
    assert kept.path.suffix == ".png"


@pytest.mark.parametrize("path", ["../secret", "/etc/passwd", "aa/../../secret"])
def test_path_outside_the_store_is_refused(store, path):
    with pytest.raises(ValueError, match="not in the artefact store"):
        store.path(path)


def test_temporary_paths_are_fresh_and_on_the_same_disk(store, tmp_path):
    with ExitStack() as stack:
        paths = {stack.enter_context(store.temporary()) for _ in range(10)}
    assert len(paths) == 10
    assert all(path.parent.stat().st_dev == tmp_path.stat().st_dev for path in paths)


async def test_cleaning_removes_only_unfinished_files(store, tmp_path):
    kept = await kept_as(store, "job-1.png")
    left_behind(tmp_path)
    left_behind(tmp_path)
    assert await store.clean() == 2
    assert stored(tmp_path) == [store.path(kept.path)]


async def test_cleaning_an_unused_store_does_nothing(store, tmp_path):
    assert await store.clean() == 0
    assert not list(tmp_path.iterdir())


def test_file_that_would_not_fit_is_refused_before_it_is_written(store):
    with store.temporary(needed_bytes=1):
        pass
    with pytest.raises(StorageError, match=r"disk of .* is full"), store.temporary(needed_bytes=10**18):
        pass


def test_disk_space_is_reserved_for_the_database(tmp_path):
    with pytest.raises(StorageError, match="full"), ArtefactFolder(tmp_path, reserve_bytes=10**18).temporary():
        pass


def test_directory_that_cannot_be_created_is_reported_clearly(tmp_path):
    (tmp_path / "artefacts").touch()
    with pytest.raises(StorageError, match="Check DATA_DIR"), ArtefactFolder(tmp_path / "artefacts").temporary():
        pass


async def test_keeping_a_missing_file_is_an_error_and_stores_nothing(store, tmp_path):
    with pytest.raises(StorageError, match="cannot be stored"), store.temporary() as temporary:
        await store.keep(temporary, name="job-1.png")
    assert stored(tmp_path) == []


async def test_file_and_directories_are_on_disk_before_keep_returns(store, tmp_path, monkeypatch):
    synced = []
    fsync = os.fsync

    def watch(descriptor):
        synced.append(Path(f"/proc/self/fd/{descriptor}").readlink())
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", watch)
    with store.temporary() as temporary:
        temporary.write_bytes(PICTURE)
        kept = await store.keep(temporary, name="job-1.png")
    assert synced == [temporary, store.path(kept.path).parent, tmp_path / "artefacts"]


async def test_concurrent_writes_do_not_affect_each_other(store):
    contents = [bytes([number]) * 5_000 for number in range(16)]
    kept = await asyncio.gather(
        *(kept_as(store, f"job-{number}.bin", content) for number, content in enumerate(contents))
    )
    assert [store.path(each.path).read_bytes() for each in kept] == contents
