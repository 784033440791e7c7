"""Tests that an unusable file is refused privately or, if its metadata does not show the problem, on the card."""

import base64
import struct
import zlib

import pytest

from bot.jobs.records import State
from tests.pixels import picture
from tests.wire.components import modal, names, press
from tests.wire.stage import is_over, is_ready, short_id, text_of

TOO_LARGE = "has more than 64 million pixels. Nothing was charged. Send a smaller file."


def empty_png(side: int) -> bytes:
    """Return a black square picture with one bit per pixel: small as a file, large when decoded."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    rows = zlib.compress(b"\0" * (side * (1 + side // 8)), 9)
    head = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


@pytest.mark.parametrize("command", ["removebg", "upscale", "vectorize"])
@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("notes.txt", b"hello", "notes.txt is text/plain, but the model accepts pictures here."),
        ("clip.mp4", b"\0" * 64, "clip.mp4 is video/mp4, but the model accepts pictures here."),
        ("logo.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "logo.svg is image/svg+xml, but the model accepts"),
        ("nothing.png", b"", "nothing.png is empty."),
    ],
)
async def test_file_is_refused_privately_if_its_metadata_shows_that_it_cannot_be_used(
    stage, command, name, content, reason
):
    answer = await stage.command("mira", command, files={"image": (name, content)})
    assert answer.private
    assert (await stage.text(answer)).startswith(reason)
    assert await stage.app.jobs.of_member(stage.world.guild, stage.world.members["mira"]) == ()


async def test_picture_with_too_many_pixels_is_refused_privately_if_discord_knows_its_sides(stage):
    answer = await stage.command("mira", "removebg", files={"image": ("wide.png", empty_png(8_008))})
    assert answer.private
    assert await stage.text(answer) == f"wide.png {TOO_LARGE}"


async def test_picture_whose_sides_discord_does_not_know_is_called_too_large_and_not_unreadable(stage):
    card = await failed(stage, "huge.png", empty_png(20_000))
    assert "huge.png has more than 64 million pixels." in text_of(card)
    assert names(card) == ["Try another file"]
    page = await failed(stage, "page.png", b"<html>not found</html>")
    assert "page.png can't be read." in text_of(page)


async def failed(stage, name, content, command="removebg", **options):
    answer = await stage.command("mira", command, files={"image": (name, content)}, **options)
    card = await stage.message_of(answer, is_over)
    await stage.until_state(short_id(card), State.FAILED)
    return card


async def with_another_file(stage, card, name, content, user="mira"):
    asked = await press(stage, user, card, "Try another file")
    shown = await modal(stage, asked)
    file = {"file": {"name": name, "base64": base64.b64encode(content).decode()}}
    return await stage.do(user, "modal", custom_id=shown["custom_id"], files=file)


async def test_damaged_picture_fails_with_the_reason_and_another_file_can_be_tried(stage):
    card = await failed(stage, "cat.png", picture()[:60])
    assert "cat.png" in text_of(card)
    assert "Nothing was charged" in text_of(card)
    assert names(card) == ["Try another file"]
    answer = await with_another_file(stage, card, "dog.png", picture())
    again = await stage.message_of(answer, is_over)
    assert is_ready(again), text_of(again)
    (first, second) = await stage.app.jobs.of_member(stage.world.guild, stage.world.members["mira"])
    assert {first.job.order.model, second.job.order.model} == {"lucataco/remove-bg"}


async def test_other_file_is_checked_like_the_first(stage):
    card = await failed(stage, "cat.png", picture()[:60])
    answer = await with_another_file(stage, card, "notes.txt", b"hello")
    assert answer.private
    assert (await stage.text(answer)).startswith("notes.txt is text/plain, but the model accepts pictures here.")


async def test_options_and_other_files_of_the_order_are_kept(stage):
    files = {"image": ("cat.png", picture()), "image2": ("dog.png", picture()[:60])}
    answer = await stage.command("mira", "edit", files=files, instruction="put both together")
    card = await stage.message_of(answer, is_over)
    assert "dog.png" in text_of(card)
    again = await stage.message_of(await with_another_file(stage, card, "fox.png", picture()), is_over)
    assert is_ready(again), text_of(again)
    newest, _ = await stage.app.jobs.of_member(stage.world.guild, stage.world.members["mira"])
    assert newest.job.order.prompt == "put both together"
    assert [file.name for file in newest.job.order.files] == ["cat.png", "fox.png"]


async def test_other_files_are_used_again_after_their_links_have_expired(stage):
    files = {"image": ("cat.png", picture()), "image2": ("dog.png", picture()[:60])}
    card = await stage.message_of(
        await stage.command("mira", "edit", files=files, instruction="put both together"), is_over
    )
    stage.advance_discord(2 * 24 * 3_600)
    again = await stage.message_of(await with_another_file(stage, card, "fox.png", picture()), is_over)
    assert is_ready(again), text_of(again)


async def test_failure_that_is_not_about_a_file_does_not_offer_to_try_another_file(stage):
    card = await stage.message_of(await stage.command("mira", "imagine", prompt="a cat [fail]"), is_over)
    assert "Try another file" not in names(card)


async def test_drawing_is_offered_to_no_command_that_cannot_accept_it(stage):
    drawing = await stage.message_of(await stage.command("mira", "svg", prompt="a fox"), is_over)
    photo = await stage.message_of(await stage.command("mira", "imagine", prompt="a cat"), is_over)
    for card in (drawing, photo):
        await stage.until_state(short_id(card), State.DONE)
    for command in ("removebg", "upscale", "vectorize", "edit", "erase"):
        offered = [one["value"] for one in await stage.choices("mira", command, "job", job="")]
        assert offered == [short_id(photo)], command


async def test_drawing_that_is_typed_anyway_is_refused_with_the_reason(stage):
    drawing = await stage.message_of(await stage.command("mira", "svg", prompt="a fox"), is_over)
    answer = await stage.command("mira", "removebg", job=short_id(drawing))
    assert answer.private
    assert "is image/svg+xml, but the model accepts png, jpeg, webp, gif here." in await stage.text(answer)
