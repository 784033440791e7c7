"""Tests of what a member sees while a job waits and runs."""

import re

from tests.wire.conftest import running_stage
from tests.wire.stage import PAUSED_SPEED, is_ready, short_id, text_of

RUNNING_ON = re.compile(r"<t:\d+:R>")


async def test_waiting_cards_show_their_place_and_move_up(tmp_path):
    async with running_stage(tmp_path, speed=PAUSED_SPEED, running_per_member=1) as stage:
        first = await stage.command("mira", "imagine", prompt="a lighthouse in fog")
        await stage.until_running(first)
        second = await stage.command("mira", "imagine", prompt="a boat")
        third = await stage.command("mira", "imagine", prompt="a gull")
        assert "Waiting for your other job, 1st in line" in await stage.text(second)
        card = await stage.message_of(third)
        assert "2nd in line (one of yours runs at a time) · your turn " in text_of(card)
        assert not RUNNING_ON.search(text_of(card))
        stage.advance_runs()
        await stage.message_of(first, is_ready)
        await stage.message_of(third, lambda card: "1st in line" in text_of(card))
        await stage.until_submitted(short_id(await stage.message_of(second)))
        stage.advance_runs()
        await stage.message_of(second, is_ready)
        await stage.until_submitted(short_id(card))
        stage.advance_runs()
        await stage.message_of(third, is_ready)


async def test_full_server_has_its_own_line(tmp_path):
    async with running_stage(tmp_path, speed=PAUSED_SPEED, running_per_guild=1) as stage:
        await stage.until_running(await stage.command("mira", "imagine", prompt="a lighthouse in fog"))
        waiting = await stage.command("theo", "imagine", prompt="a boat")
        assert "Waiting, 1st in line in this server (one job runs at a time)" in await stage.text(waiting)


async def test_phases_of_a_video_are_shown_on_its_card(slow_stage):
    stage = slow_stage
    model = "kwaivgi/kling-v2.0"
    await stage.app.policy.allow(stage.world.guild, model, by=1)
    ordered = await stage.command("mira", "video", prompt="a boat on the sea", model=model, seconds=5)
    card = await stage.message_of(ordered, lambda card: "Rendering" in card["content"])
    await stage.until_submitted(short_id(card))
    stage.advance_runs(0.5)
    card = await stage.message_of(ordered, lambda card: "Generating…" in text_of(card))
    assert not re.search("[▓░]", text_of(card))
    assert not RUNNING_ON.search(text_of(card))
