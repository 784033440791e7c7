"""Tests that the public card after a private answer (Start, or a slow decision) is found where it really is.

Discord's `@original` is then the private message, so only the channel shows whether the card exists.
"""

import pytest

from bot.jobs.engine import card_check
from bot.jobs.records import EndNotice, State
from bot.money import milli
from tests.wire.conftest import running_stage
from tests.wire.stage import buttons, is_over, is_ready, short_id, text_of

START = milli(100_000)
PRICE = milli(75)
FOLLOW_UP = "*/webhooks/*/*"
ORIGINAL = "*/messages/@original"


@pytest.fixture
async def asking_stage(tmp_path):
    """Open a guild that asks about every price; runs end only when the test advances them."""
    async with running_stage(tmp_path, speed=0.01) as stage:
        await stage.app.preferences.set_for_guild(stage.world.guild, by=1, confirm_above_mcr=0)
        yield stage


async def question(stage):
    answer = await stage.command("mira", "imagine", prompt="a cat")
    return await stage.message_of(answer)


async def press_start(stage, card):
    """Press Start without waiting for its answer, and return the short id of the job that it makes."""
    custom_id = next(one["custom_id"] for one in buttons(card) if one["label"] == "Start")
    await stage.begin_interaction("mira", "component", message_id=card["id"], custom_id=custom_id)
    return await stage.only_job("mira")


async def own(stage, card, ready=lambda _: True):
    """Return the private question as it is now, once it satisfies `ready`."""
    return await stage.until(
        "mira", lambda messages: next((one for one in messages if one["id"] == card["id"] and ready(one)), None)
    )


async def assert_result_is_on_the_public_card(stage, card, name):
    await stage.until_submitted(name)
    stage.advance_runs()
    await stage.until_state(name, State.DONE)
    (public,) = await stage.messages("kai")
    assert is_ready(public)
    assert short_id(public) == name
    assert len(public["attachments"]) == 1
    asked = await own(stage, card)
    assert "below" in asked["content"]
    assert asked["attachments"] == []
    assert await stage.balance("mira") == (START - PRICE, 0)
    assert len(await stage.predictions()) == 1


async def test_public_card_of_a_confirmed_order_is_found_after_a_lost_answer(asking_stage):
    stage = asking_stage
    card = await question(stage)
    await stage.fault("POST", FOLLOW_UP, drop="after", times=1)
    await assert_result_is_on_the_public_card(stage, card, await press_start(stage, card))


async def test_public_card_of_a_confirmed_order_is_found_by_the_next_process(asking_stage):
    stage = asking_stage
    card = await question(stage)
    await stage.fault("POST", FOLLOW_UP, drop="after", times=1)
    for method in ("GET", "PATCH"):
        await stage.fault(method, ORIGINAL, times=None, drop="before")
    name = await press_start(stage, card)
    await stage.until("kai", lambda messages: messages)
    await stage.app.stop()
    await stage.heal()
    await stage.start_bot()
    await assert_result_is_on_the_public_card(stage, card, name)


async def test_public_card_is_found_in_its_channel_if_the_token_is_refused(asking_stage):
    stage = asking_stage
    card = await question(stage)
    await stage.fault("POST", FOLLOW_UP, drop="after", times=1)
    await stage.fault("GET", ORIGINAL, times=None, status=401, body={"code": 50027, "message": "Invalid Webhook Token"})
    await assert_result_is_on_the_public_card(stage, card, await press_start(stage, card))


async def test_public_card_is_found_without_read_message_history(asking_stage):
    stage = asking_stage
    await stage.change_world(
        "set_permissions", channel=str(stage.world.channel), user="bot", deny=["READ_MESSAGE_HISTORY"]
    )
    card = await question(stage)
    await stage.fault("POST", FOLLOW_UP, drop="after", times=1)
    await assert_result_is_on_the_public_card(stage, card, await press_start(stage, card))


@pytest.mark.parametrize("code", [10015, 50027])
async def test_valid_token_that_is_refused_for_a_moment_after_a_slow_decision_ends_nothing(
    slow_stage, monkeypatch, code
):
    stage = slow_stage
    accept, gate = stage.app.jobs.accept, stage.gate()

    async def late(offer):
        await gate.wait()
        return await accept(offer)

    monkeypatch.setattr(stage.app.jobs, "accept", late)
    refusal = {"code": code, "message": "Refused"}
    await stage.fault("PATCH", ORIGINAL, times=1, status=401 if code == 50027 else 404, body=refusal)
    answer = await stage.command("mira", "imagine", prompt="a cat", visibility="private")
    assert answer.private
    gate.set()
    name = await stage.only_job("mira")
    await stage.until_submitted(name)
    stage.advance_runs()
    assert is_ready(await stage.message_of(answer, is_over))
    assert await stage.balance("mira") == (START - PRICE, 0)


async def test_private_card_whose_token_is_refused_does_not_end_silently(slow_stage, monkeypatch):
    stage = slow_stage
    monkeypatch.setattr(card_check, "ARRIVES_MS", 1_000)
    await stage.fault("POST", "*/callback", drop="after", times=1)
    refused = {"code": 50027, "message": "Invalid Webhook Token"}
    await stage.fault("PATCH", ORIGINAL, times=None, status=401, body=refused)
    await stage.begin_interaction(
        "mira", "command", name="imagine", options={"prompt": "a cat", "visibility": "private"}
    )
    snapshot = await stage.until_state(await stage.only_job("mira"), State.FAILED)
    assert snapshot.job.notice in {EndNotice.DUE, EndNotice.KEPT}
    assert await stage.balance("mira") == (START, 0)


async def test_private_message_says_so_if_the_card_was_never_posted(asking_stage, monkeypatch):
    stage = asking_stage
    monkeypatch.setattr(card_check, "ARRIVES_MS", 1_000)
    card = await question(stage)
    await stage.fault("POST", FOLLOW_UP, drop="before", times=1)
    name = await press_start(stage, card)
    told = await own(stage, card, is_over)
    assert "**Failed**" in told["content"]
    await stage.until_state(name, State.FAILED)
    assert await stage.messages("kai") == []
    assert await stage.balance("mira") == (START, 0)
    assert await stage.predictions() == []


async def test_follow_up_refused_as_an_unknown_webhook_is_not_a_silent_end(asking_stage, monkeypatch):
    stage = asking_stage
    monkeypatch.setattr(card_check, "ARRIVES_MS", 1_000)
    card = await question(stage)
    unknown = {"code": 10015, "message": "Unknown Webhook"}
    await stage.fault("POST", FOLLOW_UP, times=1, status=404, body=unknown)
    name = await press_start(stage, card)
    assert "**Failed**" in (await own(stage, card, is_over))["content"]
    await stage.until_state(name, State.FAILED)
    assert await stage.balance("mira") == (START, 0)


async def test_public_card_after_a_slow_decision_is_found_after_a_lost_answer(slow_stage, monkeypatch):
    stage = slow_stage
    accept, gate = stage.app.jobs.accept, stage.gate()

    async def late(offer):
        await gate.wait()
        return await accept(offer)

    monkeypatch.setattr(stage.app.jobs, "accept", late)
    await stage.fault("POST", FOLLOW_UP, drop="after", times=1)
    answer = await stage.command("mira", "imagine", prompt="a cat")
    assert answer.private
    gate.set()
    name = await stage.only_job("mira")
    await assert_result_is_on_the_public_card(stage, {"id": answer.message}, name)


async def test_cancel_on_a_card_whose_answer_was_lost_ends_that_card(asking_stage):
    stage = asking_stage
    card = await question(stage)
    await stage.fault("POST", FOLLOW_UP, drop="after", times=1)
    for method in ("GET", "PATCH"):
        await stage.fault(method, ORIGINAL, times=None, drop="before")
    await stage.fault("GET", "*/channels/*/messages", times=None, drop="before")
    name = await press_start(stage, card)
    (public,) = await stage.until("kai", lambda messages: messages)
    await stage.press("mira", public, "Cancel")
    await stage.until_state(name, State.CANCELLED)
    (ended,) = await stage.until("kai", lambda messages: messages if is_over(messages[0]) else None)
    assert "**Cancelled**" in text_of(ended)
    assert buttons(ended) == []
    assert await stage.balance("mira") == (START, 0)


async def test_cancel_in_the_job_list_ends_the_public_card_too(asking_stage):
    stage = asking_stage
    card = await question(stage)
    await stage.fault("POST", FOLLOW_UP, drop="after", times=1)
    for method in ("GET", "PATCH"):
        await stage.fault(method, ORIGINAL, times=None, drop="before")
    name = await press_start(stage, card)
    await stage.until("kai", lambda messages: messages)
    listed = await stage.message_of(await stage.command("mira", "jobs"))
    await stage.press("mira", listed, "Cancel")
    await stage.heal()
    await stage.until_state(name, State.CANCELLED)
    (ended,) = await stage.until("kai", lambda messages: messages if is_over(messages[0]) else None)
    assert "**Cancelled**" in text_of(ended)
    assert await stage.balance("mira") == (START, 0)
