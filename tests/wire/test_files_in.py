"""A member's files on their way to the provider, which really fetches them, with the real bot between the sandboxes."""

import io
import random
import struct
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest
from PIL import Image

from bot.jobs.records import State
from bot.jobs.store import file_rows
from bot.money import milli
from tests.wire.conftest import playing
from tests.wire.stage import SLOW, is_over, is_ready, short_id, words

START = milli(100_000)
DAY_S = 86_400
PRICE = 13_750


def noise(side: int = 400) -> bytes:
    """A picture of some 480 kB that no lossless format makes smaller."""
    file = io.BytesIO()
    Image.frombytes("RGB", (side, side), random.Random(1).randbytes(side * side * 3)).save(file, "PNG")
    return file.getvalue()


async def images(stage) -> list[str]:
    """The links that the provider was given, oldest first."""
    return [one["input"]["image"] for one in await stage.predictions() if "image" in one["input"]]


async def cut_out(stage, **how):
    """Order a cut-out and wait for it; gives its message."""
    message = await stage.seen(await stage.command("mira", "removebg", **how), is_over)
    assert is_ready(message), words(message)
    return message


async def big_result(stage, **how):
    """An earlier result of more than 256 kB, whose run ended; gives its short id."""
    answer = await stage.command("mira", "imagine", prompt="a cat [huge]", **how)
    card = await stage.running(answer)
    stage.run_to()
    await stage.ended(short_id(card), State.DONE)
    return short_id(card)


async def test_small_picture_is_sent_in_the_request(stage):
    small = io.BytesIO()
    Image.new("RGB", (320, 320), "red").save(small, "PNG")
    await cut_out(stage, files={"image": ("cat.png", small.getvalue())})
    (link,) = await images(stage)
    assert link.startswith("data:image/png;base64,")


async def test_file_of_an_unknown_codec_is_refused_and_the_bot_goes_on(stage):
    form = struct.pack("<HHIIHH", 0x7777, 1, 24_000, 48_000, 2, 16)
    head = b"RIFF" + struct.pack("<I", 100) + b"WAVEfmt " + struct.pack("<I", 16) + form
    sound = head + b"data" + struct.pack("<I", 64) + bytes(64)
    refused = await stage.seen(await stage.command("mira", "removebg", files={"image": ("cat.png", sound)}), is_over)
    assert "cat.png is incomplete or damaged" in words(refused)
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
    async with playing(tmp_path, speed=SLOW) as stage:
        await stage.restart_bot(running_per_member=1)
        first = await stage.command("mira", "imagine", prompt="a cat")
        await stage.running(first)
        second = await stage.command("mira", "removebg", files={"image": ("cat.png", noise())})
        waiting = await stage.seen(second)
        await copied(stage, short_id(waiting))
        stage.age(DAY_S + 60)
        await stage.command("mira", "balance")  # the bot hears Discord's new time with its answer
        stage.run_to()
        running = await stage.submitted(short_id(waiting))
        assert running.job.state is State.RUNNING
        (link,) = await images(stage)
        assert link.startswith("data:image/jpeg;base64,")
        assert len(link) <= 256_000
        stage.run_to()
        await stage.ended(short_id(waiting), State.DONE)


async def copied(stage, name) -> None:
    """Wait until a job's file is in our store."""
    snapshot = await stage.app.jobs.find(stage.world.guild, name)
    await stage.writes.until(lambda: stage.app.database.read(lambda: file_rows.inputs_of(snapshot.job.id)))


async def test_attachment_link_expires_after_a_day(stage):
    answer = await stage.command("mira", "removebg", files={"image": ("cat.png", noise())})
    await stage.seen(answer, is_over)
    (link,) = await images(stage)
    async with stage.http.get(link) as response:
        assert response.status == 200
    stage.age(DAY_S + 1)
    async with stage.http.get(link) as response:
        assert response.status == 404


async def test_earlier_result_above_256_kb_is_sent_as_a_fresh_link_from_its_message(slow_stage):
    stage = slow_stage
    name = await big_result(stage)
    stage.age(DAY_S + 60)  # the link that its message had when it was sent is dead
    answer = await stage.command("mira", "removebg", job=name)
    card = await stage.seen(answer)
    await stage.submitted(short_id(card))
    (link,) = await images(stage)
    assert "/cdn/attachments/" in link
    assert int(parse_qs(urlsplit(link).query)["ex"][0], 16) > stage.discord.clock.now()
    stage.run_to()
    await stage.ended(short_id(card), State.DONE)


async def test_public_url_serves_large_input_files(tmp_path, unused_tcp_port):
    port = unused_tcp_port
    async with playing(tmp_path) as stage:
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
    monkeypatch.setattr("bot.media.media_tools.MediaTools.to_fit", nothing)
    async with playing(tmp_path, speed=SLOW) as stage:
        await stage.restart_bot(http_port=port, public_url=f"http://127.0.0.1:{port}")
        answer = await stage.command("mira", "imagine", prompt="a cat [huge]")
        card = await stage.running(answer)
        stage.run_to()
        await stage.ended(short_id(card), State.DONE)
        message = await stage.seen(answer, is_ready)
        text = words(message)
        assert "available for 30 days" in text
        assert message["attachments"] == []
        link = text.partition("](")[2].partition(")")[0]
        assert link.startswith(f"http://127.0.0.1:{port}/files/")
        async with aiohttp.ClientSession() as session, session.get(link) as response:
            assert response.status == 200
            assert len(await response.read()) > 10 << 20


async def test_metrics_show_jobs_by_state_and_losses_by_reason(tmp_path, unused_tcp_port):
    port = unused_tcp_port
    async with playing(tmp_path) as stage:
        await stage.restart_bot(http_port=port)
        await stage.seen(await stage.command("mira", "imagine", prompt="a cat [fail]"), is_over)
        async with stage.http.get(f"http://127.0.0.1:{port}/metrics") as response:
            text = await response.text()
        assert 'easel_jobs{state="running"} 0.0' in text
        assert 'easel_loss_milli_credits_total{reason="failed"} 75000.0' in text


@pytest.mark.parametrize("path", ["files/", "files/ab/x.png", "files/../easel.db", "files/ab/x.png?ex=ffffffff&hm=00"])
async def test_file_without_a_valid_signature_is_not_served(tmp_path, unused_tcp_port, path):
    port = unused_tcp_port
    async with playing(tmp_path) as stage:
        await stage.restart_bot(http_port=port, public_url=f"http://127.0.0.1:{port}")
        async with stage.http.get(f"http://127.0.0.1:{port}/{path}") as response:
            assert response.status == 404
