"""Tests of habits of people and other clients that discord.py and the tests' client do not have."""

import asyncio
import base64
import json

import aiohttp
import discord
import pytest

from tests.patience import PATIENCE_S

OPTION = {"name": "text", "description": "x", "type": 3}
SURROGATE = "a \ud83d b"


def test_token_has_discords_format(sandbox):
    first, time, signature = sandbox.token.split(".")
    assert base64.b64decode(first + "=" * (-len(first) % 4)).decode() == sandbox.app
    assert len(time) == 6
    assert len(signature) >= 27


async def test_version_9_of_the_api_is_served_and_an_older_one_is_not(sandbox):
    headers = {"Authorization": f"Bot {sandbox.token}"}
    statuses = []
    for version in ("v9", "v10", "v5"):
        async with sandbox.session.get(f"{sandbox.base}/api/{version}/users/@me", headers=headers) as response:
            statuses.append(response.status)
    assert statuses == [200, 200, 404]


async def test_version_9_counts_against_the_same_limits(sandbox):
    headers = {"Authorization": f"Bot {sandbox.token}"}
    address = f"{sandbox.base}/api/v9/channels/{sandbox.channel()}/messages"
    async with sandbox.session.post(address, json={"content": "x"}, headers=headers) as response:
        assert (response.status, "X-RateLimit-Bucket" in response.headers) == (200, True)
    async with sandbox.session.get(f"{sandbox.base}/api/v9/users/@me") as response:
        assert response.status == 401


async def test_payload_in_a_urlencoded_form_is_read(sandbox):
    form = aiohttp.FormData({"payload_json": json.dumps({"content": "from a form"})})
    headers = {"Authorization": f"Bot {sandbox.token}"}
    address = f"{sandbox.base}/api/v10/channels/{sandbox.channel()}/messages"
    async with sandbox.session.post(address, data=form, headers=headers) as response:
        assert response.request_info.headers["Content-Type"] == "application/x-www-form-urlencoded"
        assert (await response.json())["content"] == "from a form"


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/soundboard-default-sounds", []),
        ("/channels/{channel}/pins", []),
        ("/channels/{channel}/messages/pins", {"items": [], "has_more": False}),
    ],
)
async def test_calls_that_other_clients_make_are_answered(sandbox, path, body):
    answer = await sandbox.call("GET", path.format(channel=sandbox.channel()))
    assert (answer.status, answer.body) == (200, body)


async def test_lone_surrogate_from_the_bot_becomes_a_replacement_character(sandbox):
    sent = await sandbox.call("POST", f"/channels/{sandbox.channel()}/messages", {"content": SURROGATE})
    assert (sent.status, sent.body["content"]) == (200, "a \ufffd b")
    assert (await sandbox.messages())[-1]["content"] == "a \ufffd b"


async def test_lone_surrogate_from_a_member_becomes_a_replacement_character(sandbox):
    asked = await sandbox.register({"name": "say", "description": "x", "options": [OPTION]})
    interaction = sandbox.interaction(await sandbox.interact(name="say", options={"text": SURROGATE}))
    assert asked
    assert interaction.data["options"][0]["value"] == "a \ufffd b"


async def test_lone_surrogate_is_shown_among_the_exchanges(sandbox):
    await sandbox.call("POST", f"/channels/{sandbox.channel()}/messages", {"content": SURROGATE})
    async with sandbox.session.get(f"{sandbox.base}/_sandbox/exchanges") as response:
        assert response.status == 200
        assert "a \ufffd b" in await response.text()


async def test_surrogate_pairs_and_backslashes_are_unchanged(sandbox):
    text = "\U0001f600 \\ud83d"
    sent = await sandbox.call("POST", f"/channels/{sandbox.channel()}/messages", {"content": text})
    assert sent.body["content"] == text


async def test_file_type_is_omitted_unless_the_name_shows_it(sandbox):
    path = f"/channels/{sandbox.channel()}/messages"
    sent = await sandbox.call("POST", path, {"content": "x"}, files=[("a.png", b"?"), ("a", b"?"), ("a.xyzzy", b"?")])
    assert [one.get("content_type") for one in sent.body["attachments"]] == ["image/png", None, None]
    assert "content_type" not in sent.body["attachments"][1]


async def test_user_option_accepts_a_user_who_has_left(sandbox, bot, start):
    seen = asyncio.get_running_loop().create_future()

    @bot.tree.command(description="x")
    async def grant(_: discord.Interaction, who: discord.User) -> None:
        seen.set_result(who)

    await start()
    await sandbox.world("leave", user="kai")
    await sandbox.interact(name="grant", options={"who": sandbox.id("kai")})
    who = await asyncio.wait_for(seen, PATIENCE_S)
    assert (type(who), str(who.id)) == (discord.User, sandbox.id("kai"))


@pytest.mark.parametrize("kind", [6, 9])
async def test_user_option_accepts_a_user_who_was_never_a_member(sandbox, kind):
    option = {"type": kind, "name": "who", "description": "x", "required": True}
    await sandbox.register({"name": "grant", "description": "x", "options": [option]})
    sent = sandbox.interaction(await sandbox.interact(name="grant", options={"who": "80351110224678912"}))
    assert sent.data["options"][0]["value"] == "80351110224678912"


async def test_user_who_was_never_a_member_is_resolved(sandbox, bot, start):
    seen = asyncio.get_running_loop().create_future()

    @bot.tree.command(description="x")
    async def grant(_: discord.Interaction, who: discord.User) -> None:
        seen.set_result(who)

    await start()
    await sandbox.interact(name="grant", options={"who": "80351110224678912"})
    who = await asyncio.wait_for(seen, PATIENCE_S)
    assert (type(who), who.id) == (discord.User, 80351110224678912)


async def test_message_cannot_be_forwarded_to_other_peoples_direct_messages(sandbox):
    sent = await sandbox.call("POST", f"/channels/{sandbox.channel()}/messages", {"content": "x"})
    body = {"do": "forward_message", "message": sent.body["id"], "channel": "dm:kai", "as": "mira"}
    assert "does not see" in (await sandbox.control("POST", "/world", body, status=400))["error"]


async def test_forwarded_message_has_a_copy_of_its_content_and_files(sandbox):
    general, studio = sandbox.channel("general"), sandbox.channel("studio")
    files = [("a.png", b"picture")]
    sent = await sandbox.call("POST", f"/channels/{general}/messages", {"content": "look"}, files=files)
    forwarded = await sandbox.world("forward_message", message=sent.body["id"], channel=studio, **{"as": "mira"})
    message = next(one for one in await sandbox.messages(channel=studio) if one["id"] == forwarded["id"])
    assert (message["content"], message["attachments"]) == ("", [])
    assert message["message_reference"] == {"type": 1, "channel_id": general, "message_id": sent.body["id"]}
    [copied] = message["message_snapshots"]
    assert copied["message"]["content"] == "look"
    await sandbox.call("DELETE", f"/channels/{general}/messages/{sent.body['id']}")
    async with sandbox.session.get(copied["message"]["attachments"][0]["url"]) as response:
        assert await response.read() == b"picture"


async def test_only_visible_messages_can_be_forwarded(sandbox):
    body = {"do": "forward_message", "message": "1", "channel": sandbox.channel(), "as": "kai"}
    assert "sees no message" in (await sandbox.control("POST", "/world", body, status=400))["error"]
