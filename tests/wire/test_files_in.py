"""Tests of how members' files reach the provider, which really fetches them."""

import io
import random
import struct
import zlib
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest
from PIL import Image

from bot.jobs.records import State
from bot.jobs.store import file_rows
from bot.money import milli
from tests.pixels import picture
from tests.wire.conftest import running_stage
from tests.wire.stage import PAUSED_SPEED, is_over, is_ready, short_id, text_of

START = milli(100_000)
DAY_S = 86_400
PRICE = 13_750


def noise(side: int = 400) -> bytes:
    """Return a picture of about 480 kB that no lossless format compresses."""
    file = io.BytesIO()
    Image.frombytes("RGB", (side, side), random.Random(1).randbytes(side * side * 3)).save(file, "PNG")
    return file.getvalue()


async def images(stage) -> list[str]:
    """Return the picture links that the provider received, oldest first."""
    return [one["input"]["image"] for one in await stage.predictions() if "image" in one["input"]]


async def cut_out(stage, **how):
    """Order a cut-out and return its message once it is ready."""
    message = await stage.message_of(await stage.command("mira", "removebg", **how), is_over)
    assert is_ready(message), text_of(message)
    return message


async def big_result(stage, **how):
    """Create a result of more than 256 kB and return its short id."""
    answer = await stage.command("mira", "imagine", prompt="a cat [huge]", **how)
    card = await stage.until_running(answer)
    stage.advance_runs()
    await stage.until_state(short_id(card), State.DONE)
    return short_id(card)


async def test_small_picture_is_sent_in_the_request(stage):
    await cut_out(stage, files={"image": ("cat.png", picture())})
    (link,) = await images(stage)
    assert link.startswith("data:image/png;base64,")


def with_a_wrong_checksum(png: bytes) -> bytes:
    comment = b"\0\0\0\x09tEXtkey\0value"
    return png[:33] + comment + bytes(4) + png[33:]


def with_a_long_comment(png: bytes) -> bytes:
    data = b"zTXtkey\0\0" + zlib.compress(bytes(3_000_000))
    return png[:33] + struct.pack(">I", len(data) - 4) + data + struct.pack(">I", zlib.crc32(data)) + png[33:]


def without_end(png: bytes) -> bytes:
    file = io.BytesIO()
    Image.open(io.BytesIO(png)).save(file, "JPEG", quality=95)
    return file.getvalue()[:-2]


@pytest.mark.parametrize("damaged", [with_a_wrong_checksum, with_a_long_comment, without_end])
@pytest.mark.parametrize("side", [100, 400])
async def test_fault_that_browsers_overlook_does_not_reach_the_model(side, damaged, stage):
    await cut_out(stage, files={"image": ("cat.png", damaged(noise(side)))})
    (link,) = await images(stage)
    assert link.startswith("data:image/")


async def test_file_with_an_unknown_codec_is_refused_and_the_bot_keeps_running(stage):
    form = struct.pack("<HHIIHH", 0x7777, 1, 24_000, 48_000, 2, 16)
    head = b"RIFF" + struct.pack("<I", 100) + b"WAVEfmt " + struct.pack("<I", 16) + form
    sound = head + b"data" + struct.pack("<I", 64) + bytes(64)
    refused = await stage.message_of(
        await stage.command("mira", "removebg", files={"image": ("cat.png", sound)}), is_over
    )
    assert "cat.png is incomplete or damaged" in text_of(refused)
    assert await stage.balance("mira") == (START, 0)
    await cut_out(stage, files={"image": ("cat.png", noise())})


async def test_picture_above_256_kb_is_fetched_through_its_discord_link(stage):
    content = noise()
    assert len(content) > 256_000
    await cut_out(stage, files={"image": ("cat.png", content)})
    (link,) = await images(stage)
    assert "/cdn/ephemeral-attachments/" in link
    assert {"ex", "is", "hm"} <= set(parse_qs(urlsplit(link).query))
    assert await stage.balance("mira") == (START - PRICE, 0)


async def test_file_of_a_waiting_job_is_copied_before_its_link_expires(tmp_path):
    async with running_stage(tmp_path, speed=PAUSED_SPEED) as stage:
        await stage.restart_bot(running_per_member=1)
        first = await stage.command("mira", "imagine", prompt="a cat")
        await stage.until_running(first)
        second = await stage.command("mira", "removebg", files={"image": ("cat.png", noise())})
        waiting = await stage.message_of(second)
        await copied(stage, short_id(waiting))
        stage.advance_discord(DAY_S + 60)
        await stage.command("mira", "balance")  # its answer tells the bot Discord's new time
        stage.advance_runs()
        running = await stage.until_submitted(short_id(waiting))
        assert running.job.state is State.RUNNING
        (link,) = await images(stage)
        assert link.startswith("data:image/jpeg;base64,")
        assert len(link) <= 256_000
        stage.advance_runs()
        await stage.until_state(short_id(waiting), State.DONE)


async def copied(stage, name) -> None:
    """Wait until a job's input file is in the bot's store."""
    snapshot = await stage.app.jobs.find(stage.world.guild, name)
    await stage.writes.until(lambda: stage.app.database.read(lambda: file_rows.inputs_of(snapshot.job.id)))


async def test_attachment_link_expires_after_a_day(stage):
    answer = await stage.command("mira", "removebg", files={"image": ("cat.png", noise())})
    await stage.message_of(answer, is_over)
    (link,) = await images(stage)
    async with stage.http.get(link) as response:
        assert response.status == 200
    stage.advance_discord(DAY_S + 1)
    async with stage.http.get(link) as response:
        assert response.status == 404


async def test_earlier_result_above_256_kb_is_sent_as_a_fresh_link_from_its_message(slow_stage):
    stage = slow_stage
    name = await big_result(stage)
    stage.advance_discord(DAY_S + 60)  # the link in the original message has expired
    answer = await stage.command("mira", "removebg", job=name)
    card = await stage.message_of(answer)
    await stage.until_submitted(short_id(card))
    (link,) = await images(stage)
    assert "/cdn/attachments/" in link
    assert int(parse_qs(urlsplit(link).query)["ex"][0], 16) > stage.discord.clock.now()
    stage.advance_runs()
    await stage.until_state(short_id(card), State.DONE)


async def test_public_url_serves_large_input_files(tmp_path, unused_tcp_port):
    port = unused_tcp_port
    async with running_stage(tmp_path) as stage:
        await stage.restart_bot(http_port=port, public_url=f"http://127.0.0.1:{port}")
        content = noise()
        await cut_out(stage, files={"image": ("cat.png", content)})
        (link,) = await images(stage)
        assert link.startswith(f"http://127.0.0.1:{port}/files/")
        async with stage.http.get(link) as response:
            assert (response.status, response.content_type) == (200, "image/png")
            assert response.headers["X-Content-Type-Options"] == "nosniff"
            assert await response.read() == content


async def test_public_url_serves_the_original_of_a_result_too_large_for_discord(tmp_path, unused_tcp_port, monkeypatch):
    async def nothing(*_, **__):
        return None

    port = unused_tcp_port
    monkeypatch.setattr("bot.media.media_tools.MediaTools.to_fit", nothing)  # as if it could not be made smaller
    async with running_stage(tmp_path, speed=PAUSED_SPEED) as stage:
        await stage.restart_bot(http_port=port, public_url=f"http://127.0.0.1:{port}")
        answer = await stage.command("mira", "imagine", prompt="a cat [huge]")
        card = await stage.until_running(answer)
        stage.advance_runs()
        await stage.until_state(short_id(card), State.DONE)
        message = await stage.message_of(answer, is_ready)
        text = text_of(message)
        assert "available for 30 days" in text
        assert message["attachments"] == []
        link = text.partition("](")[2].partition(")")[0]
        assert link.startswith(f"http://127.0.0.1:{port}/files/")
        async with aiohttp.ClientSession() as session, session.get(link) as response:
            assert response.status == 200
            assert len(await response.read()) > 10 << 20


@pytest.mark.parametrize("path", ["files/", "files/ab/x.png", "files/../easel.db", "files/ab/x.png?ex=ffffffff&hm=00"])
async def test_file_without_a_valid_signature_is_not_served(tmp_path, unused_tcp_port, path):
    port = unused_tcp_port
    async with running_stage(tmp_path) as stage:
        await stage.restart_bot(http_port=port, public_url=f"http://127.0.0.1:{port}")
        async with stage.http.get(f"http://127.0.0.1:{port}/{path}") as response:
            assert response.status == 404


@pytest.mark.parametrize("colour", [0, 255])
async def test_mask_that_selects_nothing_is_refused_before_the_hold(stage, colour):
    photo, mask = io.BytesIO(), io.BytesIO()
    Image.new("RGB", (400, 300), "red").save(photo, "PNG")
    Image.new("L", (400, 300), colour).save(mask, "PNG")
    files = {"image": ("cat.png", photo.getvalue()), "mask": ("mask.png", mask.getvalue())}
    answer = await stage.command("mira", "erase", fill="a door", files=files)
    if colour:
        assert is_ready(await stage.message_of(answer, is_over))
    else:
        assert answer.private
        assert "selects nothing" in text_of(await stage.message_of(answer, lambda message: text_of(message).strip()))
        assert await stage.app.jobs.of_member(stage.world.guild, stage.world.members["mira"]) == ()
