"""Tests of answers to interactions over HTTP: once, within 3 seconds, of a valid type; webhooks live for 15 minutes."""

from typing import Any

import pytest

from tests.sandbox.discord.rest.rest_client import Caller, Interacting, Json, where

PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(64)
MESSAGE, DEFERRED, DEFERRED_UPDATE, UPDATE, CHOICES, MODAL = 4, 5, 6, 7, 8, 9
EPHEMERAL, V2 = 1 << 6, 1 << 15
IMAGINE: Json = {
    "name": "imagine",
    "description": "Make a picture",
    "options": [
        {"type": 3, "name": "prompt", "description": "What", "required": True},
        {"type": 3, "name": "model", "description": "Which", "autocomplete": True},
    ],
}
FORM: Json = {
    "title": "Refine",
    "custom_id": "refine",
    "components": [
        {"type": 18, "label": "What", "component": {"type": 4, "custom_id": "what", "style": 1}},
    ],
}
BUTTON: Json = {"type": 1, "components": [{"type": 2, "style": 1, "label": "Again", "custom_id": "again"}]}


async def imagine(bot: Caller, **more: Any) -> Interacting:
    await bot.register(IMAGINE)
    more.setdefault("options", {"prompt": "a cat"})
    return await bot.interact(name="imagine", **more)


async def pressed(bot: Caller) -> Interacting:
    message = (await bot.post({"content": "x", "components": [BUTTON]})).body["id"]
    return await bot.interact("component", message_id=message, custom_id="again")


class TestOnceAndInTime:
    async def test_second_response_is_rejected(self, bot: Caller) -> None:
        one = await imagine(bot)
        assert (await one.answer(DEFERRED)).status == 204
        assert (await one.answer(MESSAGE, {"content": "x"})).refusal == (400, 40060)

    async def test_late_response_is_rejected(self, bot: Caller) -> None:
        one = await imagine(bot)
        bot.clock.advance(3.1)
        assert (await one.answer(DEFERRED)).refusal == (404, 10062)

    async def test_response_just_in_time_is_accepted(self, bot: Caller) -> None:
        one = await imagine(bot)
        bot.clock.advance(2.5)
        assert (await one.answer(DEFERRED)).status == 204

    async def test_valid_response_works_after_a_rejected_one(self, bot: Caller) -> None:
        one = await imagine(bot)
        assert (await one.answer(MESSAGE, {"content": "x" * 2001})).refusal == (400, 50035)
        assert (await one.answer(MESSAGE, {"content": "x"})).status == 204

    async def test_unknown_interactions_are_rejected(self, bot: Caller) -> None:
        one = await imagine(bot)
        assert (await Interacting(bot, "1", one.token).answer(DEFERRED)).refusal == (404, 10062)
        assert (await Interacting(bot, one.id, "token").answer(DEFERRED)).refusal == (404, 10062)


class TestTheWebhook:
    async def test_webhook_is_unknown_before_the_first_response(self, bot: Caller) -> None:
        one = await imagine(bot)
        assert (await one.edit({"content": "x"})).refusal == (404, 10015)
        assert (await one.follow_up({"content": "x"})).refusal == (404, 10015)

    async def test_webhook_works_for_fifteen_minutes(self, bot: Caller) -> None:
        one = await imagine(bot)
        await one.answer(DEFERRED)
        bot.clock.advance(890)
        assert (await one.edit({"content": "x"})).refusal == (200, None)
        bot.clock.advance(11)
        assert (await one.edit({"content": "y"})).refusal == (401, 50027)
        assert (await one.follow_up({"content": "y"})).refusal == (401, 50027)

    async def test_deleted_response_is_unknown(self, bot: Caller) -> None:
        one = await imagine(bot)
        await one.answer(MESSAGE, {"content": "x"})
        assert (await one.webhook("DELETE", "/messages/@original")).status == 204
        assert (await one.edit({"content": "y"})).refusal == (404, 10008)

    async def test_webhook_cannot_touch_other_messages(self, bot: Caller) -> None:
        one = await imagine(bot)
        await one.answer(DEFERRED)
        other = (await bot.post({"content": "x"})).body["id"]
        assert (await one.edit({"content": "y"}, message=other)).refusal == (404, 10008)

    async def test_edit_is_validated_like_a_message(self, bot: Caller) -> None:
        one = await imagine(bot)
        await one.answer(DEFERRED)
        answer = await one.edit({"embeds": [{"title": "x" * 257}]})
        assert where(answer.errors) == [("embeds.0.title", "BASE_TYPE_MAX_LENGTH")]
        big = await one.edit({}, files={"film.bin": bytes(10 * 1024 * 1024 + 1)})
        assert big.refusal == (400, 50045)

    async def test_files_require_the_bots_permission(self, bot: Caller) -> None:
        await bot.world("set_permissions", channel=bot.channel, user="bot", deny=["ATTACH_FILES"])
        one = await imagine(bot)
        await one.answer(DEFERRED)
        assert (await one.edit({}, files={"cat.png": PICTURE})).refusal == (403, 50013)

    async def test_response_in_a_deleted_channel_is_rejected(self, bot: Caller) -> None:
        one = await imagine(bot)
        await one.answer(DEFERRED)
        await bot.world("delete_channel", channel=bot.channel)
        assert (await one.edit({"content": "x"})).refusal == (404, 10003)


class TestPrivacy:
    async def test_bot_token_cannot_edit_a_private_response(self, bot: Caller) -> None:
        one = await imagine(bot)
        await one.answer(MESSAGE, {"content": "x", "flags": EPHEMERAL})
        original = (await one.webhook("GET", "/messages/@original")).body["id"]
        path = f"/channels/{bot.channel}/messages/{original}"
        assert (await bot.api("PATCH", path, {"content": "y"})).refusal == (404, 10008)
        assert (await one.edit({"content": "y"})).refusal == (200, None)

    async def test_bot_token_can_always_edit_a_public_response(self, bot: Caller) -> None:
        one = await imagine(bot)
        await one.answer(MESSAGE, {"content": "x"})
        original = (await one.webhook("GET", "/messages/@original")).body["id"]
        bot.clock.advance(901)
        path = f"/channels/{bot.channel}/messages/{original}"
        assert (await bot.api("PATCH", path, {"content": "y"})).refusal == (200, None)

    async def test_first_response_decides_the_privacy(self, bot: Caller) -> None:
        one = await imagine(bot)
        await one.answer(DEFERRED)
        refused = await one.edit({"content": "x", "flags": EPHEMERAL})
        assert where(refused.errors) == [("flags", "MESSAGE_FLAGS_INVALID")]


class TestKinds:
    @pytest.mark.parametrize("kind", [1, DEFERRED_UPDATE, UPDATE, CHOICES, 10, 12, 99])
    async def test_invalid_response_types_to_a_command_are_rejected(self, bot: Caller, kind: int) -> None:
        answer = await (await imagine(bot)).answer(kind, {"content": "x"})
        assert where(answer.errors) == [("type", "BASE_TYPE_CHOICES")]

    async def test_autocomplete_accepts_only_choices(self, bot: Caller) -> None:
        await bot.register(IMAGINE)
        one = await bot.interact("autocomplete", name="imagine", options={"model": "fl"}, focused="model")
        assert where((await one.answer(DEFERRED)).errors) == [("type", "BASE_TYPE_CHOICES")]
        many = {"choices": [{"name": str(n), "value": str(n)} for n in range(26)]}
        assert where((await one.answer(CHOICES, many)).errors) == [("data.choices", "BASE_TYPE_MAX_LENGTH")]
        wrong = {"choices": [{"name": "flux", "value": 5}]}
        assert where((await one.answer(CHOICES, wrong)).errors) == [("data.choices.0.value", "STRING_TYPE_CONVERT")]
        assert (await one.answer(CHOICES, {"choices": []})).status == 204

    async def test_button_response_can_update_its_message(self, bot: Caller) -> None:
        one = await pressed(bot)
        assert (await one.answer(UPDATE, {"content": "x" * 2001})).refusal == (400, 50035)
        assert (await one.answer(UPDATE, {"content": "pressed"})).status == 204

    async def test_deferral_accepts_only_the_ephemeral_flag(self, bot: Caller) -> None:
        one = await imagine(bot)
        answer = await one.answer(DEFERRED, {"flags": V2})
        assert where(answer.errors) == [("data.flags", "MESSAGE_FLAGS_INVALID")]


class TestModals:
    async def test_invalid_modal_is_not_shown(self, bot: Caller) -> None:
        one = await pressed(bot)
        answer = await one.answer(MODAL, FORM | {"title": "x" * 46})
        assert where(answer.errors) == [("data.title", "BASE_TYPE_BAD_LENGTH")]

    async def test_modal_cannot_follow_a_deferral(self, bot: Caller) -> None:
        one = await imagine(bot)
        await one.answer(DEFERRED)
        assert (await one.answer(MODAL, FORM)).refusal == (400, 40060)

    async def test_modal_cannot_follow_a_modal(self, bot: Caller) -> None:
        one = await imagine(bot)
        assert (await one.answer(MODAL, FORM)).status == 204
        submitted = await bot.interact("modal", custom_id="refine", values={"what": "bluer"}, options={"what": "bluer"})
        assert where((await submitted.answer(MODAL, FORM)).errors) == [("type", "BASE_TYPE_CHOICES")]


async def test_mentions_in_responses_ping_users_only(bot: Caller) -> None:
    await bot.world("set_permissions", role="Easel", allow=["MENTION_EVERYONE"])
    one = await imagine(bot)
    await one.answer(MESSAGE, {"content": f"<@{bot.member('theo')}> @everyone"})
    message = (await one.webhook("GET", "/messages/@original")).body
    assert [one["username"] for one in message["mentions"]] == ["theo"]
    assert message["mention_everyone"] is False


async def test_locked_thread_rejects_responses(bot: Caller) -> None:
    thread = (await bot.world("create_thread", channel=bot.channel, name="a thread", user="mira"))["channel"]
    one, late = (
        await imagine(bot, channel=thread),
        await bot.interact(name="imagine", options={"prompt": "x"}, channel=thread),
    )
    await one.answer(DEFERRED)
    await bot.world("lock_thread", channel=thread)
    assert (await one.edit({"content": "x"})).refusal == (400, 160005)
    assert (await late.answer(MESSAGE, {"content": "x"})).refusal == (400, 160005)
