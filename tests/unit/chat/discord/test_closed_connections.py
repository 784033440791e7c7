"""Calls to Discord during shutdown fail as if the connection had been lost, and not as if there were a bug."""

import asyncio

import aiohttp
import discord
import pytest
from discord.http import Route

from bot.chat.discord import calls
from bot.chat.discord.calls import CallOutcome
from bot.chat.discord.rest_requests import RestRequests, WebhookRequests, without_waiting
from bot.chat.discord.shared_limit import CallLimits
from bot.clock import SystemClock


async def closed_session():
    session = aiohttp.ClientSession()
    await session.close()
    return session


async def with_token():
    route = Route("PATCH", "/webhooks/{webhook_id}/{webhook_token}", webhook_id=1, webhook_token="t")
    return await WebhookRequests().request(route, await closed_session(), payload={})


async def unneeded():
    with without_waiting():
        return await with_token()


async def as_bot():
    async with discord.Client(intents=discord.Intents.none()) as client:
        await client._async_setup_hook()
        client.http._HTTPClient__session = await closed_session()  # pyright: ignore[reportAttributeAccessIssue]
        client.http._global_over = asyncio.Event()
        client.http._global_over.set()
        RestRequests.install(client, CallLimits.known(SystemClock()))
        return await client.http.request(Route("GET", "/users/@me"), json={})


@pytest.mark.parametrize("call", [with_token, unneeded, as_bot])
async def test_call_after_the_connections_were_closed_has_an_unclear_outcome(call):
    with pytest.raises(ConnectionError, match="closed"):
        await call()
    assert (await calls.attempt(call())).outcome is CallOutcome.UNCLEAR
