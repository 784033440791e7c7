"""Tests that a card that the bot was not permitted to edit is corrected once it has the permission again."""

import pytest

from bot.jobs.engine import card_repair
from bot.jobs.records import State
from bot.storage.operation import Statement
from tests.wire.stage import buttons, is_over, is_ready, text_of
from tests.wire.test_ladder import EXPIRED_S, assert_paid_once, cards, next_offer, order, show_offered


@pytest.fixture
def quickly(monkeypatch):
    """Let the bot retry a card immediately when there is a reason to."""
    monkeypatch.setattr(card_repair, "SHORTEST_PAUSE_MS", 0)


async def take_access(stage, channel=""):
    await set_access(stage, channel, deny=["VIEW_CHANNEL"])


async def give_access(stage, channel=""):
    await set_access(stage, channel, allow=["VIEW_CHANNEL"])


async def set_access(stage, channel, **bits):
    await stage.change_world("set_permissions", channel=channel or str(stage.world.channel), user="bot", **bits)


async def without_access(stage, prompt="a cat", *states):
    """Let an order end while the bot has no access to its channel; the card still says that the order is being made."""
    running = await order(stage, prompt)
    await take_access(stage)
    stage.advance_discord(EXPIRED_S)
    await running.finish(*(states or (State.UNDELIVERED,)))
    await stage.job(running.name, lambda found: found.job.notice == "kept")
    assert not is_over(await stage.message_of(running.answer))
    return running


@pytest.mark.usefixtures("quickly")
async def test_result_is_shown_on_its_card_when_access_is_back(slow_stage):
    stage = slow_stage
    running = await without_access(stage)
    await give_access(stage)
    message = await running.result()
    assert is_ready(message)
    assert len(message["attachments"]) == 1
    await stage.until_state(running.name, State.DONE)
    assert await cards(stage) == [running.card["id"]]
    await assert_paid_once(stage)


@pytest.mark.usefixtures("quickly")
async def test_failure_is_shown_on_its_card_when_access_is_back(slow_stage):
    stage = slow_stage
    running = await without_access(stage, "a cat [fail]", State.FAILED)
    await give_access(stage)
    message = await running.result()
    assert "**Failed**" in text_of(message)
    assert "Cancel" not in [one["label"] for one in buttons(message)]


@pytest.mark.usefixtures("quickly")
async def test_card_of_a_result_that_was_shown_privately_is_corrected_without_a_ping(slow_stage):
    stage = slow_stage
    running = await without_access(stage)
    elsewhere = (await stage.change_world("create_channel", name="elsewhere"))["channel"]
    listed = await stage.message_of(await stage.command("mira", "jobs", channel=elsewhere))
    await show_offered(stage, listed, running.name)
    await give_access(stage)
    assert is_ready(await running.result())
    await stage.job(running.name, lambda found: found.job.notice == "shown")
    assert [one["id"] for one in await stage.messages("kai")] == [running.card["id"]]
    await assert_paid_once(stage)


async def test_next_order_in_the_channel_corrects_its_cards(slow_stage, monkeypatch):
    stage = slow_stage
    running = await without_access(stage)
    await give_access(stage)  # too soon after the last attempt for an immediate retry
    monkeypatch.setattr(card_repair, "SHORTEST_PAUSE_MS", 0)
    await stage.command("mira", "imagine", prompt="a dog")
    assert is_ready(await running.result())


async def test_card_is_corrected_after_a_restart(slow_stage, monkeypatch):
    stage = slow_stage
    running = await without_access(stage)
    await stage.app.stop()
    await give_access(stage)
    monkeypatch.setattr(card_repair, "FIRST_PAUSE_MS", 0)
    await stage.start_bot()
    assert is_ready(await running.result())


async def found_deleted(stage):
    def look():
        return (yield Statement("SELECT 1 FROM attempt WHERE outcome = '10008'"))

    return await stage.app.database.read(look)


@pytest.mark.usefixtures("quickly")
async def test_deleted_card_is_not_posted_again_when_access_is_back(slow_stage):
    stage = slow_stage
    running = await without_access(stage)
    await stage.change_world("delete_message", channel=str(stage.world.channel), message=running.card["id"])
    await give_access(stage)
    await stage.writes.until(lambda: found_deleted(stage))
    await stage.job(running.name, lambda found: found.job.notice == "kept")
    assert await stage.messages("kai") == []
    await show_offered(stage, await next_offer(stage), running.name)
