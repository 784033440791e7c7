"""Tests that a result and its More menu offer the actions that make sense for its kind and are possible now."""

from tests.pixels import picture
from tests.wire.components import button, names, press
from tests.wire.stage import is_over, is_ready, text_of

FILES = {"image": ("cat.png", picture())}
LIPSYNC = "kwaivgi/kling-lip-sync"


async def made(stage, command, **options):
    message = await stage.message_of(await stage.command("mira", command, **options), is_over)
    assert is_ready(message), text_of(message)
    return message


async def in_menu(stage, message):
    menu = await stage.message_of(await press(stage, "mira", message, "More"))
    return [name for name in names(menu) if name in {"Edit", "Upscale", "Animate", "Remove background", "Lip-sync"}
            or name == "Run again"]  # fmt: skip


async def test_cut_out_can_be_neither_cut_out_again_nor_repeated(stage):
    message = await made(stage, "removebg", files=FILES)
    assert names(message) == ["Edit", "Upscale", "Animate", "More"]
    assert await in_menu(stage, message) == ["Edit", "Upscale", "Animate"]


async def test_enlarged_picture_cannot_be_repeated(stage):
    message = await made(stage, "upscale", files=FILES)
    assert "Reroll" not in names(message)
    assert "Run again" not in await in_menu(stage, message)


async def test_drawing_from_a_picture_has_no_actions(stage):
    assert names(await made(stage, "vectorize", files=FILES)) == ["More"]


async def test_drawing_from_a_prompt_can_only_be_rerolled(stage):
    message = await made(stage, "svg", prompt="a fox")
    assert names(message) == ["Reroll", "More"]
    assert await in_menu(stage, message) == []


async def test_reroll_and_run_again_say_what_they_do_with_the_seed(stage):
    message = await made(stage, "imagine", prompt="a cat")
    assert button(message, "Reroll")["label"] == "Reroll · new seed · 75 credits"
    menu = await stage.message_of(await press(stage, "mira", message, "More"))
    assert button(menu, "Run again")["label"] == "Run again · same seed · 75 credits"


async def test_result_of_a_model_without_a_seed_can_only_be_rerolled(stage):
    message = await made(stage, "imagine", prompt="a cat", model="google/imagen-4-fast")
    assert button(message, "Reroll")["label"] == "Reroll · 500 credits"
    assert "Run again" not in await in_menu(stage, message)


async def test_animation_has_no_actions_for_pictures(stage):
    await stage.app.policy.allow(stage.world.guild, "andreasjansson/stable-diffusion-animation", by=1)
    message = await made(stage, "video", prompt="day", prompt_end="night")
    assert not {"Edit", "Upscale", "Animate", "Remove background"} & set(names(message))


async def test_more_offers_actions_allowed_since_the_result_was_posted(stage):
    await stage.app.policy.deny(stage.world.guild, LIPSYNC, by=1)
    message = await made(stage, "video", prompt="waves")
    assert "Lip-sync" not in names(message)
    assert "Lip-sync" not in await in_menu(stage, message)
    await stage.app.policy.allow(stage.world.guild, LIPSYNC, by=1)
    assert "Lip-sync" in await in_menu(stage, message)
