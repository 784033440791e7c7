"""If one process meets Discord's global limit, the others respect it before they are refused themselves."""

import asyncio
import json
from contextlib import AsyncExitStack

import aiohttp
import discord
import pytest
from aiohttp import web
from discord.http import Route

from bot.chat.discord.rest_requests import RestRequests
from bot.chat.discord.shared_limit import LONGEST_S, CallLimits
from bot.processes.notices import LIMIT
from tests.idle_loop import settle
from tests.manual_clock import ManualClock
from tests.notice_board import NoticeBoard

LIMIT_S = 5.0
REFUSAL = {"message": "You are being rate limited.", "retry_after": 0.0, "global": True}
JSON = {"Content-Type": "application/json"}
"""The header exactly as Discord writes it, because discord.py reads no other answers as JSON."""


class Discord:
    """Discord, which refuses as many calls as the test says."""

    def __init__(self):
        self.refuses = 0
        self.headers = {"Via": "1.1 google", "Retry-After": str(LIMIT_S), "X-RateLimit-Global": "true"}
        self.calls = []

    async def answer(self, request):
        self.calls.append(request.headers["User-Agent"])
        if self.refuses:
            self.refuses -= 1
            return web.Response(body=json.dumps(REFUSAL), status=429, headers=self.headers | JSON)
        return web.Response(body="{}", headers=JSON)


@pytest.fixture
async def bot(monkeypatch):
    """Return a function that starts a process of one bot, which calls this Discord."""
    async with AsyncExitStack() as stack:
        server = Discord()
        app = web.Application()
        app.router.add_get("/{path:.*}", server.answer)
        runner = web.AppRunner(app)
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        monkeypatch.setattr(Route, "BASE", f"http://127.0.0.1:{runner.addresses[0][1]}")
        yield Bot(server, stack)


class Bot:
    def __init__(self, server, stack):
        self.discord, self.stack = server, stack
        self.clock, self.board = ManualClock(), NoticeBoard()

    async def process(self, name):
        """Start a process and return a function that makes it call Discord."""
        limits, trace = CallLimits.known(self.clock, self.board.join()), aiohttp.TraceConfig()
        limits.observe(trace)
        client = await self.stack.enter_async_context(discord.Client(intents=discord.Intents.none()))
        await client._async_setup_hook()
        session = await self.stack.enter_async_context(aiohttp.ClientSession(trace_configs=[trace]))
        http = client.http
        http._HTTPClient__session = session  # pyright: ignore[reportAttributeAccessIssue]
        http._global_over = asyncio.Event()
        http._global_over.set()
        http.user_agent = name
        RestRequests.install(client, limits)
        return lambda: http.request(Route("GET", "/users/@me"))


async def test_other_process_waits_until_the_limit_is_over(bot):
    one, other = await bot.process("one"), await bot.process("other")
    bot.discord.refuses = 1
    await one()
    waiting = asyncio.create_task(other())
    await settle()
    await bot.clock.advance(LIMIT_S - 0.1)
    assert (bot.discord.calls, bot.clock.sleepers, waiting.done()) == (["one", "one"], 1, False)
    await bot.clock.advance(0.1)
    await waiting
    assert bot.discord.calls == ["one", "one", "other"]


async def test_limit_is_reported_once_however_many_calls_hit_it(bot):
    one = await bot.process("one")
    bot.discord.refuses = 3
    await asyncio.gather(one(), one(), one())
    assert bot.board.told == [(LIMIT, f"{LIMIT_S:.3f}")]


async def test_limit_of_one_route_is_not_reported_to_other_processes(bot):
    one = await bot.process("one")
    del bot.discord.headers["X-RateLimit-Global"]
    bot.discord.refuses = 1
    await one()
    assert bot.board.told == []


@pytest.mark.parametrize("text", ["", "soon", "nan", "-1"])
async def test_notice_without_a_time_stops_no_calls(bot, text):
    one, asker = await bot.process("one"), bot.board.join()
    asker.tell(LIMIT, text)
    await one()
    assert bot.discord.calls == ["one"]


async def test_very_long_limit_is_tested_with_a_call_after_a_while(bot):
    one, asker = await bot.process("one"), bot.board.join()
    asker.tell(LIMIT, "86400")
    waiting = asyncio.create_task(one())
    await bot.clock.advance(LONGEST_S)
    await waiting
    assert bot.discord.calls == ["one"]


async def test_call_that_waits_can_be_given_up(bot):
    one, asker = await bot.process("one"), bot.board.join()
    asker.tell(LIMIT, "5")
    waiting = asyncio.create_task(one())
    await settle()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await bot.clock.advance(LIMIT_S)
    assert bot.discord.calls == []
