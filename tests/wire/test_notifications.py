"""How a member hears of a job's end when they have gone elsewhere."""

import pytest

from bot.cli.sandbox_world import VIDEO_MODEL
from bot.jobs.engine import pace
from bot.jobs.records import State
from bot.money import milli
from bot.preferences.preference import Ping, Preference
from bot.storage.operation import Statement
from tests.wire.conftest import playing
from tests.wire.stage import buttons, is_over, is_ready, short_id, words

LONG_S = 61
BUTTON = "Notify me by DM"


@pytest.fixture
async def long_stage(tmp_path, monkeypatch):
    """Videos take their minutes, and end only when the test moves the provider's clock; that is seen soon."""
    monkeypatch.setattr(pace, "PROGRESS_S", 0.3)
    async with playing(tmp_path, speed=1.0) as stage:
        yield stage


async def video(stage, prompt="waves"):
    """A card whose run goes on until the test lets it finish."""
    answer = await stage.command("mira", "video", prompt=prompt, model=VIDEO_MODEL)
    card = await stage.seen(answer, lambda one: any(button["label"] == BUTTON for button in buttons(one)))
    await stage.submitted(short_id(card))
    return answer, card


def replies_to(card):
    def look(messages):
        return [one for one in messages if (one.get("message_reference") or {}).get("message_id") == card["id"]]

    return look


async def states(stage):
    """What became of every notification."""

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
    assert "I'll ping you here if it takes more than a minute" in words(card)
    stage.age(LONG_S)
    stage.run_to()
    (reply,) = await stage.until("kai", replies_to(card))
    mira = str(stage.world.members["mira"])
    assert reply["content"] == f"<@{mira}> your video is ready."
    assert [one["id"] for one in reply["mentions"]] == [mira]
    assert is_ready(await stage.seen(answer))
    await until_states(stage, ("ping", "sent"))
    await stage.restart_bot()
    assert len(await stage.messages("kai")) == 2


async def test_no_ping_if_the_member_opted_out_or_the_bot_cannot_write(long_stage):
    stage = long_stage
    mira = stage.world.members["mira"]
    await stage.app.preferences.set(stage.world.guild, mira, Preference(ping=Ping.NEVER))
    answer, card = await video(stage)
    assert "ping" not in words(card)
    stage.age(LONG_S)
    stage.run_to()
    await stage.seen(answer, is_ready)
    await stage.ended(short_id(card), State.DONE)
    assert await states(stage) == []
    text = await stage.text(await stage.command("mira", "prefs", ping="always"))
    assert "Ping when a result is ready: always" in text
    answer, card = await video(stage, "waves [fail]")
    await stage.fault("POST", "/api/v10/channels/*/messages", times=1, status=403, body={"code": 50013, "message": ""})
    stage.run_to()
    await stage.seen(answer, is_over)
    await until_states(stage, ("ping", "dropped"))
    assert not replies_to(card)(await stage.messages("kai"))
    assert await stage.balance("mira") == (milli(100_000 - 6_250), 0)


async def pressed(stage, card):
    """Press the button, and not by a double press."""
    said = await stage.press("mira", card, BUTTON)
    stage.age(4)
    return said


async def test_only_the_jobs_member_can_ask_for_a_direct_message_and_a_restart_keeps_it(long_stage):
    stage = long_stage
    _, card = await video(stage)
    assert "only the member who ordered it" in await stage.text(await stage.press("kai", card, BUTTON))
    said = [await pressed(stage, card) for _ in range(3)]
    assert all(one.private for one in said)
    texts = [await stage.text(one) for one in said]
    assert [text.startswith("I'll send you a direct message when job") for text in texts] == [True, False, True]
    await stage.restart_bot()
    stage.run_to()
    (letter,) = await stage.until("mira", lambda messages: messages, "dm:mira")
    link = f"https://discord.com/channels/{stage.world.guild}/{stage.world.channel}/{card['id']}"
    assert link in letter["content"]
    assert "your video is ready" in letter["content"]
    assert "6,250 credits (balance 93,750)" in letter["content"]
    assert short_id(card) in letter["content"]
    await until_states(stage, ("dm", "sent"))


async def test_failure_is_notified_and_closed_direct_messages_cause_no_error(long_stage):
    stage = long_stage
    answer, card = await video(stage, "waves [fail]")
    await stage.press("mira", card, BUTTON)
    stage.run_to()
    (letter,) = await stage.until("mira", lambda messages: messages, "dm:mira")
    assert "Nothing was charged; 6,250 credits released" in letter["content"]
    await stage.happen("close_dms", user="mira")
    answer, card = await video(stage)
    await stage.press("mira", card, BUTTON)
    stage.run_to()
    await stage.seen(answer, is_ready)
    await until_states(stage, ("dm", "sent"), ("dm", "dropped"))
