"""Tests that delivered files of every media type are playable or visible, described, and labelled as AI-generated."""

import io

import av
import pytest
from PIL import Image

from bot.catalogue.refusals import unusable
from bot.clock import SystemClock
from bot.filetype import sniff
from bot.jobs.engine.retention import DAY_MS
from bot.jobs.records import State
from tests.pixels import colour_count
from tests.wire.stage import buttons, is_over, is_ready, short_id, text_of
from tests.wire.test_ladder import EXPIRED_S, next_offer, order

SOURCE = b"http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
CLIP = "kwaivgi/kling-v1.6-standard"


async def fetch(stage, url):
    async with stage.http.get(url) as response:
        assert response.ok
        return await response.read()


async def result(stage, command, **options):
    """Place an order, and return its message and files once it is ready."""
    answer = await stage.command("mira", command, **options)
    message = await stage.message_of(answer, is_over)
    assert is_ready(message), text_of(message)
    return message, [await fetch(stage, file["url"]) for file in message["attachments"]]


def name(message, ending):
    return f"easel-{short_id(message)}-{ending}"


async def test_drawing_is_delivered_with_a_png_preview(stage):
    message, (still, drawing) = await result(stage, "svg", prompt="a red boat")
    assert [file["filename"] for file in message["attachments"]] == [
        name(message, "1-preview.png"),
        name(message, "1.svg"),
    ]
    with Image.open(io.BytesIO(still)) as image:
        assert max(image.size) == 1_024
        assert colour_count(image.convert("RGB")) > 100  # not a blank picture
    assert sniff(drawing) == "image/svg+xml"
    assert SOURCE in still
    assert SOURCE in drawing


async def test_drawing_that_cannot_be_rendered_is_still_delivered(stage, monkeypatch):
    async def refuse(*_):
        raise unusable("drawing.svg", "file-undrawable")

    monkeypatch.setattr("bot.media.media_tools.MediaTools.preview", refuse)
    _, files = await result(stage, "svg", prompt="a red boat")
    assert [sniff(file) for file in files] == ["image/svg+xml"]


async def test_video_is_attached_and_its_poster_is_in_the_card(stage):
    message, (clip,) = await result(stage, "video", prompt="waves", model=CLIP)
    (file,) = message["attachments"]
    assert file["filename"] == name(message, "1.mp4")
    assert file["description"] == "AI-generated: waves (kling-v1.6-standard)"
    still = await fetch(stage, message["embeds"][0]["thumbnail"]["url"])
    assert sniff(still) == "image/jpeg"
    assert SOURCE in still
    with av.open(io.BytesIO(clip), "r") as opened:
        assert short_id(message) in opened.metadata["comment"]
        next(opened.decode(video=0))


async def test_video_too_large_for_the_channel_is_shrunk_and_its_original_is_linked(stage):
    message, (clip,) = await result(stage, "video", prompt="waves [huge]", model=CLIP)
    assert len(clip) < 10 << 20
    assert SOURCE in clip
    text = text_of(message)
    assert "This is a smaller copy; the original is 11.0 MB. [Get original](" in text
    link = text.partition("[Get original](")[2].partition(")")[0]
    assert len(await fetch(stage, link)) >= 11_000_000


@pytest.mark.parametrize("size", ["", " [huge]"])
async def test_transparency_is_kept(size, stage):
    image = Image.new("RGB", (640, 640), "red")
    image.paste("blue", (200, 200, 440, 440))
    file = io.BytesIO()
    image.save(file, "PNG")
    message, (cut_out,) = await result(stage, "removebg", files={"image": (f"cat{size}.png", file.getvalue())})
    assert sniff(cut_out) in ("image/png", "image/webp")
    with Image.open(io.BytesIO(cut_out)) as opened:
        assert opened.convert("RGBA").getchannel("A").getextrema()[0] == 0
    assert message["attachments"][0]["description"].startswith("AI-generated: cat")
    assert SOURCE in cut_out


async def test_music_is_delivered_as_a_single_attachment(stage):
    message, (sound,) = await result(stage, "music", prompt="a slow blues")
    assert sniff(sound) == "audio/wav"
    assert message["attachments"][0]["description"] == "AI-generated: a slow blues (riffusion)"
    with av.open(io.BytesIO(sound), "r") as opened:
        assert "AI-generated with riffusion/riffusion" in opened.metadata["comment"]


async def test_music_too_large_for_the_channel_is_delivered_in_another_format(stage):
    message, (sound,) = await result(stage, "music", prompt="a slow blues [huge]")
    assert sniff(sound) == "audio/ogg"
    with av.open(io.BytesIO(sound), "r") as opened:
        assert "AI-generated" in {**opened.metadata, **opened.streams[0].metadata}["comment"]
        assert opened.duration is not None
        assert opened.duration > 4_000_000
    assert "smaller copy" in text_of(message)


async def test_four_pictures_arrive_in_order_with_numbered_alt_texts(stage):
    message, files = await result(stage, "imagine", prompt="four cats", count=4)
    assert [file["filename"][-6:-5] for file in message["attachments"]] == ["1", "2", "3", "4"]
    alt_texts = [file["description"] for file in message["attachments"]]
    assert alt_texts == [f"AI-generated: picture {n} of 4, four cats (flux-schnell)" for n in (1, 2, 3, 4)]
    assert all(SOURCE in file for file in files)


async def test_delivered_file_equals_the_stored_file(stage):
    message, (file,) = await result(stage, "imagine", prompt="a cat")
    snapshot = await stage.app.jobs.find(stage.world.guild, short_id(message))
    (artefact,) = snapshot.artefacts
    assert (stage.folder / "artefacts" / artefact.path).read_bytes() == file
    assert snapshot.job.id.encode() in file


@pytest.mark.parametrize(
    ("visibility", "promise"),
    [("private", "you'll find the result in /jobs"), ("dm", "by direct message")],
)
async def test_long_private_job_says_at_the_start_how_it_will_arrive(slow_stage, visibility, promise):
    stage = slow_stage
    answer = await stage.command("mira", "video", prompt="waves", model=CLIP, visibility=visibility)
    card = await stage.message_of(answer)
    await stage.until_submitted(short_id(card))
    assert "If this takes longer than 12 minutes" in text_of(card)
    assert promise in text_of(card)


async def test_long_public_job_says_nothing_about_its_arrival(slow_stage):
    answer = await slow_stage.command("mira", "video", prompt="waves", model=CLIP, visibility="channel")
    card = await slow_stage.message_of(answer)
    await slow_stage.until_submitted(short_id(card))
    assert "If this takes longer" not in text_of(card)


async def test_original_of_a_result_past_its_retention_is_reported_as_deleted(slow_stage, monkeypatch):
    stage = slow_stage
    running = await order(stage, visibility="private")
    stage.advance_discord(EXPIRED_S)
    await running.finish(State.UNDELIVERED)
    offer = await next_offer(stage)
    await stage.app.stop()
    monkeypatch.setattr("bot.clock.SystemClock.now_ms", _later())
    stage.advance_discord(31 * DAY_MS / 1_000)
    await stage.start_bot()
    await stage.job(running.name, lambda found: not found.artefacts)
    custom_id = next(one["custom_id"] for one in buttons(offer))
    pressed = await stage.do("mira", "component", message_id=offer["id"], custom_id=custom_id)
    assert await stage.message_of(pressed, lambda message: "were deleted after 30 days" in text_of(message))


def _later():
    now_ms = SystemClock.now_ms
    return lambda clock: now_ms(clock) + 31 * DAY_MS
