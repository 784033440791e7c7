import io
import logging
import re

import pytest
from PIL import Image

from bot.jobs.records import State
from bot.money import milli
from tests.pixels import picture, pixel
from tests.wire.stage import EPHEMERAL, buttons, is_over, is_ready, short_id, text_of

SHORT_ID = re.compile(r"[A-Z0-9]{4}-[A-Z0-9]{2}")

START = milli(100_000)


async def shown_file(stage, message) -> Image.Image:
    async with stage.http.get(message["attachments"][0]["url"]) as response:
        return Image.open(io.BytesIO(await response.read()))


async def test_longest_prompt_is_delivered_and_offered_for_editing(stage):
    answer = await stage.command("mira", "imagine", prompt="ab " * 1_333)
    message = await stage.message_of(answer, is_over)
    assert is_ready(message), text_of(message)
    assert len(message["attachments"][0]["description"]) == 1_024
    await stage.until_state(short_id(message), State.DONE)
    (offered,) = await stage.choices("mira", "removebg", "job", job="")
    assert len(offered["name"]) == 100


async def test_invisible_prompt_is_refused_before_anything_is_held(stage):
    before = await stage.balance("mira")
    refused = await stage.command("mira", "imagine", prompt="\u200b\u2060")
    assert refused.private
    assert "prompt has no visible characters. Nothing was charged." in await stage.text(refused)
    assert await stage.balance("mira") == before
    assert await stage.predictions() == []


@pytest.mark.parametrize("typed", ["flux-schnell", "FLUX-Schnell ", "Black-Forest-Labs/FLUX-schnell"])
async def test_model_can_be_typed_as_its_label_in_any_case(stage, typed):
    answer = await stage.command("mira", "imagine", prompt="a cat", model=typed)
    assert is_ready(await stage.message_of(answer, is_over))


async def test_cut_out_gets_the_chosen_background_colour(stage):
    answer = await stage.command("mira", "removebg", background="#00ff00", files={"image": ("cat.png", picture())})
    message = await stage.message_of(answer, is_ready)
    coloured = await shown_file(stage, message)
    assert coloured.mode == "RGB"
    assert pixel(coloured, (0, 0)) == (0, 255, 0)


async def test_cut_out_without_a_colour_stays_transparent(stage):
    for background in ({}, {"background": "transparent"}):
        answer = await stage.command("mira", "removebg", files={"image": ("cat.png", picture())}, **background)
        cut_out = await shown_file(stage, await stage.message_of(answer, is_ready))
        assert pixel(cut_out.convert("RGBA"), (0, 0))[3] == 0


async def test_problems_are_explained_with_the_names_of_the_options(stage):
    await stage.command("ada", "easel-mod allow add", model="wan-2.1-i2v-480p")
    needs = await stage.command("mira", "video", prompt="waves", model="wan-2.1-i2v-480p")
    assert "wan-2.1-i2v-480p: image is required." in await stage.text(needs)
    needs = await stage.command("mira", "imagine", prompt="waves", model="stable-diffusion-img2img")
    assert "stable-diffusion-img2img: reference is required." in await stage.text(needs)
    frame = {"image": ("a.png", picture())}
    options = {"prompt": "waves", "model": "kling-v1.6-standard", "aspect": "9:16"}
    unless = await stage.command("mira", "video", files=frame, **options)
    assert "aspect is ignored by this model when image is given" in await stage.text(unless)
    assert await stage.balance("mira") == (START, 0)


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("cat.png", b"", "cat.png is empty. Nothing was charged. Send another file."),
        ("cat.txt", b"words", "cat.txt is text/plain, but the model accepts pictures here. Nothing was charged."),
        ("cat.png", b"words", "cat.png is not a supported file type. Nothing was charged; 13.75 credits"),
        ("cat.png", picture()[:100], "cat.png is incomplete or damaged. Nothing was charged; 13.75 credits released."),
    ],
)
async def test_unusable_file_costs_nothing(stage, name, content, says):
    answer = await stage.command("mira", "removebg", files={"image": (name, content)})
    message = await stage.message_of(answer, lambda message: message["flags"] & EPHEMERAL or is_over(message))
    assert says in text_of(message)
    assert await stage.balance("mira") == (START, 0)


@pytest.mark.parametrize(("place", "says"), [("/2", "find picture"), ("/0", "find picture"), ("/x", "find picture")])
async def test_missing_picture_of_a_job_is_not_replaced_by_another(stage, place, says):
    made = await stage.message_of(await stage.command("mira", "imagine", prompt="a cat"), is_ready)
    refused = await stage.command("mira", "removebg", job=short_id(made) + place)
    assert says in await stage.text(refused)
    assert await stage.balance("mira") == (START - milli(75), 0)


async def test_image_and_job_together_are_refused(stage):
    made = await stage.message_of(await stage.command("mira", "imagine", prompt="a cat"), is_ready)
    both = await stage.command("mira", "removebg", job=short_id(made), files={"image": ("a.png", picture())})
    assert "give only one of them" in await stage.text(both)


async def test_balance_lists_transfers_with_their_reasons(stage):
    await stage.message_of(await stage.command("mira", "imagine", prompt="a cat"), is_ready)
    await stage.message_of(await stage.command("mira", "imagine", prompt="a cat [fail]"), is_over)
    lines = (await stage.text(await stage.command("mira", "balance"))).strip().splitlines()[1:]
    shown = [SHORT_ID.sub("JOB", line.rpartition(" · ")[0]) for line in lines]
    made, failed = "\u2212 75 · flux-schnell · **JOB** · a cat", "\u2212 75 · flux-schnell · **JOB** · a cat \\[fail\\]"
    back = "+ 75 · returned from a job · **JOB** · a cat \\[fail\\]"
    assert shown == [back, failed, made, "+ 100,000 · play money for mira"]


async def test_cancel_button_of_an_ended_job_says_that_it_is_too_late(slow_stage):
    stage = slow_stage
    answer = await stage.command("mira", "imagine", prompt="a cat [never]")
    card = await stage.until_running(answer)
    listed = await stage.message_of(await stage.command("mira", "jobs"))
    await stage.press("mira", card, "Cancel")
    over = await stage.message_of(answer, is_over)
    assert buttons(over) == []
    pressed = await stage.press("mira", listed, "Cancel")
    assert "Too late: this job has already ended." in await stage.text(pressed)
    assert await stage.balance("mira") == (START, 0)


async def test_command_that_ends_after_the_bot_stopped_logs_no_error(stage, caplog):
    await stage.app.client.close()
    caplog.clear()
    stage.app.client.dispatch("app_command_completion", None, None)
    assert [one.getMessage() for one in caplog.records if one.levelno >= logging.WARNING] == []


async def test_invalid_reference_is_named_even_without_a_chosen_model(stage):
    refused = await stage.command("mira", "imagine", prompt="a cat", files={"reference": ("v.txt", b"words")})
    assert "v.txt is text/plain, but the model accepts pictures here." in await stage.text(refused)
    assert await stage.balance("mira") == (START, 0)
