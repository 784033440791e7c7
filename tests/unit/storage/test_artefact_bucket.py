"""Tests of files in a bucket whose server fails, refuses requests, sends wrong data, or breaks off."""

import asyncio
import hashlib
import sys

import pytest

from bot.errors import FilesUnreachable
from bot.sizes import MEBIBYTE
from bot.storage.artefact_bucket import ArtefactBucket
from bot.storage.artefacts import PIECE_BYTES
from bot.storage.bucket import PART_BYTES, Bucket, BucketAddress
from bot.storage.temporary_files import TemporaryFiles
from tests.s3_address import BUCKET, REGION
from tests.s3_server import answer, backend, objects

PICTURE = b"\x89PNG and so on" * 1_000
FILM_BYTES = 48 * MEBIBYTE
MOST_BYTES = 46 * MEBIBYTE
"""The memory that a file of any size may need: two parts being sent, a piece being read, and some slack."""

FILM = hashlib.shake_256(b"film").digest(PART_BYTES + PIECE_BYTES)


@pytest.fixture
def store(s3, tmp_path):
    bucket = Bucket(s3.address(), tries=2, request_s=5)
    return ArtefactBucket(bucket, TemporaryFiles(tmp_path / "tmp", reserve_bytes=0))


async def kept_as(store, name="job-1.png", content=PICTURE):
    with store.temporary() as temporary:
        temporary.write_bytes(content)
        return await store.keep(temporary, name=name)


async def test_objects_have_the_same_names_as_files_in_a_folder_below_the_prefix(store):
    kept = await kept_as(store)
    assert objects() == {f"easel/{kept.path.as_posix()}": PICTURE}


async def test_large_file_is_sent_in_parts(store, s3):
    await kept_as(store, content=FILM)
    assert sum("partNumber=" in request for request in s3.seen) == 2
    assert list(objects().values()) == [FILM]


async def test_file_that_was_uploaded_before_a_crash_is_not_uploaded_again(store, s3):
    await kept_as(store)
    s3.seen.clear()
    await kept_as(store)
    assert not [request for request in s3.seen if request.startswith("PUT")]


async def test_upload_that_breaks_off_is_sent_again(store, s3):
    s3.cut_requests = 1
    kept = await kept_as(store, content=FILM)
    assert await store.read(kept.path) == kept


async def test_file_counts_as_stored_only_if_it_can_be_read_back_unchanged(store, s3):
    def lose(request):
        return answer("200 OK", headers='ETag: "0"\r\n') if request.startswith("PUT") else None

    s3.fault = lose
    with pytest.raises(FilesUnreachable, match="is not the file that was stored"):
        await kept_as(store)
    s3.fault = lambda _: None
    kept = await kept_as(store)
    backend().put_object(BUCKET, f"easel/{kept.path.as_posix()}", b"x" * len(PICTURE))
    assert await kept_as(store) == kept  # the damaged object is replaced
    assert list(objects().values()) == [PICTURE]


async def test_damaged_object_is_never_handed_out(store, tmp_path):
    kept = await kept_as(store)
    backend().put_object(BUCKET, f"easel/{kept.path.as_posix()}", b"x" * len(PICTURE))
    with pytest.raises(FilesUnreachable, match="is not the file"):
        await store.fetch(kept.path, tmp_path / "copy")
    assert not (tmp_path / "copy").exists()


async def test_answer_that_breaks_off_is_requested_again(store, s3, tmp_path):
    kept = await kept_as(store)
    s3.cut_answers = 1
    assert (await store.fetch(kept.path, tmp_path / "copy")).read_bytes() == PICTURE
    s3.cut_answers = 1_000
    with pytest.raises(FilesUnreachable):
        await store.fetch(kept.path, tmp_path / "other")
    assert not (tmp_path / "other").exists()


@pytest.mark.parametrize(
    ("status", "code", "setting", "fix"),
    [
        ("403 Forbidden", "AccessDenied", "ARTEFACTS_URL", "permissions"),
        ("403 Forbidden", "InvalidAccessKeyId", "AWS_ACCESS_KEY_ID", "Correct the key"),
        ("403 Forbidden", "SignatureDoesNotMatch", "AWS_SECRET_ACCESS_KEY", "Correct the key"),
        ("403 Forbidden", "RequestTimeTooSkewed", "", "NTP"),
        ("400 Bad Request", "ExpiredToken", "AWS_SESSION_TOKEN", "Replace"),
        ("400 Bad Request", "AuthorizationHeaderMalformed", "AWS_REGION", "region"),
        ("404 Not Found", "NoSuchBucket", "ARTEFACTS_URL", "Create the bucket"),
        ("503 Slow Down", "SlowDown", "", "Check AWS_ENDPOINT_URL"),
    ],
)
async def test_each_refusal_says_what_to_do_and_never_that_a_file_is_gone(store, s3, status, code, setting, fix):
    kept = await kept_as(store)
    s3.fault = lambda _: answer(status, code, "no, because")
    for work in (
        store.size,
        store.read,
        store.remove,
        lambda path: store.fetch(path, path),
        lambda _: store.list_files(),
    ):
        with pytest.raises(FilesUnreachable) as refused:
            await work(kept.path)
        assert fix in str(refused.value)
        assert refused.value.facts["setting"] == setting
    with pytest.raises(FilesUnreachable, match="no, because"):
        await kept_as(store, "job-2.png")
    s3.fault = lambda _: None
    assert await store.read(kept.path) == kept


@pytest.mark.parametrize(
    ("token", "role", "setting"),
    [
        ("403 Forbidden", "", "AWS_ACCESS_KEY_ID"),
        ("404 Not Found", "404 Not Found", "AWS_ACCESS_KEY_ID"),
        ("200 OK", "404 Not Found", "AWS_ACCESS_KEY_ID"),
        ("503 Service Unavailable", "", ""),
        ("200 OK", "503 Service Unavailable", ""),
    ],
)
async def test_missing_key_is_a_wrong_setting_only_if_the_cloud_answers(s3, monkeypatch, token, role, setting):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_METADATA_ENDPOINT", s3.url)
    s3.fault = lambda request: answer(token if "/latest/api/token" in request else role)
    bucket = Bucket(BucketAddress(BUCKET, endpoint=s3.url, region=REGION), tries=1, request_s=5)
    with pytest.raises(FilesUnreachable, match=r"no key is set.*AWS_SECRET_ACCESS_KEY") as refused:
        await bucket.put("cat.png", PICTURE)
    assert refused.value.facts["setting"] == setting


async def test_server_error_is_tried_again_at_once(store, s3):
    failures = iter([answer("503 Slow Down", "SlowDown")])
    s3.fault = lambda _: next(failures, None)
    kept = await kept_as(store)
    failures = iter([answer("500 Internal Server Error")])
    await store.remove(kept.path)
    assert objects() == {}


async def test_store_that_never_answers_is_given_up_in_time(tmp_path):
    held = []
    async with await asyncio.start_server(lambda _, writer: held.append(writer), "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        address = BucketAddress(BUCKET, "easel", f"http://127.0.0.1:{port}", REGION, "key", "secret")
        store = ArtefactBucket(Bucket(address, tries=2, request_s=0.2), TemporaryFiles(tmp_path, reserve_bytes=0))
        for work in (kept_as(store), store.list_files(), store.remove("ab/" + "0" * 32 + "-job-1.png")):
            with pytest.raises(FilesUnreachable, match="Check AWS_ENDPOINT_URL"):
                await work
    for writer in held:
        writer.close()
    await asyncio.gather(*(writer.wait_closed() for writer in held), return_exceptions=True)


async def test_object_of_another_program_is_neither_listed_nor_removed(store):
    kept = await kept_as(store)
    for key in ("easel/readme.txt", "easel/ab/notes", f"other/{kept.path.as_posix()}"):
        backend().put_object(BUCKET, key, b"mine")
    assert [one.path for one in await store.list_files()] == [kept.path]
    await store.remove("readme.txt")
    assert len(objects()) == 4


async def test_large_file_is_never_held_in_memory(s3_port, s3, tmp_path):
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.unit.storage.stream_child"),
        *(f"http://127.0.0.1:{s3_port}", str(tmp_path), str(FILM_BYTES)),
        stdout=asyncio.subprocess.PIPE,
    )
    printed, _ = await child.communicate()
    assert child.returncode == 0
    assert int(printed) < MOST_BYTES
    assert [len(content) for content in objects().values()] == [100_000, FILM_BYTES]
