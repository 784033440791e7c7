"""Tests that voices, styles, colours and models have names that people can read and type, in their language."""

import pytest

from bot.preferences.preference_records import Preference
from tests.pixels import picture
from tests.wire.stage import text_of

LIPSYNC = "kwaivgi/kling-lip-sync"


async def speak_chinese(stage, name):
    await stage.app.preferences.set(stage.world.guild, stage.world.members[name], Preference(language="zh-CN"))


async def test_voices_and_styles_are_offered_by_their_names(stage):
    await stage.app.policy.allow(stage.world.guild, LIPSYNC, by=1)
    await speak_chinese(stage, "kai")
    offered = await stage.choices("mira", "lipsync", "voice", voice="bud")
    assert offered == [{"name": "English: Bud", "value": "en_uk_boy1"}]
    offered = await stage.choices("kai", "lipsync", "voice", voice="阳光少年")
    assert offered == [{"name": "中文\uff1a阳光少年", "value": "zh_genshin_vindi2"}]
    offered = await stage.choices("mira", "imagine", "style", prompt="x", model="recraft-v3", style="pixel")
    assert offered == [{"name": "Illustration: pixel art", "value": "digital_illustration/pixel_art"}]


async def test_typed_style_name_is_ordered(stage):
    answer = await stage.command("mira", "imagine", prompt="x", model="recraft-v3", style="illustration: pixel art")
    assert await stage.is_public(answer), await stage.text(answer)
    (snapshot,) = await stage.app.jobs.of_member(stage.world.guild, stage.world.members["mira"])
    assert snapshot.job.order.style == "digital_illustration/pixel_art"


async def test_refused_style_lists_names(stage):
    answer = await stage.command("mira", "imagine", prompt="x", model="recraft-v3", style="nope")
    assert "Illustration: pixel art" in await stage.text(answer)


@pytest.mark.parametrize(("typed", "stored"), [("red", "#ff0000"), ("红色", "#ff0000"), ("#fa0", "#ffaa00")])
async def test_background_is_given_by_name(stage, typed, stored):
    answer = await stage.command("mira", "removebg", files={"image": ("cat.png", picture())}, background=typed)
    assert await stage.is_public(answer), await stage.text(answer)
    (snapshot,) = await stage.app.jobs.of_member(stage.world.guild, stage.world.members["mira"])
    assert snapshot.job.order.background == stored


async def test_unknown_colour_is_refused_with_the_accepted_forms(stage):
    answer = await stage.command("mira", "removebg", files={"image": ("cat.png", picture())}, background="reddish")
    assert "background must be transparent, a colour name such as red, or a code such as" in await stage.text(answer)


async def test_colours_are_offered_in_the_persons_language(stage):
    await speak_chinese(stage, "kai")
    offered = await stage.choices("mira", "removebg", "background", background="")
    assert offered[:2] == [{"name": "transparent", "value": "transparent"}, {"name": "white", "value": "white"}]
    offered = await stage.choices("kai", "removebg", "background", background="红")
    assert {"name": "红色", "value": "red"} in offered


async def test_models_have_a_line_but_no_time_before_they_have_run(stage):
    shown = text_of(await stage.message_of(await stage.command("mira", "models", task="imagine")))
    assert "**ideogram-v2-turbo** · from 1,250 credits · *choice of styles, negative prompt*" in shown
    names = [one["name"] for one in await stage.choices("mira", "imagine", "model", prompt="x", model="ideogram")]
    assert names[0] == "ideogram-v2-turbo · 1,250 cr · choice of styles, negative prompt"
    found = await stage.choices("mira", "imagine", "model", prompt="x", model="photos Styles")
    assert [one["value"] for one in found] == ["recraft-ai/recraft-20b", "recraft-ai/recraft-v3"]
