"""Tests that private messages use the member's language and public ones the guild's, even after a restart."""

import pytest

from bot.jobs.records import State
from tests.wire.stage import text_of

FORBIDDEN = "google/veo-3"


@pytest.fixture
def stage(slow_stage):
    """Open a stage on which theo uses Discord in Chinese; the guild and everyone else use English."""
    return slow_stage


async def refusal(stage, who):
    answer = await stage.command(who, "video", prompt="waves", model=FORBIDDEN)
    assert answer.private
    return await stage.text(answer)


async def newest(stage, who):
    (snapshot, *_) = await stage.app.jobs.of_member(stage.world.guild, stage.world.members[who], limit=1)
    return snapshot.job


async def start_order(stage, who, **options):
    """Order a picture; return the answer and its card when the provider runs it."""
    answer = await stage.command(who, "imagine", prompt="a lighthouse", **options)
    card = await stage.message_of(answer)
    await stage.until_submitted((await newest(stage, who)).short_id)
    return answer, card


async def finish_order(stage, who, answer):
    stage.advance_runs()
    job = await stage.until_state((await newest(stage, who)).short_id, State.DONE)
    return text_of(await stage.message_of(answer, lambda message: message["attachments"])), job.job.short_id


async def test_private_messages_use_the_members_language_and_public_ones_the_guilds(slow_stage):
    stage = slow_stage
    assert "你不能在这里使用 **veo-3**" in (text := await refusal(stage, "theo"))
    assert "没有扣除积分" in text
    (offered, *_) = await stage.choices("theo", "imagine", "model", model="flux-schnell")
    assert offered["name"].startswith("flux-schnell · 75 积分 · 一次")
    answer, card = await start_order(stage, "theo")
    assert "Imagining with" in card["content"]
    text, name = await finish_order(stage, "theo", answer)
    assert "**Ready**" in text
    assert f"Job {name}" in text


async def test_members_language_preference_overrides_discords_and_survives_a_restart(stage):
    answer = await stage.command("theo", "prefs", language="en")
    assert "Language: English" in await stage.text(answer)
    assert "not enabled for you here" in await refusal(stage, "theo")
    await stage.restart_bot()
    assert "not enabled for you here" in await refusal(stage, "theo")
    back = await stage.command("theo", "prefs", language="discord")
    assert "跟随你的 Discord" in await stage.text(back)
    assert "你不能在这里使用" in await refusal(stage, "theo")


async def test_private_job_uses_its_members_language_from_card_to_result(slow_stage):
    stage = slow_stage
    answer, card = await start_order(stage, "theo", visibility="private")
    assert answer.private
    assert "正在用 **flux-schnell** 生成图片" in card["content"]
    assert "已预留 75 积分" in card["content"]
    await stage.restart_bot()
    text, name = await finish_order(stage, "theo", answer)
    assert "**完成**" in text
    assert f"任务 {name}" in text


async def test_guilds_language_setting_overrides_discords(slow_stage):
    stage = slow_stage
    await stage.app.preferences.set_for_guild(stage.world.guild, by=1, language="zh-CN")
    _, card = await start_order(stage, "mira")
    assert "正在用" in card["content"]
    assert "not enabled for you here" in await refusal(stage, "mira")


async def test_commands_are_registered_in_both_languages(new_stage):
    stage = new_stage
    (registered, *_) = await stage.exchanges("PUT", "/commands")
    imagine = next(one for one in registered["request"] if one["name"] == "imagine")
    assert imagine["name_localizations"]["zh-CN"] == "画图"
    prompt = next(one for one in imagine["options"] if one["name"] == "prompt")
    assert prompt["description_localizations"]["zh-CN"] == "图片里要有什么"
