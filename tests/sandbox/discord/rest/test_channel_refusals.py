"""Tests of channels, threads, direct messages and permissions over HTTP: refusals have Discord's codes."""

import pytest

from tests.sandbox.discord.rest.rest_client import Caller, Json

PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(64)


async def thread_of(bot: Caller) -> str:
    return (await bot.world("create_thread", channel=bot.channel, name="a thread", user="mira"))["channel"]


async def test_wrong_token_is_rejected(bot: Caller) -> None:
    assert (await bot.api("GET", "/users/@me", token="wrong")).refusal == (401, 0)


async def test_unknown_route_is_not_found(bot: Caller) -> None:
    assert (await bot.api("GET", "/nothing")).refusal == (404, 0)
    assert (await bot.api("PUT", "/users/@me")).refusal == (405, 0)


async def test_unknown_channel_is_rejected(bot: Caller) -> None:
    assert (await bot.post({"content": "x"}, channel="123")).refusal == (404, 10003)


async def test_deleted_channel_is_rejected(bot: Caller) -> None:
    message = (await bot.post({"content": "x"})).body["id"]
    await bot.world("delete_channel", channel=bot.channel)
    assert (await bot.post({"content": "x"})).refusal == (404, 10003)
    edit = await bot.api("PATCH", f"/channels/{bot.channel}/messages/{message}", {"content": "y"})
    assert edit.refusal == (404, 10003)


@pytest.mark.parametrize(
    ("denied", "payload", "files", "refusal"),
    [
        ("VIEW_CHANNEL", {"content": "x"}, None, (403, 50001)),
        ("SEND_MESSAGES", {"content": "x"}, None, (403, 50013)),
        ("EMBED_LINKS", {"embeds": [{"description": "x"}]}, None, (403, 50013)),
        ("ATTACH_FILES", {"content": "x"}, {"cat.png": PICTURE}, (403, 50013)),
        ("ATTACH_FILES", {"content": "x"}, None, (200, None)),
    ],
)
async def test_action_denied_by_a_channel_overwrite_is_rejected(
    bot: Caller, denied: str, payload: Json, files: dict[str, bytes] | None, refusal: tuple[int, int | None]
) -> None:
    await bot.world("set_permissions", channel=bot.channel, user="bot", deny=[denied])
    assert (await bot.post(payload, files=files)).refusal == refusal


async def test_edit_does_not_require_send_permission(bot: Caller) -> None:
    message = (await bot.post({"content": "x"})).body["id"]
    path = f"/channels/{bot.channel}/messages/{message}"
    await bot.world("set_permissions", channel=bot.channel, user="bot", deny=["SEND_MESSAGES"])
    assert (await bot.api("PATCH", path, {"content": "y"})).refusal == (200, None)
    await bot.world("set_permissions", channel=bot.channel, user="bot", deny=["VIEW_CHANNEL"])
    assert (await bot.api("PATCH", path, {"content": "z"})).refusal == (403, 50001)


async def test_reply_requires_read_message_history(bot: Caller) -> None:
    message = (await bot.post({"content": "x"})).body["id"]
    await bot.world("set_permissions", channel=bot.channel, user="bot", deny=["READ_MESSAGE_HISTORY"])
    reply = {"content": "y", "message_reference": {"message_id": message}}
    assert (await bot.post(reply)).refusal == (400, 160002)


async def test_deleting_others_messages_requires_manage_messages(bot: Caller) -> None:
    sent = await bot.control("messages", {"user": "mira", "channel": bot.channel, "content": "mine"})
    path = f"/channels/{bot.channel}/messages/{sent['id']}"
    assert (await bot.api("DELETE", path)).refusal == (403, 50013)
    await bot.world("set_permissions", channel=bot.channel, user="bot", allow=["MANAGE_MESSAGES"])
    assert (await bot.api("DELETE", path)).status == 204


class TestThreads:
    async def test_archived_thread_rejects_edits_and_reopens_for_a_message(self, bot: Caller) -> None:
        thread = await thread_of(bot)
        message = (await bot.post({"content": "x"}, channel=thread)).body["id"]
        path = f"/channels/{thread}/messages/{message}"
        await bot.world("archive_thread", channel=thread)
        assert (await bot.api("PATCH", path, {"content": "y"})).refusal == (400, 50083)
        assert (await bot.api("DELETE", path)).refusal == (400, 50083)
        assert (await bot.post({"content": "open up"}, channel=thread)).refusal == (200, None)
        assert (await bot.api("PATCH", path, {"content": "y"})).refusal == (200, None)

    async def test_locked_thread_rejects_everything(self, bot: Caller) -> None:
        thread = await thread_of(bot)
        message = (await bot.post({"content": "x"}, channel=thread)).body["id"]
        await bot.world("lock_thread", channel=thread)
        assert (await bot.post({"content": "x"}, channel=thread)).refusal == (400, 160005)
        edit = await bot.api("PATCH", f"/channels/{thread}/messages/{message}", {"content": "y"})
        assert edit.refusal == (400, 160005)

    async def test_sending_in_threads_requires_its_own_permission(self, bot: Caller) -> None:
        thread = await thread_of(bot)
        await bot.world("set_permissions", channel=bot.channel, user="bot", deny=["SEND_MESSAGES_IN_THREADS"])
        assert (await bot.post({"content": "x"}, channel=thread)).refusal == (403, 50013)
        assert (await bot.post({"content": "x"})).refusal == (200, None)

    async def test_opening_a_thread_requires_a_permission(self, bot: Caller) -> None:
        answer = await bot.api("POST", f"/channels/{bot.channel}/threads", {"name": "mine", "type": 11})
        await bot.world("set_permissions", channel=bot.channel, user="bot", deny=["CREATE_PUBLIC_THREADS"])
        refused = await bot.api("POST", f"/channels/{bot.channel}/threads", {"name": "mine", "type": 11})
        assert (answer.status, refused.refusal) == (201, (403, 50013))


class TestConversations:
    async def opened(self, bot: Caller, name: str = "mira") -> str:
        return (await bot.api("POST", "/users/@me/channels", {"recipient_id": bot.member(name)})).body["id"]

    async def test_closed_dms_reject_messages(self, bot: Caller) -> None:
        channel = await self.opened(bot)
        assert (await bot.post({"content": "x"}, channel=channel)).refusal == (200, None)
        await bot.world("close_dms", user="mira")
        assert (await bot.post({"content": "x"}, channel=channel)).refusal == (403, 50007)

    async def test_user_who_left_cannot_be_sent_a_dm(self, bot: Caller) -> None:
        channel = await self.opened(bot)
        await bot.world("leave", user="mira")
        assert (await bot.post({"content": "x"}, channel=channel)).refusal == (403, 50278)

    async def test_dm_with_an_unknown_user_is_rejected(self, bot: Caller) -> None:
        assert (await bot.api("POST", "/users/@me/channels", {"recipient_id": "1"})).refusal == (404, 10013)
        assert (await bot.api("POST", "/users/@me/channels", {})).refusal == (400, 50035)
        itself = {"recipient_id": bot.application}
        assert (await bot.api("POST", "/users/@me/channels", itself)).refusal == (403, 50007)


class TestGuilds:
    @pytest.mark.parametrize(
        ("path", "refusal"),
        [
            ("/guilds/1", (404, 10004)),
            ("/guilds/{guild}/roles/1", (404, 10011)),
            ("/guilds/{guild}/members/1", (404, 10007)),
            ("/guilds/{guild}/members", (403, 50001)),
            ("/users/1", (404, 10013)),
        ],
    )
    async def test_unknown_and_hidden_objects_are_rejected(
        self, bot: Caller, path: str, refusal: tuple[int, int]
    ) -> None:
        assert (await bot.api("GET", path.format(guild=bot.guild))).refusal == refusal

    async def test_guild_without_the_bot_is_inaccessible(self, bot: Caller) -> None:
        await bot.world("leave", user="bot")
        assert (await bot.api("GET", f"/guilds/{bot.guild}")).refusal == (403, 50001)
        assert (await bot.post({"content": "x"})).refusal == (403, 50001)
