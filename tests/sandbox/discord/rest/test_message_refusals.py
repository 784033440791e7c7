"""Tests of messages over HTTP: each rule is broken once, and the answer is Discord's."""

import pytest

from tests.sandbox.discord.rest.rest_client import Caller, Json, where

PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(64)
MIB = 1024 * 1024
V2 = 1 << 15


def buttons(*custom_ids: str) -> Json:
    return {"type": 1, "components": [{"type": 2, "style": 1, "label": "x", "custom_id": one} for one in custom_ids]}


@pytest.mark.parametrize(
    ("payload", "path", "code"),
    [
        ({"content": "x" * 2001}, "content", "BASE_TYPE_MAX_LENGTH"),
        ({"embeds": [{"title": "x" * 257}]}, "embeds.0.title", "BASE_TYPE_MAX_LENGTH"),
        ({"embeds": [{"description": "x"}] * 11}, "embeds", "BASE_TYPE_MAX_LENGTH"),
        ({"embeds": [{"description": "x" * 3001}] * 2}, "embeds", "MAX_EMBED_SIZE_EXCEEDED"),
        (
            {"embeds": [{"image": {"url": "attachment://none.png"}}]},
            "embeds.0.image.url",
            "UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND",
        ),
        ({"components": [buttons(*"abcdef")]}, "components.0.components", "BASE_TYPE_BAD_LENGTH"),
        (
            {"components": [buttons("same", "same")]},
            "components.0.components.1.custom_id",
            "COMPONENT_CUSTOM_ID_DUPLICATED",
        ),
        ({"components": [{"type": 10, "content": "x"}]}, "components.0", "UNION_TYPE_CHOICES"),
        (
            {"flags": V2, "content": "x", "components": [{"type": 10, "content": "x"}]},
            "content",
            "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2",
        ),
        (
            {"flags": V2, "components": [{"type": 10, "content": "x"}] * 41},
            "components",
            "COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED",
        ),
        (
            {"flags": V2, "components": [{"type": 10, "content": "x" * 2001}] * 2},
            "components",
            "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED",
        ),
        ({"content": "x", "nonce": "n" * 26}, "nonce", "BASE_TYPE_MAX_LENGTH"),
        ({"content": "x", "flags": 1 << 6}, "flags", "MESSAGE_FLAGS_INVALID"),
        (
            {"content": "x", "allowed_mentions": {"parse": ["users"], "users": ["1"]}},
            "allowed_mentions",
            "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE",
        ),
        ({"content": "x", "attachments": [{"id": "0"}]}, "attachments.0", "ATTACHMENT_NOT_FOUND"),
        ({"content": "x", "message_reference": {"message_id": "1"}}, "message_reference", "REPLIES_UNKNOWN_MESSAGE"),
    ],
)
async def test_invalid_message_is_rejected(bot: Caller, payload: Json, path: str, code: str) -> None:
    answer = await bot.post(payload)
    assert answer.refusal == (400, 50035)
    assert where(answer.errors) == [(path, code)]
    assert answer.body["message"] == "Invalid Form Body"


async def test_empty_message_is_rejected(bot: Caller) -> None:
    assert (await bot.post({"content": "  "})).refusal == (400, 50006)


async def test_body_that_is_not_json_is_rejected(bot: Caller) -> None:
    url = f"{bot.ready['url']}/api/v10/channels/{bot.channel}/messages"
    headers = {"Authorization": f"Bot {bot.ready['token']}", "Content-Type": "application/json"}
    async with bot.session.post(url, data=b"{broken", headers=headers) as response:
        assert response.status == 400
        assert (await response.json())["code"] == 50109


@pytest.mark.parametrize(("tier", "legal_mib"), [(0, 10), (2, 50)])
async def test_guild_boost_tier_limits_file_size(bot: Caller, tier: int, legal_mib: int) -> None:
    await bot.world("set_tier", tier=tier)
    small = await bot.post({}, files={"film.bin": bytes(legal_mib * MIB)})
    big = await bot.post({}, files={"film.bin": bytes(legal_mib * MIB + 1)})
    assert small.refusal == (200, None)
    assert big.refusal == (400, 50045)


async def test_total_upload_size_is_limited(bot: Caller) -> None:
    answer = await bot.post({}, files={f"{n}.bin": bytes(9 * MIB) for n in range(3)})
    assert answer.refusal == (413, 40005)


async def test_eleven_files_are_rejected(bot: Caller) -> None:
    answer = await bot.post({}, files={f"{n}.png": PICTURE for n in range(11)})
    assert answer.refusal == (400, 30015)


async def test_embed_can_show_a_file_of_its_message(bot: Caller) -> None:
    answer = await bot.post({"embeds": [{"image": {"url": "attachment://cat.png"}}]}, files={"cat.png": PICTURE})
    assert answer.refusal == (200, None)


async def test_enforced_nonce_sends_one_message(bot: Caller) -> None:
    body = {"content": "once", "nonce": "job-1", "enforce_nonce": True}
    first, second = await bot.post(body), await bot.post(body)
    assert first.body["id"] == second.body["id"]
    bot.clock.advance(301)
    assert (await bot.post(body)).body["id"] != first.body["id"]


async def test_edit_is_validated_like_a_new_message(bot: Caller) -> None:
    message = (await bot.post({"content": "x"})).body["id"]
    path = f"/channels/{bot.channel}/messages/{message}"
    assert (await bot.api("PATCH", path, {"content": "x" * 2001})).refusal == (400, 50035)
    assert (await bot.api("PATCH", path, {"content": ""})).refusal == (400, 50006)
    kept = await bot.api("GET", path)
    assert kept.body["content"] == "x"


async def test_components_v2_message_stays_v2(bot: Caller) -> None:
    components = [{"type": 10, "content": "x"}]
    message = (await bot.post({"flags": V2, "components": components})).body["id"]
    answer = await bot.api("PATCH", f"/channels/{bot.channel}/messages/{message}", {"flags": 0})
    assert where(answer.errors) == [("flags", "MESSAGE_CANNOT_REMOVE_COMPONENTS_V2_FLAG")]


async def test_only_the_author_can_edit_a_message(bot: Caller) -> None:
    sent = await bot.control("messages", {"user": "mira", "channel": bot.channel, "content": "mine"})
    answer = await bot.api("PATCH", f"/channels/{bot.channel}/messages/{sent['id']}", {"content": "x"})
    assert answer.refusal == (403, 50005)


async def test_deleted_message_is_unknown(bot: Caller) -> None:
    message = (await bot.post({"content": "x"})).body["id"]
    await bot.world("delete_message", channel=bot.channel, message=message)
    path = f"/channels/{bot.channel}/messages/{message}"
    for method, payload in (("GET", None), ("PATCH", {"content": "y"}), ("DELETE", None)):
        assert (await bot.api(method, path, payload)).refusal == (404, 10008)


class TestMentions:
    TEXT = "<@{mira}> @everyone"

    async def pinged(self, bot: Caller, **more: object) -> tuple[list[str], bool]:
        answer = await bot.post({"content": self.TEXT.format(mira=bot.member("mira")), **more})
        return [one["username"] for one in answer.body["mentions"]], answer.body["mention_everyone"]

    async def test_message_pings_everyone_it_mentions_by_default(self, bot: Caller) -> None:
        await bot.world("set_permissions", role="Easel", allow=["MENTION_EVERYONE"])
        assert await self.pinged(bot) == (["mira"], True)

    async def test_everyone_mention_requires_the_permission(self, bot: Caller) -> None:
        assert await self.pinged(bot) == (["mira"], False)

    async def test_empty_allowed_mentions_ping_nobody(self, bot: Caller) -> None:
        await bot.world("set_permissions", role="Easel", allow=["MENTION_EVERYONE"])
        assert await self.pinged(bot, allowed_mentions={"parse": []}) == ([], False)

    async def test_edit_resets_allowed_mentions(self, bot: Caller) -> None:
        content = f"<@{bot.member('mira')}>"
        sent = await bot.post({"content": content, "allowed_mentions": {"parse": []}})
        assert sent.body["mentions"] == []
        path = f"/channels/{bot.channel}/messages/{sent.body['id']}"
        edited = await bot.api("PATCH", path, {"content": content + "!"})
        assert [one["username"] for one in edited.body["mentions"]] == ["mira"]
