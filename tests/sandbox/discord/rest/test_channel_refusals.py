"""Channels, threads, conversations and permissions over HTTP: what is closed answers with Discord's code."""

import pytest

from tests.sandbox.discord.rest.rest_client import Caller, Json

PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(64)


async def thread_of(bot: Caller) -> str:
    return (await bot.world("create_thread", channel=bot.channel, name="a thread", user="mira"))["channel"]


async def test_a_wrong_token_is_refused(bot: Caller) -> None:
    assert (await bot.api("GET", "/users/@me", token="wrong")).refusal == (401, 0)


async def test_a_route_that_does_not_exist(bot: Caller) -> None:
    assert (await bot.api("GET", "/nothing")).refusal == (404, 0)
    assert (await bot.api("PUT", "/users/@me")).refusal == (405, 0)


async def test_a_channel_that_does_not_exist(bot: Caller) -> None:
    assert (await bot.post({"content": "x"}, channel="123")).refusal == (404, 10003)


async def test_a_channel_that_was_deleted(bot: Caller) -> None:
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
async def test_what_a_channel_denies_is_refused(
    bot: Caller, denied: str, payload: Json, files: dict[str, bytes] | None, refusal: tuple[int, int | None]
) -> None:
    await bot.world("set_permissions", channel=bot.channel, user="bot", deny=[denied])
    assert (await bot.post(payload, files=files)).refusal == refusal


async def test_an_edit_needs_no_permission_to_send(bot: Caller) -> None:
    message = (await bot.post({"content": "x"})).body["id"]
    path = f"/channels/{bot.channel}/messages/{message}"
    await bot.world("set_permissions", channel=bot.channel, user="bot", deny=["SEND_MESSAGES"])
    assert (await bot.api("PATCH", path, {"content": "y"})).refusal == (200, None)
    await bot.world("set_permissions", channel=bot.channel, user="bot", deny=["VIEW_CHANNEL"])
    assert (await bot.api("PATCH", path, {"content": "z"})).refusal == (403, 50001)


async def test_a_reply_needs_to_read_what_was_said_before(bot: Caller) -> None:
    message = (await bot.post({"content": "x"})).body["id"]
    await bot.world("set_permissions", channel=bot.channel, user="bot", deny=["READ_MESSAGE_HISTORY"])
    reply = {"content": "y", "message_reference": {"message_id": message}}
    assert (await bot.post(reply)).refusal == (400, 160002)


async def test_deleting_others_messages_needs_a_permission(bot: Caller) -> None:
    sent = await bot.control("messages", {"user": "mira", "channel": bot.channel, "content": "mine"})
    path = f"/channels/{bot.channel}/messages/{sent['id']}"
    assert (await bot.api("DELETE", path)).refusal == (403, 50013)
    await bot.world("set_permissions", channel=bot.channel, user="bot", allow=["MANAGE_MESSAGES"])
    assert (await bot.api("DELETE", path)).status == 204


class TestThreads:
    async def test_an_archived_thread_takes_no_edits_but_opens_for_a_message(self, bot: Caller) -> None:
        thread = await thread_of(bot)
        message = (await bot.post({"content": "x"}, channel=thread)).body["id"]
        path = f"/channels/{thread}/messages/{message}"
        await bot.world("archive_thread", channel=thread)
        assert (await bot.api("PATCH", path, {"content": "y"})).refusal == (400, 50083)
        assert (await bot.api("DELETE", path)).refusal == (400, 50083)
        assert (await bot.post({"content": "open up"}, channel=thread)).refusal == (200, None)
        assert (await bot.api("PATCH", path, {"content": "y"})).refusal == (200, None)

    async def test_a_locked_thread_takes_nothing(self, bot: Caller) -> None:
        thread = await thread_of(bot)
        message = (await bot.post({"content": "x"}, channel=thread)).body["id"]
        await bot.world("lock_thread", channel=thread)
        assert (await bot.post({"content": "x"}, channel=thread)).refusal == (400, 160005)
        edit = await bot.api("PATCH", f"/channels/{thread}/messages/{message}", {"content": "y"})
        assert edit.refusal == (400, 160005)

    async def test_sending_in_threads_is_its_own_permission(self, bot: Caller) -> None:
        thread = await thread_of(bot)
        await bot.world("set_permissions", channel=bot.channel, user="bot", deny=["SEND_MESSAGES_IN_THREADS"])
        assert (await bot.post({"content": "x"}, channel=thread)).refusal == (403, 50013)
        assert (await bot.post({"content": "x"})).refusal == (200, None)

    async def test_opening_one_needs_a_permission(self, bot: Caller) -> None:
        answer = await bot.api("POST", f"/channels/{bot.channel}/threads", {"name": "mine", "type": 11})
        await bot.world("set_permissions", channel=bot.channel, user="bot", deny=["CREATE_PUBLIC_THREADS"])
        refused = await bot.api("POST", f"/channels/{bot.channel}/threads", {"name": "mine", "type": 11})
        assert (answer.status, refused.refusal) == (201, (403, 50013))


class TestConversations:
    async def opened(self, bot: Caller, name: str = "mira") -> str:
        return (await bot.api("POST", "/users/@me/channels", {"recipient_id": bot.member(name)})).body["id"]

    async def test_closed_ones_take_nothing(self, bot: Caller) -> None:
        channel = await self.opened(bot)
        assert (await bot.post({"content": "x"}, channel=channel)).refusal == (200, None)
        await bot.world("close_dms", user="mira")
        assert (await bot.post({"content": "x"}, channel=channel)).refusal == (403, 50007)

    async def test_who_left_cannot_be_written_to(self, bot: Caller) -> None:
        channel = await self.opened(bot)
        await bot.world("leave", user="mira")
        assert (await bot.post({"content": "x"}, channel=channel)).refusal == (403, 50278)

    async def test_nobody_is_unknown(self, bot: Caller) -> None:
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
    async def test_what_does_not_exist_or_is_closed(self, bot: Caller, path: str, refusal: tuple[int, int]) -> None:
        assert (await bot.api("GET", path.format(guild=bot.guild))).refusal == refusal

    async def test_a_guild_without_the_bot_is_closed(self, bot: Caller) -> None:
        await bot.world("leave", user="bot")
        assert (await bot.api("GET", f"/guilds/{bot.guild}")).refusal == (403, 50001)
        assert (await bot.post({"content": "x"})).refusal == (403, 50001)
