"""Tests of lip-syncing an earlier video: from its button, from the command, and from a recipe."""

from bot.preferences.preference_records import Preference
from tests.wire.components import button, controls, modal, names, press
from tests.wire.stage import is_over, is_ready, short_id, text_of
from tests.wire.test_follow_ups import START

LIPSYNC = "kwaivgi/kling-lip-sync"
CLIP = "kwaivgi/kling-v1.6-standard"


async def make_video(stage, **options):
    await stage.app.policy.allow(stage.world.guild, LIPSYNC, by=stage.world.operator)
    answer = await stage.command("mira", "video", prompt="a face", model=CLIP, **options)
    message = await stage.message_of(answer, is_ready)
    await stage.until_state(short_id(message), "done")
    return message


async def submit_lipsync(stage, opened, text, voice):
    shown = await modal(stage, opened)
    values = {"text": text, "choice": [voice]}
    return await stage.do(opened.user, "modal", channel=opened.channel, custom_id=shown["custom_id"], values=values)


async def test_lip_sync_button_and_its_recipe_cost_the_price_on_the_button(stage):
    message = await make_video(stage)
    assert names(message) == ["Reroll", "Lip-sync", "More"]
    exact = button(message, "Lip-sync")["label"]
    (clip,) = (await stage.app.jobs.find(stage.world.guild, short_id(message))).artefacts
    price = clip.duration_ms * 350
    opened = await press(stage, "kai", message, "Lip-sync")
    text, voices = [one["component"] for one in (await modal(stage, opened))["components"]]
    assert not text.get("value")
    assert len(voices["options"]) == 25
    assert voices["options"][0]["value"] == "en_AOT"
    await stage.restart_bot()
    spoken = await stage.message_of(await submit_lipsync(stage, opened, "Ahoy!", "en_uk_boy1"), is_over)
    assert is_ready(spoken), text_of(spoken)
    assert f"Lip-synced from job {short_id(message)}" in text_of(spoken)
    assert await stage.balance("kai") == (START - price, 0)
    assert exact == f"Lip-sync · {price / 1_000:,.10g} credits"
    again = await stage.message_of(await stage.command("kai", "recipe run", id=short_id(spoken)), is_over)
    assert is_ready(again), text_of(again)
    assert await stage.balance("kai") == (START - 2 * price, 0)
    _, first, second = [run["input"] for run in sorted(await stage.predictions(), key=lambda run: run["created_at"])]
    assert {**first, "video_url": ""} == {**second, "video_url": ""}
    assert (first["text"], first["voice_id"]) == ("Ahoy!", "en_uk_boy1")


async def test_lipsync_command_accepts_an_earlier_video(stage):
    message = await make_video(stage)
    (offered,) = await stage.choices("mira", "lipsync", "job", job="")
    assert offered["value"] == short_id(message)
    done = await stage.message_of(await stage.command("mira", "lipsync", job=short_id(message), text="Ahoy!"), is_over)
    assert is_ready(done), text_of(done)
    assert names(done) == ["Lip-sync", "More"]
    spoken = await press(stage, "mira", done, "Lip-sync")
    assert (await modal(stage, spoken))["components"][0]["component"]["value"] == "Ahoy!"
    await stage.app.preferences.set(stage.world.guild, stage.world.members["kai"], Preference(language="zh-CN"))
    voices = (await modal(stage, await press(stage, "kai", done, "Lip-sync")))["components"][1]
    assert voices["component"]["options"][0]["value"].startswith("zh_"), "the preferred language, not Discord's"
    menu = await stage.message_of(await press(stage, "mira", done, "More"))
    assert "Lip-sync" in names(menu)
    assert "Run again" not in names(menu)
    assert len(controls(menu)) <= 25
    refused = await stage.text(await stage.command("mira", "lipsync", text="Ahoy!"))
    assert "video is required (or job)" in refused
