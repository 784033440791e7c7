"""Tests of pings and direct messages that tell a member about the end of a job."""

import pytest

from bot.cli.sandbox_world import VIDEO_MODEL
from bot.jobs.engine import polling_pace
from bot.jobs.records import State
from bot.money import milli
from bot.preferences.preference_records import Ping, Preference
from bot.storage.operation import Statement
from tests.wire.conftest import running_stage
from tests.wire.stage import buttons, is_over, is_ready, short_id, text_of

LONG_S = 61
BUTTON = "Notify me by DM"


@pytest.fixture
async def long_stage(tmp_path, monkeypatch):
    """Open a stage on which videos take minutes of the provider's clock and the bot polls them often."""
    monkeypatch.setattr(polling_pace, "PROGRESS_S", 0.3)
    async with running_stage(tmp_path, speed=1.0) as stage:
        yield stage


async def video(stage, prompt="waves"):
    """Order a video that runs until the test advances the clock; return the answer and its card."""
    answer = await stage.command("mira", "video", prompt=prompt, model=VIDEO_MODEL)
    card = await stage.message_of(answer, lambda one: any(button["label"] == BUTTON for button in buttons(one)))
    await stage.until_submitted(short_id(card))
    return answer, card


def replies_to(card):
    def look(messages):
        return [one for one in messages if (one.get("message_reference") or {}).get("message_id") == card["id"]]

    return look


async def states(stage):
    """Return the kind and the state of every notification."""

    def read():
        return (yield Statement("SELECT way, state FROM notification ORDER BY way"))

    return await stage.app.database.read(read)


async def until_states(stage, *expected):
    async def reached():
        return await states(stage) == list(expected)

    await stage.writes.until(reached)


async def test_member_who_waited_over_a_minute_is_pinged_by_one_reply_to_the_result(long_stage):
    stage = long_stage
    answer, card = await video(stage)
    assert "I'll ping you here if it takes more than a minute" in text_of(card)
    stage.advance_discord(LONG_S)
    stage.advance_runs()
    (reply,) = await stage.until("kai", replies_to(card))
    mira = str(stage.world.members["mira"])
    assert reply["content"] == f"<@{mira}> your video is ready."
    assert [one["id"] for one in reply["mentions"]] == [mira]
    assert is_ready(await stage.message_of(answer))
    await until_states(stage, ("ping", "sent"))
    await stage.restart_bot()
    assert len(await stage.messages("kai")) == 2


async def test_ping_is_skipped_if_the_member_opted_out_or_the_bot_cannot_write(long_stage):
    stage = long_stage
    mira = stage.world.members["mira"]
    await stage.app.preferences.set(stage.world.guild, mira, Preference(ping=Ping.NEVER))
    answer, card = await video(stage)
    assert "ping" not in text_of(card)
    stage.advance_discord(LONG_S)
    stage.advance_runs()
    await stage.message_of(answer, is_ready)
    await stage.until_state(short_id(card), State.DONE)
    assert await states(stage) == []
    text = await stage.text(await stage.command("mira", "prefs", ping="always"))
    assert "Ping when a result is ready: always" in text
    answer, card = await video(stage, "waves [fail]")
    await stage.fault("POST", "/api/v10/channels/*/messages", times=1, status=403, body={"code": 50013, "message": ""})
    stage.advance_runs()
    await stage.message_of(answer, is_over)
    await until_states(stage, ("ping", "dropped"))
    assert not replies_to(card)(await stage.messages("kai"))
    assert await stage.balance("mira") == (milli(100_000 - 6_250), 0)


async def press_notify(stage, card):
    """Press the button, then advance the clock so that the next press does not count as a double press."""
    answer = await stage.press("mira", card, BUTTON)
    stage.advance_discord(4)
    return answer


async def test_only_the_jobs_member_can_ask_for_a_direct_message_and_a_restart_keeps_it(long_stage):
    stage = long_stage
    _, card = await video(stage)
    assert "only the member who ordered it" in await stage.text(await stage.press("kai", card, BUTTON))
    answers = [await press_notify(stage, card) for _ in range(3)]
    assert all(one.private for one in answers)
    texts = [await stage.text(one) for one in answers]
    assert [text.startswith("I'll send you a direct message when job") for text in texts] == [True, False, True]
    await stage.restart_bot()
    stage.advance_runs()
    (direct_message,) = await stage.until("mira", lambda messages: messages, "dm:mira")
    link = f"https://discord.com/channels/{stage.world.guild}/{stage.world.channel}/{card['id']}"
    assert link in direct_message["content"]
    assert "your video is ready" in direct_message["content"]
    assert "6,250 credits (balance 93,750)" in direct_message["content"]
    assert short_id(card) in direct_message["content"]
    await until_states(stage, ("dm", "sent"))


async def test_failure_is_notified_and_closed_direct_messages_cause_no_error(long_stage):
    stage = long_stage
    answer, card = await video(stage, "waves [fail]")
    await stage.press("mira", card, BUTTON)
    stage.advance_runs()
    (direct_message,) = await stage.until("mira", lambda messages: messages, "dm:mira")
    assert "Nothing was charged; 6,250 credits released" in direct_message["content"]
    await stage.change_world("close_dms", user="mira")
    answer, card = await video(stage)
    await stage.press("mira", card, BUTTON)
    stage.advance_runs()
    await stage.message_of(answer, is_ready)
    await until_states(stage, ("dm", "sent"), ("dm", "dropped"), ("ping", "sent"))
    (reply,) = await stage.until("kai", replies_to(card))
    told = "your video is ready. I couldn't send you a direct message, so I'm telling you here."
    assert reply["content"].endswith(told)


async def test_card_agrees_with_the_direct_message_that_replaces_the_ping(long_stage):
    stage = long_stage
    answer, card = await video(stage)
    assert "I'll ping you here" in text_of(card)
    pressed = await press_notify(stage, card)
    assert "or ping you in its channel if your direct messages are closed" in await stage.text(pressed)
    card = await stage.message_of(answer, lambda one: "I'll send you a direct message when it's done" in text_of(one))
    assert "ping" not in text_of(card)
    await press_notify(stage, card)
    await stage.message_of(answer, lambda one: "I'll ping you here" in text_of(one))
    await press_notify(stage, card)
    stage.advance_discord(LONG_S)
    stage.advance_runs()
    await stage.until("mira", lambda messages: messages, "dm:mira")
    await until_states(stage, ("dm", "sent"))
    assert not replies_to(card)(await stage.messages("kai"))


async def test_member_who_closed_their_messages_and_wants_no_pings_is_not_pinged(long_stage):
    stage = long_stage
    await stage.app.preferences.set(stage.world.guild, stage.world.members["mira"], Preference(ping=Ping.NEVER))
    await stage.change_world("close_dms", user="mira")
    answer, card = await video(stage)
    await stage.press("mira", card, BUTTON)
    stage.advance_runs()
    await stage.message_of(answer, is_ready)
    await until_states(stage, ("dm", "dropped"))
    assert not replies_to(card)(await stage.messages("kai"))


async def test_member_gets_no_message_about_their_own_cancellation_but_one_about_a_moderators(long_stage):
    stage = long_stage
    answer, card = await video(stage)
    await stage.press("mira", card, BUTTON)
    stage.advance_discord(LONG_S)
    await stage.press("mira", card, "Cancel")
    over = await stage.message_of(answer, is_over)
    await stage.until_state(short_id(over), State.CANCELLED)
    await until_states(stage)
    assert await stage.messages("mira", "dm:mira") == []
    answer, card = await video(stage)
    await stage.press("mira", card, BUTTON)
    await stage.press("ada", card, "Cancel")
    (direct_message,) = await stage.until("mira", lambda messages: messages, "dm:mira")
    assert direct_message["content"].startswith("⏹️ **")
    await stage.message_of(answer, is_over)
    await until_states(stage, ("dm", "sent"))
