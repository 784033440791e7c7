"""Calls with an interaction's token: optional ones, such as progress edits, delay no other call."""

import asyncio
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

import aiohttp
import discord
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from discord.http import Route

from bot import pending_answers
from bot.chat.discord.answering import Answering
from bot.chat.discord.rest_requests import WebhookRequests, without_waiting
from bot.pending_answers import PendingAnswers
from bot.tracing import NoTracer
from tests.patience import PATIENCE_S

LONG_S = 3_600
LIMITED = 429


def limit(most, left, reset_s=LONG_S):
    """Return the headers of an answer that leaves this many calls."""
    named = {"Limit": most, "Remaining": left, "Reset-After": reset_s}
    return {f"X-RateLimit-{name}": str(value) for name, value in named.items()}


class Token:
    """Calls with one token, and a server that answers them in turn: with a status, headers, or once a gate opens."""

    def __init__(self):
        self.answers = []
        self.arrived = []
        self.came = asyncio.Event()
        self._requests = WebhookRequests()
        self.session: aiohttp.ClientSession

    async def answer(self, request):
        self.arrived.append(request.path)
        self.came.set()
        status, headers, gate = self.answers.pop(0) if self.answers else (200, {}, None)
        if gate is not None:
            await gate.wait()
        return web.json_response({"retry_after": LONG_S} if status == LIMITED else {}, status=status, headers=headers)

    def will(self, status=200, headers=None, gate=None):
        self.answers.append((status, headers or {}, gate))

    async def needed(self):
        """Make a call that is needed; return its status."""
        route = Route("PATCH", "/webhooks/{webhook_id}/{webhook_token}", webhook_id=1, webhook_token="t")
        try:
            await self._requests.request(route, self.session, payload={})
        except discord.HTTPException as error:
            return error.status
        return 200

    async def unneeded(self):
        with without_waiting():
            return await self.needed()


@pytest.fixture
async def token(monkeypatch):
    token = Token()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", token.answer)

    @asynccontextmanager
    async def serving():
        async with TestServer(app) as server, aiohttp.ClientSession() as session:
            monkeypatch.setattr(Route, "BASE", str(server.make_url("")).rstrip("/"))
            token.session = session
            yield

    async with serving():
        yield token


async def test_required_call_does_not_wait_for_one_that_is_being_sent(token):
    gate = asyncio.Event()
    token.will(gate=gate)
    progress = asyncio.ensure_future(token.unneeded())
    await token.came.wait()
    assert await token.needed() == 200
    assert not progress.done()
    gate.set()
    assert await progress == 200


async def test_background_work_continues_once_the_answer_is_sent_to_discord(token, monkeypatch):
    monkeypatch.setattr(pending_answers, "COUNTS_S", PATIENCE_S)
    pending, gate = PendingAnswers(), asyncio.Event()
    interaction: Any = SimpleNamespace(id=7, guild_id=8, type=discord.InteractionType.component, data={})
    token.will(gate=gate)
    with Answering(NoTracer(), pending).of(interaction):
        gap = asyncio.ensure_future(pending.gap(PATIENCE_S))
        await asyncio.sleep(0)
        assert not gap.done()
        answer = asyncio.ensure_future(token.needed())
        await token.came.wait()
        await gap
        assert not answer.done()
        gate.set()
        assert await answer == 200


async def test_no_optional_call_is_sent_during_another_call(token):
    gate = asyncio.Event()
    token.will(gate=gate)
    end = asyncio.ensure_future(token.needed())
    await token.came.wait()
    assert await token.unneeded() == LIMITED
    assert len(token.arrived) == 1
    gate.set()
    assert await end == 200
    assert await token.unneeded() == 200


@pytest.mark.parametrize(("left", "sent"), [(2, True), (1, False), (0, False)])
async def test_last_call_of_a_limit_is_left_to_required_calls(token, left, sent):
    token.will(headers=limit(5, left))
    await token.unneeded()
    assert await token.unneeded() == (200 if sent else LIMITED)
    assert len(token.arrived) == (2 if sent else 1)


@pytest.mark.parametrize(("most", "sent"), [(2, True), (1, False)])
async def test_limit_of_one_call_leaves_none_for_optional_calls(token, most, sent):
    token.will(headers=limit(most, most - 1, reset_s=0))
    await token.unneeded()
    assert await token.unneeded() == (200 if sent else LIMITED)


async def test_long_limit_of_an_optional_call_applies_to_optional_calls_only(token):
    token.will(LIMITED)
    assert await token.unneeded() == LIMITED
    assert await token.unneeded() == LIMITED
    assert len(token.arrived) == 1
    assert await token.needed() == 200


async def test_long_limit_of_a_required_call_applies_to_all_calls(token):
    token.will(LIMITED)
    assert await token.needed() == LIMITED
    assert await token.unneeded() == LIMITED
    assert await token.needed() == LIMITED
    assert len(token.arrived) == 1


async def test_optional_call_is_not_tried_again(token):
    token.will(503)
    token.will(503)
    assert await token.unneeded() == 503
    assert len(token.arrived) == 1
