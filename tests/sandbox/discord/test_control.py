"""Tests of the control interface: actions of members and moderators, views of the world, and restarts."""

import asyncio
import json
from email.utils import parsedate_to_datetime

import aiohttp
import pytest
import yarl

from sandbox.clock import SandboxClock
from sandbox.discord import server
from sandbox.discord.server import DiscordSandbox
from tests.sandbox.discord.sandbox_client import Question, SandboxClient, encoded, picture

OLD_ENOUGH = {"name": "ping", "description": "x"}


def test_ready_line_has_everything_a_script_needs(sandbox):
    assert sandbox.ready.keys() == {"url", "token", "application_id", "guild_id", "channel_id", "sku_ids", "members"}
    assert sandbox.ready["members"]["ada"]["roles"] == ["Moderator"]
    assert set(sandbox.ready["members"]) == {"mira", "theo", "kai", "ada", "olga"}


async def test_members_can_write_and_reply(sandbox):
    said = await sandbox.control(
        "POST",
        "/messages",
        {"user": "mira", "channel": "#general", "content": "look", "files": [encoded("a.png", picture())]},
    )
    reply = {"user": "ada", "channel": sandbox.channel(), "content": "nice", "reply_to": said["id"]}
    await sandbox.control("POST", "/messages", reply)
    first, second = await sandbox.messages()
    assert first["attachments"][0]["filename"] == "a.png"
    assert (second["type"], second["referenced_message"]["id"]) == (19, first["id"])


async def test_member_without_permission_cannot_write(sandbox):
    await sandbox.world("set_permissions", channel=sandbox.channel(), role="@everyone", deny=["SEND_MESSAGES"])
    said = {"user": "mira", "channel": sandbox.channel(), "content": "x"}
    assert "50013" in (await sandbox.control("POST", "/messages", said, status=400))["error"]


async def test_members_cannot_see_hidden_channels(sandbox):
    query = {"channel": sandbox.channel("staff"), "as": "mira"}
    refused = await sandbox.control("GET", "/messages", status=400, **query)
    assert "does not see" in refused["error"]
    assert await sandbox.messages("ada", sandbox.channel("staff")) == []


async def test_waiting_for_messages_returns_when_one_arrives(sandbox):
    waiting = asyncio.create_task(sandbox.until(lambda seen: [one["content"] for one in seen] == ["here"], user="ada"))
    await sandbox.control("POST", "/messages", {"user": "mira", "channel": sandbox.channel(), "content": "here"})
    assert len(await waiting) == 1


async def test_waiting_for_an_interaction_ends_after_the_requested_time(sandbox):
    question = await sandbox.asked()
    assert (await sandbox.control("GET", f"/interactions/{question.id}", wait_s=0.01))["state"] == "pending"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"do": "dance"}, "unknown action 'dance'"),
        ({"do": "set_tier", "tier": 7}, "tier must be 0, 1, 2 or 3"),
        ({"do": "set_locale", "user": "mira", "locale": "zh"}, "locale must be one of"),
        ({"do": "delete_channel"}, "channel is missing"),
        ({"do": "close_dms", "user": "nobody"}, "there is no user 'nobody'"),
        ({"do": "drop_gateway", "how": "gently"}, "how must be one of"),
        ({"do": "set_permissions", "role": "Artist", "allow": ["FLY"]}, "unknown permission FLY"),
        ({"do": "lock_thread", "channel": "#general"}, "is not a thread"),
        ({"do": "restart_bot"}, "the bot is another program"),
    ],
)
async def test_impossible_action_is_rejected_with_a_reason(sandbox, body, reason):
    assert reason in (await sandbox.control("POST", "/world", body, status=400))["error"]


async def test_role_permissions_can_be_changed_in_the_guild(sandbox):
    await sandbox.register({"name": "mod", "description": "x", "default_member_permissions": str(1 << 13)})
    await sandbox.world("set_permissions", role="Artist", allow=["MANAGE_MESSAGES"])
    await sandbox.interact(name="mod", user="mira")
    await sandbox.world("set_permissions", role="Artist", deny=["MANAGE_MESSAGES"])
    assert "cannot see a command" in await sandbox.refused(name="mod", user="mira")


async def test_user_who_left_the_guild_sees_nothing_there(sandbox):
    await sandbox.register(OLD_ENOUGH)
    await sandbox.world("leave", user="kai")
    assert "does not see" in await sandbox.refused(name="ping", user="kai")


async def test_world_shows_a_member_what_they_can_see_and_do(sandbox):
    await sandbox.register(OLD_ENOUGH, {"name": "mod", "description": "x", "default_member_permissions": "0"})
    seen = await sandbox.control("GET", "/world", channel=sandbox.channel(), **{"as": "mira"})
    assert [one["name"] for one in seen["channels"]] == ["general", "studio", "gallery", "videos", "after-dark"]
    assert [one["name"] for one in seen["commands"]] == ["ping"]
    ada = next(one for one in seen["guilds"][0]["members"] if one["name"] == "ada")
    assert int(ada["permissions"][sandbox.channel()]) & 1 << 13
    assert seen["bot_connected"] is False


async def test_rejected_requests_are_counted(sandbox):
    await sandbox.call("GET", "/users/@me", headers={"Authorization": "Bot wrong"})
    await sandbox.call("GET", "/users/1")
    assert (await sandbox.control("GET", "/world"))["invalid_requests"] == 1


async def test_ten_thousand_rejected_requests_cause_a_ban_for_ten_minutes(sandbox, clock):
    sandbox.server._api.invalid._times.extend([clock.now()] * 10_000)
    banned = await sandbox.call("GET", "/users/@me")
    assert (banned.status, "Via" in banned.headers) == (429, False)
    clock.advance(601)
    assert (await sandbox.call("GET", "/users/@me")).status == 200


async def test_every_response_has_the_sandboxs_time(sandbox, clock):
    clock.advance(86_400 * 400)
    before_s = int(clock.now())
    answer = await sandbox.call("GET", "/users/@me")
    assert before_s <= parsedate_to_datetime(answer.headers["Date"]).timestamp() <= clock.now()
    assert answer.headers["Content-Type"] == "application/json"


async def test_fault_is_injected_as_requested(sandbox):
    fault = {"method": "GET", "path": "/api/v10/users/*", "times": 1, "status": 503, "body": {"message": "busy"}}
    await sandbox.control("POST", "/faults", [fault, {"path": "/api/*", "drop": "after", "method": "POST"}])
    assert (await sandbox.call("GET", "/users/@me")).status == 503
    assert (await sandbox.call("GET", "/users/@me")).status == 200
    with pytest.raises(aiohttp.ClientConnectionError):
        await sandbox.call("POST", f"/channels/{sandbox.channel()}/messages", {"content": "arrived"})
    assert [one["content"] for one in await sandbox.messages()] == ["arrived"]


async def test_page_stream_sends_events_the_member_can_see(sandbox):
    async with sandbox.session.get(f"{sandbox.base}/_sandbox/stream", params={"as": "mira"}) as stream:
        assert await told(stream) == ("world", {"changed": "connected", "version": 0})
        question = await sandbox.asked(user="mira")
        assert (await told(stream))[1]["changed"] == "commands"
        assert (await told(stream))[1]["state"] == "pending"
        await question.reply("secret", flags=64)
        event, data = await told(stream)
        assert (event, data["op"], data["message"]["content"]) == ("message", "create", "secret")
        assert (await told(stream))[1]["state"] == "acknowledged"


async def test_page_stream_omits_events_the_member_cannot_see(sandbox):
    async with sandbox.session.get(f"{sandbox.base}/_sandbox/stream", params={"as": "theo"}) as stream:
        await told(stream)
        await (await sandbox.asked(user="mira")).reply("secret", flags=64)
        await sandbox.world("create_channel", name="end")
        assert [(await told(stream))[1]["changed"] for _ in range(2)] == ["commands", "channel"]


async def told(stream):
    lines = [(await stream.content.readline()).decode().strip() for _ in range(3)]
    return lines[0].removeprefix("event: "), json.loads(lines[1].removeprefix("data: "))


async def test_saved_world_survives_a_restart(tmp_path):
    clock = SandboxClock()
    async with aiohttp.ClientSession() as session:
        sandbox = await begin(clock, tmp_path, session)
        question = await sandbox.asked()
        await question.reply("kept", flags=64)
        await question.webhook("POST", "", {"content": "file"}, files=[("a.png", picture())])
        before = await sandbox.messages()
        await sandbox.server.stop()
        again = await begin(clock, tmp_path, session)
        after = await again.messages()
        assert [one["content"] for one in after] == [one["content"] for one in before] == ["kept", "file"]
        assert (again.token, again.app) == (sandbox.token, sandbox.app)
        async with session.get(after[1]["attachments"][0]["url"]) as response:
            assert await response.read() == picture()
        old = Question(again, question.id)
        assert (await old.edit({"content": "still mine"})).status == 200
        await again.server.stop()


async def test_interaction_left_open_by_a_stop_fails_after_restart(tmp_path):
    clock = SandboxClock()
    async with aiohttp.ClientSession() as session:
        sandbox = await begin(clock, tmp_path, session)
        question = await sandbox.asked()
        await sandbox.server.stop()
        clock.advance(5)
        again = await begin(clock, tmp_path, session)
        assert (await again.outcome(question.id))["state"] == "failed"
        await again.server.stop()


async def begin(clock, folder, session):
    started = DiscordSandbox(clock, world=folder)
    return SandboxClient(started, await started.start(), session)


@pytest.mark.parametrize("path", ["/nothing.js", "/..%2fserver.py", "/%2e%2e/server.py"])
async def test_only_files_of_the_page_are_served(sandbox, path):
    async with sandbox.session.get(yarl.URL(f"{sandbox.base}{path}", encoded=True)) as response:
        assert response.status == 404


async def test_page_is_served_at_the_root(sandbox, tmp_path, monkeypatch):
    (tmp_path / "index.html").write_text("<title>Atelier</title>")
    monkeypatch.setattr(server, "PAGE", tmp_path)
    async with sandbox.session.get(sandbox.base) as response:
        assert (response.status, await response.text()) == (200, "<title>Atelier</title>")


async def test_unknown_api_route_does_not_serve_the_page(sandbox):
    assert (await sandbox.call("GET", "/nonsense")).code == (404, 0)
    assert (await sandbox.call("POST", "/nonsense", {})).code == (404, 0)


@pytest.mark.parametrize("path", ["/", "/main.js", "/_sandbox/world", "/_sandbox/stream?as=mira"])
async def test_page_and_control_are_not_served_under_a_foreign_name(path):
    """Any name can be made to point to this machine, and a page under that name could then read the answers."""
    sandbox = DiscordSandbox(SandboxClock())
    ready = await sandbox.start()
    try:
        async with aiohttp.ClientSession() as http:
            for host, status in (("evil.example.com", {403}), ("localhost", {200, 400, 404})):
                async with http.get(f"{ready['url']}{path}", headers={"Host": host}) as answer:
                    assert answer.status in status
    finally:
        await sandbox.stop()
