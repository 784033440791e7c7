"""Tests that files in a folder and in a bucket behave alike."""

import asyncio
import hashlib
from contextlib import suppress

import pytest

from bot.errors import StorageError
from bot.storage.artefact_bucket import ArtefactBucket
from bot.storage.artefact_folder import ArtefactFolder
from bot.storage.artefacts import PIECE_BYTES
from bot.storage.bucket import Bucket
from bot.storage.temporary_files import TemporaryFiles

PICTURE = b"\x89PNG and so on" * 1_000


@pytest.fixture(params=["folder", "bucket"])
def store(request, tmp_path, s3):
    if request.param == "folder":
        return ArtefactFolder(tmp_path / "artefacts", reserve_bytes=0)
    return ArtefactBucket(Bucket(s3.address()), TemporaryFiles(tmp_path / "artefacts" / "tmp", reserve_bytes=0))


async def kept_as(store, name, content=PICTURE):
    with store.temporary() as temporary:
        temporary.write_bytes(content)
        return await store.keep(temporary, name=name)


async def content_of(store, kept, into):
    return (await store.fetch(kept, into)).read_bytes()


async def test_stored_file_has_its_content_hash_and_size(store, tmp_path):
    kept = await kept_as(store, "job-1.png")
    assert (kept.sha256, kept.size) == (hashlib.sha256(PICTURE).hexdigest(), len(PICTURE))
    assert await content_of(store, kept.path, tmp_path / "copy") == PICTURE
    assert await store.size(kept.path) == len(PICTURE)
    assert await store.read(kept.path) == kept
    assert kept.path.as_posix() == f"{kept.sha256[:2]}/{kept.sha256[:32]}-job-1.png"


async def test_file_larger_than_a_piece_is_read_whole_and_in_parts(store, tmp_path):
    content = hashlib.shake_256(b"film").digest(PIECE_BYTES * 2 + 5)
    kept = (await kept_as(store, "job-1.mp4", content)).path
    assert await content_of(store, kept, tmp_path / "copy") == content
    await store.fetch_part(kept, tmp_path / "part", start=PIECE_BYTES - 3, size=PIECE_BYTES + 7)
    assert (tmp_path / "part").read_bytes() == content[PIECE_BYTES - 3 : 2 * PIECE_BYTES + 4]
    pieces = [piece async for piece in store.pieces(kept, 1, len(content))]
    assert b"".join(pieces) == content[1:]
    assert max(map(len, pieces)) == PIECE_BYTES


async def test_keeping_again_after_a_crash_leaves_one_file(store):
    first = await kept_as(store, "job-1.png")
    assert await kept_as(store, "job-1.png") == first
    assert [one.path for one in await store.list_files()] == [first.path]


async def test_files_are_listed_by_their_owner(store):
    names = ("one-1.png", "one-2.png", "one1-1.png", "two-source.mp4")
    kept = {name: (await kept_as(store, name, name.encode())).path for name in names}
    assert {one.name: one.path for one in await store.list_files()} == kept
    assert sorted(one.name for one in await store.list_files("one-")) == ["one-1.png", "one-2.png"]


async def test_removed_file_is_gone_and_another_jobs_file_with_its_content_is_not(store, tmp_path):
    mine, theirs = await kept_as(store, "mine-1.png"), await kept_as(store, "theirs-1.png")
    await store.remove(mine.path)
    await store.remove(mine.path)
    assert await store.size(mine.path) is None
    assert [one.name for one in await store.list_files()] == ["theirs-1.png"]
    assert await content_of(store, theirs.path, tmp_path / "copy") == PICTURE


async def test_missing_file_is_not_found(store, tmp_path):
    gone = "ab/" + "0" * 32 + "-job-1.png"
    assert await store.size(gone) is None
    with pytest.raises(FileNotFoundError):
        await store.fetch(gone, tmp_path / "copy")
    with pytest.raises(FileNotFoundError):
        await store.fetch_part(gone, tmp_path / "copy", start=0, size=5)
    assert not (tmp_path / "copy").exists()
    with pytest.raises(StorageError):
        await store.read(gone)


async def test_record_without_a_file_does_not_count_as_a_file(store, tmp_path):
    """Results that a restored backup does not know, and that can no longer be found, have an empty path."""
    assert await store.size("") is None
    with pytest.raises(FileNotFoundError):
        await store.fetch("", tmp_path / "copy")


@pytest.mark.parametrize("path", ["../secret", "/etc/passwd", "aa/../../secret"])
async def test_path_outside_the_store_is_refused(store, path, tmp_path):
    for refused in (store.size(path), store.remove(path), store.fetch(path, tmp_path / "copy")):
        with pytest.raises(ValueError, match="not in the artefact store"):
            await refused
    with pytest.raises(ValueError, match="not in the artefact store"):
        store.on_disk(path)


@pytest.mark.parametrize("name", ["../../../etc/passwd.png", "a b/ç💥.png", "x" * 5_000 + ".png", "\0.png"])
async def test_file_with_a_strange_name_is_found_again(store, name, tmp_path):
    kept = await kept_as(store, name)
    assert [one.path for one in await store.list_files()] == [kept.path]
    assert kept.path.suffix == ".png"
    assert await content_of(store, kept.path, tmp_path / "copy") == PICTURE


async def test_temporary_file_is_removed_whether_or_not_it_was_kept(store, tmp_path):
    await kept_as(store, "job-1.png")
    with suppress(RuntimeError), store.temporary() as temporary:
        temporary.write_bytes(PICTURE)
        raise RuntimeError
    assert not list((tmp_path / "artefacts" / "tmp").iterdir())
    (tmp_path / "artefacts" / "tmp" / "left").write_bytes(PICTURE)
    assert await store.clean() == 1


async def test_keeping_a_missing_file_is_an_error_and_stores_nothing(store):
    with pytest.raises(StorageError, match="cannot be stored"), store.temporary() as temporary:
        await store.keep(temporary, name="job-1.png")
    assert await store.list_files() == ()


async def test_concurrent_writes_do_not_affect_each_other(store, tmp_path):
    contents = [bytes([number]) * 5_000 for number in range(8)]
    kept = await asyncio.gather(
        *(kept_as(store, f"job-{number}.bin", content) for number, content in enumerate(contents))
    )
    copies = [await content_of(store, one.path, tmp_path / f"copy{number}") for number, one in enumerate(kept)]
    assert copies == contents
