"""Tests of the gateway over a bare WebSocket: compression, identify, resume, and every reason to close a connection."""

import asyncio

import pytest

from sandbox.discord.gateway.gateway import ACK_AFTER_S
from sandbox.discord.gateway.sessions import REPLAYED_MOST


@pytest.mark.parametrize("compression", [None, "zlib-stream", "zstd-stream"])
async def test_hello_heartbeat_ready_and_guild_create_arrive_with_each_compression(connect, sandbox, compression):
    client = await connect(compression)
    assert (await client.hear())["d"]["heartbeat_interval"] > 0
    await client.say(1, None)
    assert (await client.hear())["op"] == 11
    ready = await client.identify(sandbox.token)
    assert ready["user"]["id"] == sandbox.app
    assert [one["unavailable"] for one in ready["guilds"]] == [True]
    guild = (await client.until("GUILD_CREATE"))["d"]
    assert [one["name"] for one in guild["channels"]][:2] == ["general", "studio"]


async def test_heartbeat_ack_is_not_sent_immediately(identified):
    loop = asyncio.get_running_loop()
    sent = loop.time()
    await identified.say(1, None)
    assert (await identified.hear())["op"] == 11
    assert loop.time() - sent >= ACK_AFTER_S / 2


async def test_resumed_client_receives_missed_events_in_order(connect, sandbox, identified):
    await identified.socket.close(code=4000)
    await sandbox.register({"name": "ping", "description": "x"})
    await sandbox.interact(name="ping")
    await sandbox.world("create_channel", name="new")
    again = await connect()
    await again.hear()
    await again.resume(identified, sandbox.token)
    assert [(await again.hear())["t"] for _ in range(3)] == ["INTERACTION_CREATE", "CHANNEL_CREATE", "RESUMED"]


async def test_unknown_session_gets_invalid_session(connect, sandbox, identified):
    again = await connect()
    await again.hear()
    identified.ready["session_id"] = "nonsense"
    await again.resume(identified, sandbox.token)
    assert await again.hear() == {"op": 9, "d": False}


async def test_client_that_missed_too_much_must_identify_again(connect, sandbox, identified):
    await identified.socket.close(code=4000)
    session = next(iter(sandbox.server._gateway._sessions.values()))
    for _ in range(REPLAYED_MOST + 1):
        session.dispatch("TYPING_START", {})
    again = await connect()
    await again.hear()
    await again.resume(identified, sandbox.token)
    assert await again.hear() == {"op": 9, "d": False}


async def test_session_uses_only_its_newest_connection(connect, sandbox, identified):
    again = await connect()
    await again.hear()
    await again.resume(identified, sandbox.token)
    assert (await again.hear())["t"] == "RESUMED"
    await identified.socket.close()
    await sandbox.world("create_channel", name="new")
    assert (await again.hear())["t"] == "CHANNEL_CREATE"


async def test_reconnect_asks_the_client_to_resume(sandbox, identified):
    assert (await sandbox.world("drop_gateway", how="reconnect"))["connections"] == 1
    assert (await identified.hear())["op"] == 7


async def test_invalidated_session_cannot_be_resumed(connect, sandbox, identified):
    await sandbox.world("drop_gateway", how="invalid")
    assert await identified.hear() == {"op": 9, "d": False}
    again = await connect()
    await again.hear()
    await again.resume(identified, sandbox.token)
    assert await again.hear() == {"op": 9, "d": False}


@pytest.mark.parametrize(
    ("identity", "code"),
    [
        ({"token": "wrong"}, 4004),
        ({"intents": -1}, 4013),
        ({"intents": 1 << 15}, 4014),
        ({"shard": [2, 2]}, 4010),
        ({"shard": [-1, 2]}, 4010),
        ({"shard": [0]}, 4010),
        ({"shard": "no"}, 4010),
    ],
)
async def test_invalid_identify_closes_the_connection(connect, sandbox, identity, code):
    client = await connect()
    await client.hear()
    await client.say(2, {"token": sandbox.token, "intents": 1, "properties": {}} | identity)
    assert await client.hear() == {"closed": code}


async def test_old_gateway_version_is_rejected(connect):
    client = await connect(version="5")
    assert await client.hear() == {"closed": 4012}


@pytest.mark.parametrize(("raw", "code"), [("{", 4002), ("[]", 4002), ('{"op": 99}', 4001), ('{"op": 3}', 4003)])
async def test_invalid_payload_closes_the_connection(connect, raw, code):
    client = await connect()
    await client.hear()
    await client.socket.send_str(raw)
    assert await client.hear() == {"closed": code}


async def test_identifying_twice_closes_the_connection(sandbox, identified):
    await identified.say(2, {"token": sandbox.token, "intents": 1})
    assert await identified.hear() == {"closed": 4005}


async def test_too_many_payloads_close_the_connection(identified):
    for _ in range(121):
        await identified.say(1)
    answers = [await identified.hear() for _ in range(120)]
    assert answers[-1] == {"closed": 4008}


async def test_message_content_of_others_is_hidden_without_the_intent(sandbox, identified):
    await sandbox.control("POST", "/messages", {"user": "mira", "channel": sandbox.channel(), "content": "secret"})
    mention = {"user": "mira", "channel": sandbox.channel(), "content": f"<@{sandbox.app}> hello"}
    await sandbox.control("POST", "/messages", mention)
    heard = [(await identified.until("MESSAGE_CREATE"))["d"]["content"] for _ in range(2)]
    assert heard == ["", mention["content"]]


async def test_private_responses_and_hidden_channels_send_no_events(sandbox, identified):
    question = await sandbox.asked()
    await question.reply("secret", flags=64)
    await sandbox.control("POST", "/messages", {"user": "ada", "channel": sandbox.channel("staff"), "content": "psst"})
    await sandbox.world("create_channel", name="end")
    heard = []
    while not heard or heard[-1] != "CHANNEL_CREATE":
        heard.append((await identified.hear())["t"])
    assert heard == ["INTERACTION_CREATE", "CHANNEL_CREATE"]


async def test_events_without_their_intent_are_not_sent(connect, sandbox):
    client = await connect()
    await client.hear()
    await client.identify(sandbox.token, intents=0)
    await sandbox.world("create_channel", name="unheard")
    await sandbox.asked()
    assert (await client.hear())["t"] == "INTERACTION_CREATE"


async def test_removing_the_bot_sends_guild_delete(sandbox, identified):
    await sandbox.world("leave", user="bot")
    assert (await identified.until("GUILD_DELETE"))["d"] == {"id": sandbox.guild}
    await sandbox.world("join", user="bot")
    assert (await identified.until("GUILD_CREATE"))["d"]["id"] == sandbox.guild


async def test_interactions_fail_without_a_connected_bot(sandbox, clock):
    question = await sandbox.asked()
    clock.advance(3)
    assert (await question.outcome())["state"] == "failed"
