"""Checks the sandbox's requests and responses against Discord's OpenAPI description.

`DISCORD_OPENAPI` names the description; its checker `check_exchanges.py` is in the same folder.
"""

import asyncio
import os
import sys
from pathlib import Path

import aiohttp
import pytest

from sandbox.clock import SandboxClock
from sandbox.discord.server import DiscordSandbox
from tests.sandbox.discord.rules.test_automod_rules import RULES
from tests.sandbox.discord.sandbox_client import Question, SandboxClient, picture
from tests.sandbox.discord.test_interactions import COMMAND, MODAL, ROWS

SPECIFICATION = os.environ.get("DISCORD_OPENAPI")
STRICTER_THAN_CLIENTS = (
    r"attachments\[\d+\]\.id: \d+ is not of type",  # discord.py and hikari send the number of the file
    r"response \$\.errors\..*_errors: ",  # requires numbers although Discord's documentation shows BASE_TYPE_REQUIRED
    r"/skus route \$: path not in the specification",  # documented, but not described
    r"/entitlements.* response \$.*\.type: \d+ was expected",  # does not know one-time purchases, which are documented
)
REQUIRED = (
    "create_interaction_response",
    "update_original_webhook_message",
    "get_original_webhook_message",
    "delete_original_webhook_message",
    "execute_webhook",
    "create_message",
    "update_message",
    "get_message",
    "list_messages",
    "delete_message",
    "bulk_set_application_commands",
    "create_guild_application_command",
    "get_guild",
    "list_guild_channels",
    "get_guild_member",
    "create_dm",
    "create_thread",
    "get_my_oauth2_application",
    "get_bot_gateway",
    "list_auto_moderation_rules",
    "create_auto_moderation_rule",
    "get_auto_moderation_rule",
    "update_auto_moderation_rule",
    "delete_auto_moderation_rule",
    "list_guild_application_command_permissions",
    "get_guild_application_command_permissions",
    "get_entitlements",
    "get_entitlement",
    "consume_entitlement",
    "create_entitlement",
    "delete_entitlement",
)


@pytest.mark.skipif(SPECIFICATION is None, reason="DISCORD_OPENAPI does not name Discord's description")
async def test_recorded_exchanges_match_discords_openapi(tmp_path):
    record = tmp_path / "exchanges.jsonl"
    clock = SandboxClock()
    server = DiscordSandbox(clock, record=record)
    async with aiohttp.ClientSession() as session:
        sandbox = SandboxClient(server, await server.start(), session)
        for walk in (look_around, use_commands, answer, write, moderate, sell, refuse):
            await walk(sandbox)
            clock.advance(1)  # a new second, because of the global rate limit
        await server.stop()
    assert await checked(record) == ""


async def checked(record):
    assert SPECIFICATION is not None
    specification = Path(SPECIFICATION)
    arguments = [str(record), "--spec", str(specification)]
    arguments += [part for pattern in STRICTER_THAN_CLIENTS for part in ("--ignore", pattern)]
    arguments += [part for operation in REQUIRED for part in ("--require", operation)]
    checker = specification.with_name("check_exchanges.py")
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(checker), *arguments, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    told, _ = await process.communicate()
    return "" if process.returncode == 0 else told.decode()


async def look_around(sandbox):
    guild, channel = sandbox.guild, sandbox.channel()
    for path in (
        "/users/@me",
        "/users/@me/guilds",
        f"/users/{sandbox.id('mira')}",
        "/applications/@me",
        "/oauth2/applications/@me",
        "/gateway",
        "/gateway/bot",
        f"/guilds/{guild}",
        f"/guilds/{guild}?with_counts=true",
        f"/guilds/{guild}/channels",
        f"/guilds/{guild}/threads/active",
        f"/guilds/{guild}/roles",
        f"/guilds/{guild}/roles/{guild}",
        f"/guilds/{guild}/members/{sandbox.app}",
        f"/channels/{channel}",
    ):
        answer = await sandbox.call("GET", path)
        assert answer.status == 200, (path, answer.body)
    await sandbox.call("PATCH", f"/guilds/{guild}/members/@me", {"nick": "Easel"})
    await sandbox.world("set_permissions", role="Easel", allow=["CREATE_PUBLIC_THREADS", "CREATE_PRIVATE_THREADS"])
    thread = (await sandbox.call("POST", f"/channels/{channel}/threads", {"name": "talk", "type": 11})).body["id"]
    await sandbox.call("PUT", f"/channels/{thread}/thread-members/@me")
    await sandbox.call("PATCH", f"/channels/{thread}", {"archived": True})
    await sandbox.call("GET", f"/channels/{thread}")


async def use_commands(sandbox):
    base = f"/applications/{sandbox.app}/commands"
    await sandbox.register(COMMAND, {"name": "Upscale", "type": 3})
    made = await sandbox.call("POST", f"/applications/{sandbox.app}/guilds/{sandbox.guild}/commands", COMMAND)
    assert made.status == 201
    guilds_own = f"/applications/{sandbox.app}/guilds/{sandbox.guild}/commands"
    await sandbox.call("GET", f"{guilds_own}/{made.body['id']}/permissions")
    permissions = [{"role": "Artist"}, {"user": "kai", "allow": False}, {"channel": "*", "allow": False}]
    await sandbox.world("set_command_permissions", command=made.body["id"], permissions=permissions)
    await sandbox.call("GET", f"{guilds_own}/{made.body['id']}/permissions")
    await sandbox.call("GET", f"{guilds_own}/permissions")
    first = (await sandbox.call("GET", base)).body[0]["id"]
    await sandbox.call("GET", f"{base}/{first}")
    await sandbox.call("PATCH", f"{base}/{first}", {"description": "Draw"})
    await sandbox.call("DELETE", f"{base}/{first}")


async def answer(sandbox):
    question = await sandbox.asked()
    message = await question.reply(components=ROWS, embeds=[{"title": "t", "description": "d", "color": 255}])
    await question.webhook("GET", "/messages/@original")
    note = [{"id": "0", "description": "alt"}]
    embed = {"image": {"url": "attachment://a.png"}, "footer": {"text": "f"}, "fields": [{"name": "n", "value": "v"}]}
    await question.edit({"attachments": note, "embeds": [embed]}, files=[("a.png", picture())])
    pressed = {"message_id": message["id"], "custom_id": "again"}
    await Question(sandbox, await sandbox.interact("component", **pressed)).callback({"type": 6})
    await Question(sandbox, await sandbox.interact("component", **pressed)).callback({"type": 9, "data": MODAL})
    sent = Question(sandbox, await sandbox.interact("modal", values={"prompt": "a cat"}))
    await sent.callback({"type": 7, "data": {"content": "sent", "components": []}})
    private = await sandbox.asked()
    await private.defer(flags=64)
    await private.webhook("POST", "?wait=true", {"content": "first"})
    more = (await private.webhook("POST", "?wait=true", {"content": "more"}, files=[("b.png", picture())])).body
    await private.webhook("GET", f"/messages/{more['id']}")
    await private.edit({"content": "less"}, message=more["id"])
    await private.webhook("DELETE", f"/messages/{more['id']}")
    await sent.webhook("DELETE", "/messages/@original")


async def write(sandbox):
    path = f"/channels/{sandbox.channel('studio')}/messages"
    first = (await sandbox.call("POST", path, {"content": f"<@{sandbox.id('mira')}>", "nonce": "n"})).body
    reply = {"content": "again", "message_reference": {"message_id": first["id"]}}
    assert (await sandbox.call("POST", path, reply)).body["referenced_message"]["id"] == first["id"]
    gallery = {"type": 12, "items": [{"media": {"url": "attachment://a.png"}}]}
    text = {"type": 10, "content": "# Done"}
    container = {"type": 17, "components": [text, gallery, {"type": 14}, ROWS[0]]}
    shown = {"flags": 1 << 15, "components": [container, {"type": 13, "file": {"url": "attachment://b.txt"}}]}
    assert (await sandbox.call("POST", path, shown, files=[("a.png", picture()), ("b.txt", b"text")])).status == 200
    await sandbox.call("GET", f"{path}?limit=2")
    await sandbox.call("GET", f"{path}/{first['id']}")
    await sandbox.call("PATCH", f"{path}/{first['id']}", {"content": "edited"})
    await sandbox.call("POST", f"/channels/{sandbox.channel('studio')}/typing")
    await sandbox.call("DELETE", f"{path}/{first['id']}")
    conversation = (await sandbox.call("POST", "/users/@me/channels", {"recipient_id": sandbox.id("mira")})).body
    await sandbox.call("POST", f"/channels/{conversation['id']}/messages", {"content": "psst"})
    await sandbox.call("GET", f"/channels/{conversation['id']}")


async def moderate(sandbox):
    path = f"/guilds/{sandbox.guild}/auto-moderation/rules"
    await sandbox.call("GET", path)
    await sandbox.world("set_permissions", role="Easel", allow=["MANAGE_GUILD"])
    for rule in RULES:
        await sandbox.call("POST", path, {"name": "words", "event_type": 1} | rule)
    listed = (await sandbox.call("GET", path)).body
    assert len(listed) == len(RULES)
    one = f"{path}/{listed[0]['id']}"
    await sandbox.call("GET", one)
    await sandbox.call("PATCH", one, {"name": "mentions", "enabled": True})
    await sandbox.call("DELETE", one)


async def sell(sandbox):
    path = f"/applications/{sandbox.app}/entitlements"
    await sandbox.call("GET", f"/applications/{sandbox.app}/skus")
    bought = (await sandbox.world("entitlement", user="mira", sku="Credit pack"))["entitlement"]["id"]
    plan = (await sandbox.world("create_sku", name="Gold", kind="subscription"))["sku"]["id"]
    await sandbox.call("GET", f"{path}?user_id={sandbox.id('mira')}&limit=5&exclude_ended=true&exclude_deleted=false")
    await sandbox.call("POST", f"{path}/{bought}/consume")
    await sandbox.call("GET", f"{path}/{bought}")
    wanted = {"sku_id": plan, "owner_id": sandbox.id("mira"), "owner_type": 2}
    granted = (await sandbox.call("POST", path, wanted)).body["id"]
    await sandbox.call("DELETE", f"{path}/{granted}")


async def refuse(sandbox):
    question = await sandbox.asked()
    await question.edit({"content": "too early"})
    for _ in range(2):
        await question.callback({"type": 4, "data": {"content": "once"}}, with_response=False)
    for number in range(6):
        await sandbox.call("GET", f"/channels/{sandbox.channel('gallery')}/messages?limit={number + 1}")
    await sandbox.call("GET", "/channels/1")
    await sandbox.call("GET", "/users/@me", headers={"Authorization": "Bot wrong"})
    path = f"/channels/{sandbox.channel('videos')}/messages"
    assert (await sandbox.call("POST", path, {"content": "x", "message_reference": {"message_id": "1"}})).status == 400
