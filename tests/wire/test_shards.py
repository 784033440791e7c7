"""Tests of several shards in one process: each serves its servers, fails alone, and obeys the limits."""

import asyncio
import logging

import discord
import pytest

from bot.chat.discord.gateway.gateway_offer import HeldShards
from bot.chat.discord.gateway.shard import GREETED_S, READY_S, STEADY_S
from bot.chat.discord.gateway.sharded_client import ShardedClient
from bot.errors import SettingsError
from bot.processes.identify_turns import LONGEST_TURN_S
from sandbox.discord.gateway.session_starts import GatewayLimits
from tests.brisk_clock import BriskClock
from tests.patience import PATIENCE_S
from tests.wire.conftest import running_stage
from tests.wire.stage import IDENTIFY_S, is_over, is_ready
from tests.wire.test_greeting import greetings_in

ALL = 4


@pytest.fixture
async def sharded(tmp_path, unused_tcp_port):
    """Open a stage with four shards, each of which has a server and is connected."""
    async with running_stage(
        tmp_path, gateway=GatewayLimits(shards=ALL, identify_s=IDENTIFY_S), http_port=unused_tcp_port
    ) as stage:
        await founded(stage, ALL)
        await until_connected(stage)
        yield stage


async def founded(stage, count):
    """Create servers until each shard has one."""
    while len({(guild >> 22) % count for guild in stage.discord.world.guilds}) < count:
        await stage.change_world("create_guild", name="another", owner="olga")


async def until_connected(stage):
    """Wait until no shard is missing."""
    client = stage.app.client
    async with asyncio.timeout(PATIENCE_S):
        while client.connection_problem is not None:
            waits = [asyncio.ensure_future(client.wait_for(name)) for name in ("shard_ready", "shard_resumed")]
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            for one in waits:
                one.cancel()


async def until_missing(stage, shard):
    client = stage.app.client
    async with asyncio.timeout(PATIENCE_S):
        while shard not in client.missing_shards:
            await client.wait_for("shard_disconnect")


async def help_in(stage, guild):
    """Use a command in a server, and return its outcome."""
    channel = str(next(one.id for one in stage.discord.world.channels_of(stage.discord.world.guilds[guild])))
    return await stage.do("olga", "command", guild=str(guild), channel=channel, name="help")


async def assert_answered(stage, shards, *, of=ALL):
    """Assert that commands are answered in a server of each of these shards."""
    guilds = {(guild >> 22) % of: guild for guild in stage.discord.world.guilds}
    answers = await asyncio.gather(*(help_in(stage, guilds[shard]) for shard in shards))
    assert [one.state for one in answers] == ["acknowledged"] * len(answers)


async def readiness(stage):
    async with stage.http.get(f"http://127.0.0.1:{stage.app.settings.http_port}/readyz") as response:
        return response.status, (await response.json())["wrong"].get("discord")


async def metric(stage, name):
    async with stage.http.get(f"http://127.0.0.1:{stage.app.settings.http_port}/metrics") as response:
        lines = (await response.text()).splitlines()
    return next(float(line.split()[-1]) for line in lines if line.startswith(f"easel_{name} "))


async def refuse(stage, shard):
    """Let the gateway refuse a shard that reconnects, at the shard's own address and at the general one."""
    for path in (f"/gateway/{shard}*", "/gateway/"):
        await stage.fault("GET", path, status=503, times=None)


def starts(stage):
    return stage.discord._gateway._starts


async def test_servers_of_all_shards_are_served(sharded):
    await assert_answered(sharded, range(ALL))
    order = await sharded.command("mira", "imagine", prompt="a cat")
    assert is_ready(await sharded.message_of(order, is_over))
    assert sharded.app.client.guilds_by_shard == {
        shard: sum((guild >> 22) % ALL == shard for guild in sharded.discord.world.guilds) for shard in range(ALL)
    }
    assert await metric(sharded, 'discord_shards{state="held"}') == ALL
    assert await metric(sharded, 'discord_shards{state="connected"}') == ALL
    assert await metric(sharded, "discord_servers") == len(sharded.discord.world.guilds)
    assert await metric(sharded, "discord_fullest_shard_servers") < len(sharded.discord.world.guilds)


async def test_each_new_server_is_greeted_once_on_any_shard(sharded):
    before = set(sharded.discord.world.guilds)
    while {(guild >> 22) % ALL for guild in set(sharded.discord.world.guilds) - before} != set(range(ALL)):
        await sharded.change_world("create_guild", name="new", owner="olga")
    new = [guild for guild in sharded.discord.world.guilds.values() if guild.id not in before]
    channels = [str(sharded.discord.world.channels_of(guild)[0].id) for guild in new]
    for channel in channels:
        await sharded.until("olga", greetings_in, channel)
    await sharded.change_world("drop_gateway", how="invalid")
    await until_missing(sharded, 0)
    await until_connected(sharded)
    await assert_answered(sharded, range(ALL))
    assert [len(greetings_in(await sharded.messages("olga", channel))) for channel in channels] == [1] * len(channels)


async def test_lost_shard_does_not_affect_others(sharded):
    await refuse(sharded, 2)
    await sharded.change_world("drop_gateway", shard=2)
    await until_missing(sharded, 2)
    assert await readiness(sharded) == (503, "1 of 4 shards is not connected to Discord: 2")
    assert await metric(sharded, 'discord_shards{state="connected"}') == ALL - 1
    others = [shard for shard in range(ALL) if shard != 2]
    await assert_answered(sharded, others)
    await sharded.heal()
    await until_connected(sharded)
    assert await readiness(sharded) == (200, None)
    await assert_answered(sharded, range(ALL))
    assert starts(sharded).used == ALL  # the session continued


async def test_shard_comes_back_while_another_one_is_refused(sharded):
    """discord.py itself would first wait for the refused shard."""
    await refuse(sharded, 1)
    await sharded.change_world("drop_gateway", shard=1)
    await until_missing(sharded, 1)
    for how in ("reconnect", "close", "abort"):
        back = asyncio.ensure_future(sharded.app.client.wait_for("shard_resumed"))
        await sharded.change_world("drop_gateway", how=how, shard=3)
        assert await asyncio.wait_for(back, PATIENCE_S) == 3
    await assert_answered(sharded, [0, 2, 3])
    assert sharded.app.client.missing_shards == [1]
    await sharded.heal()
    await until_connected(sharded)


@pytest.mark.parametrize("connected_s", [0, STEADY_S + 1])
async def test_session_is_resumed_elsewhere_if_its_host_is_gone(sharded, connected_s):
    sharded.clock.skip(connected_s)
    await sharded.fault("GET", "/gateway/2*", status=503, times=None)
    await sharded.change_world("drop_gateway", shard=2)
    await until_missing(sharded, 2)
    await until_connected(sharded)
    assert starts(sharded).used == ALL
    await assert_answered(sharded, range(ALL))


@pytest.mark.parametrize("shards", [1, 2])
async def test_server_that_removed_the_bot_while_its_shard_was_away_is_forgotten(tmp_path, shards):
    async with running_stage(tmp_path, gateway=GatewayLimits(shards=shards, identify_s=IDENTIFY_S)) as stage:
        await founded(stage, 2)
        guild = next(one for one in stage.discord.world.guilds if one != stage.world.guild)
        await until_connected(stage)
        await stage.fault("GET", "/gateway*", status=503, times=None)
        await stage.change_world("drop_gateway", how="invalid")
        await until_missing(stage, (guild >> 22) % shards)
        await stage.change_world("leave", user="bot", guild=str(guild))
        assert stage.app.client.get_guild(guild) is not None
        await stage.heal()
        await until_connected(stage)
        assert stage.app.client.get_guild(guild) is None
        assert await stage.app.client.has_left(guild)


async def test_no_session_is_started_too_fast(sharded):
    assert starts(sharded).used == ALL  # a start that comes too soon is refused but counted, and then tried again
    await sharded.change_world("drop_gateway", how="invalid")
    await until_missing(sharded, 0)
    await until_connected(sharded)
    assert starts(sharded).used == 2 * ALL


async def test_silent_gateway_does_not_keep_the_turn_to_start_a_session(sharded, monkeypatch):
    monkeypatch.setattr("bot.chat.discord.gateway.shard.GREETED_S", 1.0)
    await sharded.fault("GET", "/gateway", delay_s=3_600)
    await sharded.change_world("drop_gateway", how="invalid", shard=1)
    await until_missing(sharded, 1)
    await sharded.until_faults_met()
    await until_connected(sharded)
    await assert_answered(sharded, range(ALL))


def test_turn_to_start_a_session_ends_before_others_may_take_it():
    assert GREETED_S + READY_S < LONGEST_TURN_S


async def test_shards_start_together_if_discord_allows_it(tmp_path):
    limits = GatewayLimits(shards=ALL, max_concurrency=ALL, identify_s=3_600)
    async with running_stage(tmp_path, gateway=limits) as stage:
        await until_connected(stage)
        assert starts(stage).used == ALL


async def test_shard_waits_when_session_starts_are_used_up(tmp_path, unused_tcp_port):
    limits = GatewayLimits(shards=2, starts=3, identify_s=IDENTIFY_S)
    async with running_stage(tmp_path, gateway=limits, http_port=unused_tcp_port) as stage:
        token = stage.discord.world.application.token
        await founded(stage, 2)
        await until_connected(stage)
        await stage.change_world("drop_gateway", how="invalid", shard=1)
        async with asyncio.timeout(PATIENCE_S):
            while "session start" not in ((await readiness(stage))[1] or ""):
                pass
        _, problem = await readiness(stage)
        waits = "1 of 2 shards is not connected to Discord: 1; Discord allows no further session start for 1440 min"
        assert problem == waits
        assert starts(stage).remaining == 1  # it stays unused
        await assert_answered(stage, [0], of=2)
        await stage.change_world("set_gateway", starts=1_000)
        await until_connected(stage)
        assert (stage.discord.world.application.token, starts(stage).used) == (token, 3)


async def test_bot_moves_to_more_shards_when_discord_requires_them(tmp_path, caplog):
    async with running_stage(tmp_path, gateway=GatewayLimits(shards=1, identify_s=IDENTIFY_S)) as stage:
        await founded(stage, 2)
        most = max(sum((one >> 22) % 2 == shard for one in stage.discord.world.guilds) for shard in range(2))
        await until_connected(stage)
        await stage.change_world("set_gateway", shards=2, guilds_a_shard=most)
        await stage.change_world("drop_gateway", how="invalid")
        await until_missing(stage, 0)
        await until_connected(stage)
        assert stage.app.client.shard_count == 2
        await assert_answered(stage, range(2), of=2)
        assert "Discord requires more shards: moving from 1 to 2" in caplog.text


async def test_bot_ends_with_a_clear_message_when_discord_requires_more_shards_than_it_recommends(sharded):
    await founded(sharded, 2 * ALL)
    await sharded.change_world("set_gateway", guilds_a_shard=1, shards=ALL)
    waiting = asyncio.create_task(sharded.app.wait())
    await sharded.change_world("drop_gateway", how="invalid")
    with pytest.raises(SettingsError, match="number of shards") as ended:
        await asyncio.wait_for(waiting, PATIENCE_S)
    assert "Restart Easel" in str(ended.value.facts["fix"])


async def test_start_with_too_few_shards_ends_with_a_clear_message(stage):
    await stage.app.stop()
    await stage.change_world("create_guild", name="another", owner="olga")
    await stage.change_world("set_gateway", shards=1, guilds_a_shard=1)
    with pytest.raises(SettingsError, match="number of shards"):
        await stage.start_bot()
    await stage.change_world("set_gateway", guilds_a_shard=2)
    await stage.start_bot()


async def test_revoked_token_ends_a_bot_with_several_shards(sharded):
    waiting = asyncio.create_task(sharded.app.wait())
    sharded.discord.world.application.token = "another"
    await sharded.change_world("drop_gateway", shard=1)
    with pytest.raises(SettingsError, match="was refused by Discord"):
        await asyncio.wait_for(waiting, PATIENCE_S)


async def test_first_start_greets_no_server_that_had_the_bot_before(tmp_path):
    """The servers of a shard that is not ready yet are not new ones."""
    limits = GatewayLimits(shards=2, identify_s=IDENTIFY_S)
    async with running_stage(tmp_path, gateway=limits) as stage:
        await founded(stage, 2)
        await stage.app.stop()
        (tmp_path / "second").mkdir()
        stage.folder = tmp_path / "second"
        await stage.start_bot()
        await until_connected(stage)
        joined = (await stage.change_world("create_guild", name="new", owner="olga"))["guild"]
        channels = {one: str(stage.discord.world.channels_of(guild)[0].id)
                    for one, guild in stage.discord.world.guilds.items()}  # fmt: skip
        await stage.until("olga", greetings_in, channels.pop(int(joined)))
        greeted = [one for one, channel in channels.items() if greetings_in(await stage.messages("olga", channel))]
        assert greeted == []


async def test_process_holds_only_its_own_shards(sharded):
    """Let this process hold only some of the shards, as if another one held the rest."""
    counts = dict.fromkeys(range(ALL), 0)
    client = ShardedClient(
        held=HeldShards((1, 3), ALL), clock=BriskClock(), command_prefix=(), intents=discord.Intents(guilds=True)
    )
    await client.login(sharded.world.discord_token)
    serving = asyncio.create_task(client.connect())
    async with asyncio.timeout(PATIENCE_S):
        while client.connection_problem is not None:
            await client.wait_for("shard_ready")
    for guild in sharded.discord.world.guilds:
        counts[(guild >> 22) % ALL] += 1
    assert client.guilds_by_shard == {1: counts[1], 3: counts[3]}
    await client.close()
    await serving


async def test_bot_with_one_shard_starts_one_session(stage, caplog):
    await until_connected(stage)
    assert (starts(stage).used, stage.app.client.guilds_by_shard) == (1, {0: 1})
    assert "shard" not in " ".join(one.getMessage() for one in caplog.records if one.levelno > logging.INFO)
