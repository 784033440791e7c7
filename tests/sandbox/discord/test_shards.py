"""Tests of sharding over bare WebSockets: what each shard receives, and the limits on session starts."""

import pytest

from sandbox.clock import StillClock
from sandbox.discord.gateway.session_starts import GatewayLimits, SessionStarts
from sandbox.discord.world.default_world import default_world
from sandbox.discord.world.snowflakes import Snowflakes
from tests.patience import PATIENCE_S
from tests.sandbox.discord.gateway_client import GUILDS_AND_MESSAGES

DM_TOO = GUILDS_AND_MESSAGES | 1 << 12
WINDOW_S = 5


@pytest.fixture
def guilds(sandbox):
    """Return a function that creates guilds until each shard has one, and returns their ids by shard."""

    async def founded(count):
        found = {(int(sandbox.guild) >> 22) % count: sandbox.guild}
        while len(found) < count:
            guild = (await sandbox.world("create_guild", name=f"guild {len(found)}", owner="olga"))["guild"]
            found.setdefault((int(guild) >> 22) % count, guild)
        return found

    return founded


@pytest.fixture
def shard(connect, sandbox, clock):
    """Return a function that connects a shard and waits for the guilds in its READY, or returns why it is refused."""

    async def connected(number, count, *, pause_s=WINDOW_S):
        clock.advance(pause_s)
        client = await connect()
        await client.hear()
        identity = {"token": sandbox.token, "intents": DM_TOO, "properties": {}, "shard": [number, count]}
        await client.say(2, identity)
        answer = await client.hear()
        client.ready = answer.get("d") if answer.get("t") == "READY" else answer
        for _ in client.ready.get("guilds", ()):
            await client.until("GUILD_CREATE")
        return client

    return connected


async def refused(client):
    """Return the code with which a client's connection is closed."""
    return (await client.hear())["closed"]


async def test_ready_lists_only_the_guilds_of_its_shard(guilds, shard):
    found = await guilds(3)
    for number in range(3):
        client = await shard(number, 3)
        assert client.ready["shard"] == [number, 3]
        assert found[number] in {one["id"] for one in client.ready["guilds"]}
        assert all((int(one["id"]) >> 22) % 3 == number for one in client.ready["guilds"])


async def test_each_event_goes_to_the_shard_of_its_guild_once(guilds, shard, sandbox):
    found = await guilds(2)
    await sandbox.register({"name": "ping", "description": "x"})
    clients = [await shard(number, 2) for number in range(2)]
    for number, guild in found.items():
        here = await sandbox.world("create_channel", name="here", guild=guild)
        await sandbox.world("create_role", name="painter", guild=guild)
        owner = {"user": "olga", "guild": guild, "channel": here["channel"]}
        await sandbox.control("POST", "/interactions", {**owner, "type": "command", "name": "ping"})
        heard = [await clients[number].hear() for _ in range(3)]
        assert [one["t"] for one in heard] == ["CHANNEL_CREATE", "GUILD_ROLE_CREATE", "INTERACTION_CREATE"]
        assert {one["d"]["guild_id"] for one in heard} == {guild}


async def test_events_without_a_guild_go_to_shard_0(shard, sandbox):
    clients = [await shard(number, 2) for number in range(2)]
    sku = next(iter(sandbox.server.world.skus))
    await sandbox.world("entitlement", user="mira", sku=str(sku), guild=sandbox.guild)
    opened = (await sandbox.call("POST", "/users/@me/channels", {"recipient_id": sandbox.id("mira")})).body["id"]
    await sandbox.control("POST", "/messages", {"user": "mira", "channel": opened, "content": "hi"})
    assert [(await clients[0].hear())["t"] for _ in range(2)] == ["ENTITLEMENT_CREATE", "MESSAGE_CREATE"]
    await clients[1].say(1)
    assert (await clients[1].hear())["op"] == 11  # nothing arrived before it


async def test_each_shard_resumes_its_own_session(guilds, shard, connect, sandbox):
    found = await guilds(2)
    clients = [await shard(number, 2) for number in range(2)]
    for number, guild in found.items():
        await clients[number].socket.close(code=4000)
        await sandbox.world("create_channel", name="missed", guild=guild)
    for number, guild in found.items():
        again = await connect()
        await again.hear()
        await again.resume(clients[number], sandbox.token)
        missed = await again.hear()
        assert (missed["t"], missed["d"]["guild_id"]) == ("CHANNEL_CREATE", guild)
        assert (await again.hear())["t"] == "RESUMED"


async def test_session_resumes_at_the_address_of_its_ready(shard, sandbox):
    client = await shard(1, 2)
    address = client.ready["resume_gateway_url"]
    assert address.endswith("/gateway/1")
    for path in (address, f"{address}/"):
        async with sandbox.session.ws_connect(path, params={"v": "10", "encoding": "json"}) as socket:
            assert (await socket.receive_json(timeout=PATIENCE_S))["op"] == 10


async def test_only_the_connections_of_one_shard_are_dropped(shard, sandbox):
    clients = [await shard(number, 2) for number in range(2)]
    assert (await sandbox.world("drop_gateway", how="reconnect", shard=1))["connections"] == 1
    assert (await clients[1].hear())["op"] == 7
    await clients[0].say(1)
    assert (await clients[0].hear())["op"] == 11


async def test_identifying_too_fast_gets_invalid_session_until_the_window_is_over(shard, clock, sandbox):
    """The connection does not matter: Discord counts the IDENTIFYs of all of a bot's processes."""
    await shard(0, 2)
    hasty = await shard(1, 2, pause_s=0)
    assert hasty.ready == {"op": 9, "d": False}
    assert (await sandbox.control("GET", "/gateway"))["starts_too_fast"] == 1
    late = await shard(1, 2, pause_s=WINDOW_S)
    assert late.ready["shard"] == [1, 2]
    assert (await sandbox.control("GET", "/gateway"))["starts_too_fast"] == 1


async def test_shards_of_different_rate_limit_keys_start_together(shard, sandbox):
    await sandbox.world("set_gateway", max_concurrency=2)
    for number in range(2):
        assert (await shard(number, 4, pause_s=0)).ready["shard"] == [number, 4]
    assert (await shard(2, 4, pause_s=0)).ready == {"op": 9, "d": False}  # it has the same key as shard 0


async def test_too_many_guilds_for_a_shard_require_more_shards(guilds, shard, sandbox):
    await guilds(2)
    await sandbox.world("set_gateway", guilds_a_shard=1)
    closed = (await shard(0, 1)).ready
    assert closed == {"closed": 4011}
    many = len(sandbox.server.world.guilds)
    await sandbox.world("set_gateway", guilds_a_shard=many)
    assert len((await shard(0, 1)).ready["guilds"]) == many


async def test_session_starts_count_down_and_are_renewed_after_a_day(shard, sandbox, clock):
    async def offered():
        return (await sandbox.call("GET", "/gateway/bot")).body["session_start_limit"]

    assert (await offered())["remaining"] == 1_000
    await shard(0, 2)
    await shard(1, 2, pause_s=0)  # refused, and counted too
    limit = await offered()
    assert (limit["total"], limit["remaining"], limit["max_concurrency"]) == (1_000, 998, 1)
    assert 0 < limit["reset_after"] <= 86_400_000
    clock.advance(limit["reset_after"] / 1_000)
    assert (await offered())["remaining"] == 1_000


@pytest.mark.parametrize("passed_s", [0.0, 0.0001, 0.0006, 3_600.7777777])
def test_allowance_of_session_starts_is_renewed_after_exactly_the_announced_time(passed_s):
    clock = StillClock()
    starts = SessionStarts(default_world(Snowflakes(clock), clock.now_ms()), clock, GatewayLimits(starts=1))
    assert starts.use()
    clock.advance(passed_s)
    clock.advance(starts.limit()["reset_after"] / 1_000)
    assert starts.remaining == 1


async def test_one_session_start_too_many_ends_all_sessions_and_resets_the_token(shard, sandbox):
    await sandbox.world("set_gateway", starts=1)
    first = await shard(0, 2)
    assert (await shard(1, 2)).ready == {"closed": 4004}
    assert await refused(first) == 4004
    assert (await sandbox.call("GET", "/users/@me")).status == 401
    assert sandbox.server.world.application.token != sandbox.token


async def test_recommended_shards_follow_the_guilds_unless_they_are_set(sandbox):
    async def recommended():
        return (await sandbox.call("GET", "/gateway/bot")).body["shards"]

    assert await recommended() == 1
    assert (await sandbox.world("set_gateway", shards=4))["shards"] == 4
    assert await recommended() == 4


@pytest.mark.parametrize("wrong", [{"shards": 0}, {"max_concurrency": "many"}, {"guilds_a_shard": 0}])
async def test_wrong_limits_are_refused(sandbox, wrong):
    answer = await sandbox.control("POST", "/world", {"do": "set_gateway", **wrong}, status=400)
    assert next(iter(wrong)) in answer["error"]


async def test_all_shards_that_are_connected_are_listed(shard, sandbox):
    for number in range(2):
        await shard(number, 2)
    seen = await sandbox.control("GET", "/gateway")
    assert (seen["connected_shards"], seen["shards"], seen["session_start_limit"]["remaining"]) == ([0, 1], 1, 998)
    assert (await sandbox.control("GET", "/world"))["bot_connected"]
