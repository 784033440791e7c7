"""Tests of every step of the delivery ladder with the real bot; each ends with one message and one charge."""

import pytest

from bot.chat.discord import calls
from bot.jobs.records import State
from bot.money import milli
from tests.wire.stage import buttons, is_over, is_ready, short_id, text_of

START = milli(100_000)
EXPIRED_S = 901


class RunningOrder:
    """An order whose run does not end until `finish` is called."""

    def __init__(self, stage, answer, card):
        self.stage = stage
        self.answer = answer
        self.card = card
        self.name = short_id(card)

    async def finish(self, *states):
        self.stage.advance_runs()
        return await self.stage.until_state(self.name, *(states or (State.DONE, State.UNDELIVERED)))

    async def result(self):
        return await self.stage.message_of(self.answer, is_over)


async def order(stage, prompt="a cat", user="mira", **options) -> RunningOrder:
    answer = await stage.command(user, "imagine", prompt=prompt, **options)
    return RunningOrder(stage, answer, await stage.until_running(answer))


async def assert_paid_once(stage, price=75):
    assert await stage.balance("mira") == (START - milli(price), 0)
    assert len(await stage.predictions()) == 1


async def next_offer(stage, user="mira"):
    """Send a command, and return the message after its answer that offers the undelivered result."""
    before = {message["id"] for message in await stage.messages(user)}
    await stage.command(user, "balance")
    found = await stage.until(
        user,
        lambda messages: [one for one in messages if one["id"] not in before and "couldn't post" in one["content"]],
    )
    return found[0]


async def cards(stage):
    """Return the ids of the messages with a job's card, without the pings for members who waited a long time."""
    return [one["id"] for one in await stage.messages("kai") if one["embeds"]]


async def show_offered(stage, offer, name, user="mira"):
    """Press the button that shows a result on an offer or a page, and return the message with the result."""
    job = (await stage.app.jobs.find(stage.world.guild, name)).job.id
    pressed = await stage.do(
        user, "component", channel=offer["channel_id"], message_id=offer["id"], custom_id=f"easel:1:show:{job}"
    )
    assert pressed.private
    message = await stage.message_of(pressed, is_ready)
    await stage.until_state(name, State.DONE)
    return message


async def test_result_edits_the_same_message_after_the_token_expired(slow_stage):
    stage = slow_stage
    running = await order(stage)
    stage.advance_discord(EXPIRED_S)
    await running.finish(State.DONE)
    message = await running.result()
    assert len(message["attachments"]) == 1
    assert await cards(stage) == [message["id"]]
    await assert_paid_once(stage)


async def test_restart_does_not_use_expired_tokens(slow_stage):
    stage = slow_stage
    running = [await order(stage, f"cat {n}") for n in range(3)]
    await stage.app.stop()
    stage.advance_discord(EXPIRED_S)
    stage.advance_runs()
    await stage.start_bot()
    for one in running:
        assert is_ready(await one.result())
    refused = [one for one in await stage.exchanges("PATCH", "/webhooks/") if one["status"] == 401]
    assert refused == [], [one["request"] for one in refused]


async def test_result_of_a_deleted_card_is_offered_instead_of_posted(slow_stage):
    stage = slow_stage
    running = await order(stage)
    await stage.change_world("delete_message", channel=str(stage.world.channel), message=running.card["id"])
    await running.finish(State.UNDELIVERED)
    assert await stage.messages("kai") == []
    message = await show_offered(stage, await next_offer(stage), running.name)
    assert len(message["attachments"]) == 1
    assert await stage.messages("kai") == []
    await assert_paid_once(stage)


async def test_private_result_is_never_posted_in_public_after_its_token_expired(slow_stage):
    stage = slow_stage
    running = await order(stage, visibility="private")
    stage.advance_discord(EXPIRED_S)
    await running.finish(State.UNDELIVERED)
    assert await stage.messages("kai") == []
    listed = await stage.message_of(await stage.command("mira", "jobs"))
    assert "ready, not shown yet" in text_of(listed)
    await show_offered(stage, listed, running.name)
    assert await stage.messages("kai") == []
    await assert_paid_once(stage)


async def test_stored_result_is_shown_only_to_its_member(slow_stage):
    stage = slow_stage
    running = await order(stage, visibility="private")
    stage.advance_discord(EXPIRED_S)
    await running.finish(State.UNDELIVERED)
    listed = await stage.message_of(await stage.command("mira", "jobs"))
    button = next(one for one in buttons(listed) if one["label"] == "Show me")
    with pytest.raises(AssertionError):  # Discord shows a private message to its recipient only
        await stage.do("kai", "component", message_id=listed["id"], custom_id=button["custom_id"])


async def test_undelivered_result_is_offered_once(slow_stage):
    stage = slow_stage
    running = await order(stage)
    await stage.change_world("delete_message", channel=str(stage.world.channel), message=running.card["id"])
    await running.finish(State.UNDELIVERED)
    await next_offer(stage)
    before = len(await stage.messages("mira"))
    await stage.command("mira", "balance")
    await stage.command("mira", "models")
    assert len(await stage.messages("mira")) == before + 2


async def test_result_of_a_deleted_channel_can_be_shown_in_another(slow_stage):
    stage = slow_stage
    channel = (await stage.change_world("create_channel", name="short-lived"))["channel"]
    answer = await stage.command("mira", "imagine", channel=channel, prompt="a cat")
    running = RunningOrder(stage, answer, await stage.until_running(answer))
    await stage.change_world("delete_channel", channel=channel)
    await running.finish(State.UNDELIVERED)
    await show_offered(stage, await next_offer(stage), running.name)
    await assert_paid_once(stage)


async def in_thread(stage):
    thread = (await stage.change_world("create_thread", channel=str(stage.world.channel), name="cats", user="mira"))[
        "channel"
    ]
    answer = await stage.command("mira", "imagine", channel=thread, prompt="a cat")
    running = RunningOrder(stage, answer, await stage.until_running(answer))
    await stage.change_world("archive_thread", channel=thread)
    stage.advance_discord(EXPIRED_S)
    return thread, running


async def test_archived_thread_gets_the_result_as_a_new_message_that_mentions_the_member(slow_stage):
    stage = slow_stage
    thread, running = await in_thread(stage)
    await running.finish(State.DONE)
    (message,) = await stage.until("kai", lambda messages: [one for one in messages if is_ready(one)], thread)
    (card,) = [one for one in await stage.messages("kai", thread) if one["id"] == running.card["id"]]
    assert "has ended: " in card["content"]
    assert card["content"].endswith(f"/{thread}/{message['id']}")
    assert (card["embeds"], buttons(card)) == ([], [])
    assert [one["id"] for one in message["mentions"]] == [str(stage.world.members["mira"])]
    assert len(message["attachments"]) == 1
    await assert_paid_once(stage)


async def test_new_message_is_not_sent_twice_if_discords_response_was_lost(slow_stage):
    stage = slow_stage
    thread, running = await in_thread(stage)
    await stage.fault("POST", f"*/channels/{thread}/messages", drop="after")
    await running.finish(State.DONE)
    messages = await stage.messages("kai", thread)
    assert len([one for one in messages if is_ready(one)]) == 1


async def test_search_for_an_earlier_message_has_a_time_limit(slow_stage, monkeypatch):
    stage = slow_stage
    monkeypatch.setattr(calls, "CALL_S", 1.0)
    thread, running = await in_thread(stage)
    await stage.fault("POST", f"*/channels/{thread}/messages", drop="after")
    await stage.fault("GET", f"*/channels/{thread}/messages", delay_s=1_000_000)
    await running.finish(State.DONE)
    messages = await stage.messages("kai", thread)
    assert len([one for one in messages if is_ready(one)]) == 1


@pytest.mark.parametrize(("status", "code"), [(404, 10015), (403, 50013)])
async def test_edit_that_is_refused_for_a_moment_does_not_end_progress(slow_stage, status, code):
    stage = slow_stage
    await stage.fault("PATCH", FINAL, times=2, status=status, body={"code": code, "message": "for a moment"})
    running = await order(stage)  # wait until the card shows that the run has begun
    await running.finish(State.DONE)
    await assert_paid_once(stage)


async def test_unreadable_message_does_not_hide_an_earlier_attempt(slow_stage):
    stage = slow_stage
    thread, running = await in_thread(stage)
    await stage.fault("POST", f"*/channels/{thread}/messages", drop="after")
    foreign = {"id": "5", "channel_id": thread, "author": {"id": "6"}, "poll": {"question": {}, "answers": []}}
    await stage.fault("GET", f"*/channels/{thread}/messages", times=None, status=200, body=[foreign])
    await running.finish(State.DONE)
    assert len([one for one in await stage.messages("kai", thread) if is_ready(one)]) == 1


async def test_result_for_direct_messages_arrives_there_after_the_token_expired(slow_stage):
    stage = slow_stage
    running = await order(stage, visibility="dm")
    stage.advance_discord(EXPIRED_S)
    await running.finish(State.DONE)
    (message,) = await stage.until("mira", lambda messages: [one for one in messages if is_ready(one)], "dm:mira")
    assert len(message["attachments"]) == 1
    assert await stage.messages("kai") == []
    await assert_paid_once(stage)


async def test_result_is_stored_if_direct_messages_are_closed(slow_stage):
    stage = slow_stage
    await stage.change_world("close_dms", user="mira")
    running = await order(stage, visibility="dm")
    stage.advance_discord(EXPIRED_S)
    await running.finish(State.UNDELIVERED)
    await show_offered(stage, await next_offer(stage), running.name)
    assert await stage.messages("kai") == []


async def test_file_too_large_for_the_guild_is_delivered_as_a_smaller_copy(slow_stage):
    stage = slow_stage
    running = await order(stage, "a cat [huge]")
    await running.finish(State.DONE)
    message = await running.result()
    (file,) = message["attachments"]
    assert file["size"] < 10 << 20
    assert "This is a smaller copy; the original is 11.0 MB. [Get original](" in text_of(message)


async def test_boosted_guild_gets_the_original(slow_stage):
    stage = slow_stage
    await stage.change_world("set_tier", tier="2")
    running = await order(stage, "a cat [huge]")
    await running.finish(State.DONE)
    (file,) = (await running.result())["attachments"]
    assert file["size"] > 10 << 20


async def test_guild_that_has_lost_its_boosts_gets_a_smaller_copy(slow_stage):
    stage = slow_stage
    await stage.change_world("set_tier", tier="2")
    running = await order(stage, "a cat [huge]")
    await stage.change_world("set_tier", tier="0")
    await running.finish(State.DONE)
    (file,) = (await running.result())["attachments"]
    assert file["size"] < 10 << 20


FINAL = "*/webhooks/*/messages/*"


@pytest.mark.parametrize(
    "trouble",
    [
        {"status": 503, "body": {"message": "down"}},
        {"status": 500, "body": "<html>oops</html>"},
        {"status": 429, "body": {"message": "slow", "retry_after": 0.2, "global": False}, "headers": {"Via": "1.1 x"}},
        {"status": 429, "body": "<html>banned</html>"},
        {"status": 404, "body": {"code": 10015, "message": "Unknown Webhook"}},
        {"drop": "before"},
        {"drop": "after"},
    ],
    ids=["503", "500", "429", "429-without-via", "10015", "reset-before", "reset-after"],
)
async def test_failed_final_edit_is_repeated_until_it_succeeds(slow_stage, trouble):
    stage = slow_stage
    running = await order(stage)
    await stage.fault("PATCH", FINAL, times=1, **trouble)
    await running.finish(State.DONE)
    assert is_ready(await running.result())
    assert len(await stage.messages_but_pings("kai")) == 1
    await assert_paid_once(stage)


async def test_result_blocked_by_the_server_is_stored_and_offered_privately(slow_stage):
    stage = slow_stage
    running = await order(stage)
    await stage.fault("PATCH", "*", times=None, status=400, body={"code": 200000, "message": "Blocked by AutoMod"})
    await running.finish(State.UNDELIVERED)
    found = await stage.until(
        "mira", lambda messages: [one for one in messages if "rules blocked my post" in one["content"]]
    )
    assert running.name in found[0]["content"]
    assert not [one for one in await stage.messages("kai") if "rules blocked" in one["content"]]


async def test_restarted_bot_edits_the_same_message(slow_stage):
    stage = slow_stage
    running = await order(stage)
    await stage.app.stop()
    stage.advance_runs()
    await stage.start_bot()
    message = await running.result()
    assert is_ready(message)
    assert message["id"] == running.card["id"]
    assert len(await stage.messages_but_pings("kai")) == 1
    await assert_paid_once(stage)


async def test_failure_edits_its_card_after_the_token_expired(slow_stage):
    stage = slow_stage
    running = await order(stage, "a cat [fail]")
    stage.advance_discord(EXPIRED_S)
    stage.advance_runs()
    message = await running.result()
    assert "**Failed**" in message["content"]
    assert await stage.balance("mira") == (START, 0)


async def test_lost_gateway_connection_does_not_affect_delivery(slow_stage):
    stage = slow_stage
    running = await order(stage)
    await stage.change_world("drop_gateway", how="reconnect")
    await running.finish(State.DONE)
    assert is_ready(await running.result())
    await assert_paid_once(stage)
