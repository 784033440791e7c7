"""Tests of how a process without a connection to the gateway looks up a guild."""

from contextlib import asynccontextmanager

import pytest

from bot.chat.discord.guild_lookup import FRESH_S, GuildLookup
from bot.chat.discord.login import hang_up, log_in, plain_client
from bot.clock import SystemClock
from tests.present import present

BOOSTED = 50 * 1024 * 1024
NOT_BOOSTED = 10 * 1024 * 1024


class StoppedClock(SystemClock):
    """A clock that stands still until the test moves it."""

    def __init__(self):
        self.now_s = 1_000.0

    def monotonic_s(self):
        return self.now_s


@asynccontextmanager
async def lookup_of(stage):
    client, clock = plain_client(), StoppedClock()
    await log_in(client, stage.world.discord_token)
    try:
        yield GuildLookup(client, clock, by_rest=True), clock
    finally:
        await hang_up(client)


async def test_guild_is_looked_up_again_only_after_a_while(stage):
    async with lookup_of(stage) as (lookup, clock):
        found = present(await lookup.find(stage.world.guild))
        assert (found.name, str(found.preferred_locale)) == ("Atelier", "en-US")
        assert found.filesize_limit == NOT_BOOSTED
        await stage.change_world("set_tier", guild=str(stage.world.guild), tier=2)
        assert present(await lookup.find(stage.world.guild)).filesize_limit == NOT_BOOSTED
        clock.now_s += FRESH_S
        assert present(await lookup.find(stage.world.guild)).filesize_limit == BOOSTED


async def test_guild_that_the_bot_left_is_not_found(stage):
    await stage.change_world("leave", guild=str(stage.world.guild), user="bot")
    async with lookup_of(stage) as (lookup, _):
        assert await lookup.find(stage.world.guild) is None


async def test_outage_is_not_an_answer_and_is_not_remembered(stage):
    async with lookup_of(stage) as (lookup, _):
        await stage.fault("GET", "/api/v10/guilds/*", times=None, status=503)
        with pytest.raises(ConnectionError, match="cannot be looked up"):
            await lookup.find(stage.world.guild)
        await stage.heal()
        assert await lookup.find(stage.world.guild) is not None


async def test_process_with_a_gateway_makes_no_requests(stage):
    lookup = GuildLookup(stage.app.client, StoppedClock())
    await stage.fault("GET", "/api/v10/guilds/*", times=None, status=503)
    assert present(await lookup.find(stage.world.guild)).id == stage.world.guild
