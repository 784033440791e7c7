"""Tests of jobs whose files are in a bucket, from upload to removal, while the store fails and the bot restarts."""

import asyncio
import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest
from pydantic import SecretStr

from bot.app import jobs_side
from bot.cli.check import all_checks
from bot.cli.findings import Grade, examine
from bot.errors import SettingsError
from bot.jobs.checkpoints import Checkpoint
from bot.jobs.records import State
from bot.money import milli
from tests.pixels import picture
from tests.s3_address import BUCKET, REGION
from tests.s3_server import answer, backend, objects
from tests.unit.jobs.world import StopAt
from tests.wire.conftest import running_stage
from tests.wire.stage import is_ready, short_id
from tests.wire.test_bad_starts import start_as

START = milli(100_000)
PRICE = milli(75)


@pytest.fixture
async def stage(tmp_path, s3, monkeypatch):
    """Open a stage whose bot stores files in a bucket, and does not wait long for each step of its shutdown."""
    build = jobs_side.build_limits
    monkeypatch.setattr(jobs_side, "build_limits", lambda settings: replace(build(settings), drain_s=0.05))
    async with running_stage(tmp_path, **bucket_settings(s3)) as stage:
        yield stage


def bucket_settings(s3):
    return {
        "artefacts_url": f"s3://{BUCKET}/easel",
        "aws_endpoint_url": s3.url,
        "aws_region": REGION,
        "aws_access_key_id": "key",
        "aws_secret_access_key": SecretStr("secret"),
    }


async def order(stage, **options):
    return await stage.command("mira", "imagine", prompt="a cat", **options)


async def ended(stage, answer):
    """Wait for a result, and return the job and the object with its file."""
    message = await stage.message_of(answer, is_ready)
    snapshot = await stage.until_state(short_id(message), State.DONE)
    (artefact,) = snapshot.artefacts
    async with stage.http.get(message["attachments"][0]["url"]) as response:
        shown = await response.read()
    key = f"easel/{artefact.path.as_posix()}"
    assert objects()[key] == shown
    return snapshot, key


async def until_gone(stage, key):
    async def gone():
        return key not in objects()

    await stage.writes.until(gone)


async def test_files_live_in_the_bucket_until_they_are_taken_down_or_expire(stage, s3, tmp_path, unused_tcp_port):
    address = f"http://127.0.0.1:{unused_tcp_port}"
    await stage.restart_bot(http_port=unused_tcp_port, public_url=address)
    snapshot, key = await ended(stage, await order(stage))
    assert not [path for path in (tmp_path / "artefacts").rglob("*") if path.is_file()]
    link = stage.app._core.links.to(snapshot.artefacts[0].path, life_s=600)
    await _link_serves_all_or_a_range(stage, link, objects()[key])
    edited = await stage.command("mira", "upscale", files={"image": ("cat.png", picture())})
    upscaled = await stage.until_state(short_id(await stage.message_of(edited, is_ready)), State.DONE)
    assert sum(f"-{upscaled.job.id}-" in name for name in objects()) == 2  # the attached file, and the result
    s3.fault = lambda request: answer("503 Slow Down", "SlowDown") if request.startswith("DELETE") else None
    await stage.command("ada", "easel-mod takedown", job=snapshot.job.short_id, reason="rule 3", refund="full")
    async with stage.http.get(link) as response:
        assert response.status == 200  # the bucket refuses to delete it
    s3.fault = lambda _: None
    await stage.restart_bot(http_port=unused_tcp_port, public_url=address)
    await until_gone(stage, key)
    async with stage.http.get(link) as response:
        assert (response.status, await response.text()) == (404, "This file is no longer stored.")
    await stage.app.stop()
    with closing(sqlite3.connect(tmp_path / "easel.db")) as database, database:
        database.execute("UPDATE job SET updated_ms = 1")
    await stage.start_bot()

    async def empty():
        return not objects()

    await stage.writes.until(empty)
    assert await stage.balance("mira") == (START - upscaled.job.captured_mcr, 0)


async def _link_serves_all_or_a_range(stage, link, content):
    for header, status, served in (
        (None, 200, content),
        ("bytes=10-19", 206, content[10:20]),
        ("bytes=-5", 206, content[-5:]),
        (f"bytes={len(content)}-", 416, None),
        ("bytes=0-1,4-5", 200, content),
    ):
        async with stage.http.get(link, headers={"Range": header} if header else {}) as response:
            assert response.status == status
            if served is not None:
                assert await response.read() == served
                assert response.headers["Content-Security-Policy"].startswith("sandbox")


@pytest.mark.parametrize("step", [Checkpoint.DOWNLOADED, Checkpoint.COLLECTED, Checkpoint.CAPTURED])
async def test_crash_after_the_upload_neither_loses_nor_duplicates_anything(stage, s3, step):
    watch = StopAt(step)
    await stage.restart_bot(steps=watch)
    asked = await order(stage)
    await watch.hit.wait()
    captured = step is Checkpoint.CAPTURED
    assert await stage.balance("mira") == (START - PRICE, 0 if captured else PRICE)
    await stage.restart_bot()
    _, key = await ended(stage, asked)
    assert list(objects()) == [key]
    assert len([request for request in s3.seen if request.startswith("PUT")]) == 1
    assert await stage.balance("mira") == (START - PRICE, 0)


async def test_outage_of_the_bucket_delays_results_and_is_reported_and_costs_nothing(stage, s3, unused_tcp_port):
    await stage.restart_bot(http_port=unused_tcp_port)
    s3.fault = lambda _: answer("503 Slow Down", "SlowDown", "please wait")
    asked = await order(stage)
    ready = f"http://127.0.0.1:{unused_tcp_port}/readyz"

    async def reported():
        async with stage.http.get(ready) as response:
            return "files: files cannot be" in await response.text()

    await stage.writes.until(reported)
    assert await stage.balance("mira") == (START - PRICE, PRICE)
    s3.fault = lambda _: None
    await ended(stage, asked)
    assert await stage.balance("mira") == (START - PRICE, 0)


async def test_refused_start_names_the_wrong_setting(stage, s3):
    await stage.app.stop()
    settings = bucket_settings(s3)
    s3.fault = lambda _: answer("403 Forbidden", "SignatureDoesNotMatch")
    await start_refused(stage, "AWS_SECRET_ACCESS_KEY", settings)
    s3.fault = lambda _: answer("403 Forbidden", "AccessDenied")
    await start_refused(stage, "ARTEFACTS_URL", settings)
    s3.fault = lambda _: None
    await start_refused(stage, "ARTEFACTS_URL: .*NoSuchBucket", settings | {"artefacts_url": "s3://absent-bucket"})
    await start_refused(stage, "AWS_SECRET_ACCESS_KEY", settings | {"aws_secret_access_key": None})
    s3.fault = lambda _: answer("503 Slow Down", "SlowDown")
    await stage.start_bot()  # the start succeeds despite an outage
    assert (await stage.command("mira", "balance")).state == "acknowledged"


async def start_refused(stage, match, settings):
    await start_as(stage, SettingsError, match, **settings)


async def test_check_tries_the_bucket_and_says_what_is_wrong(stage, s3, tmp_path):
    async def findings():
        found = await examine(all_checks(stage.app.settings))
        return [(one.grade, one.what, one.fix) for one in found if one.part == "bucket"]

    assert [grade for grade, *_ in await findings()] == [Grade.OK]
    assert objects() == {}
    s3.fault = lambda request: answer("403 Forbidden", "AccessDenied") if request.startswith("DELETE") else None
    ((grade, what, fix),) = await findings()
    assert grade is Grade.WRONG
    assert "deleted from s3://easel-results/easel: AccessDenied" in what
    assert "permissions" in fix
    s3.fault = lambda _: None
    backend().buckets[BUCKET].versioning_status = "Enabled"
    (tmp_path / "artefacts" / "ab").mkdir(parents=True)
    (tmp_path / "artefacts" / "ab" / ("0" * 32 + "-job-1.png")).touch()
    versions, left = await findings()
    assert "keeps old versions" in versions[1]
    assert "still has 1 file, which" in left[1]
    assert await asyncio.to_thread((tmp_path / "artefacts").exists)
