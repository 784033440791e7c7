"""Tests of webhooks: the requested events, signed, and retried with the same id."""

import asyncio
import base64
import hashlib
import hmac
import json

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from tests.patience import PATIENCE_S


class Receiver:
    def __init__(self):
        self.url = ""
        self.got = []
        self.refuse = 0
        self.changed = asyncio.Event()

    async def take(self, request):
        self.got.append((dict(request.headers), await request.read()))
        self.changed.set()
        if self.refuse:
            self.refuse -= 1
            return web.Response(status=503)
        return web.Response()

    async def wait(self, count):
        while len(self.got) < count:
            self.changed.clear()
            await asyncio.wait_for(self.changed.wait(), PATIENCE_S)
        return [json.loads(body) for _, body in self.got]


@pytest.fixture
async def receiver():
    made, app = Receiver(), web.Application()
    app.add_routes([web.post("/hook", made.take)])
    async with TestServer(app) as server:
        made.url = str(server.make_url("/hook"))
        yield made


async def test_output_and_completed_events_are_sent_by_default(provider, receiver):
    made = await provider.made({"prompt": "x"}, webhook=receiver.url)
    sent = await receiver.wait(2)
    assert [each["id"] for each in sent] == [made["id"]] * 2
    assert {each["status"] for each in sent} == {"succeeded"}


async def test_only_requested_events_are_sent(provider, receiver):
    await provider.made({"prompt": "x"}, webhook=receiver.url, webhook_events_filter=["start"])
    assert [each["status"] for each in await receiver.wait(1)] == ["processing"]


async def test_webhook_is_signed_with_the_published_secret(provider, receiver):
    await provider.made({"prompt": "x"}, webhook=receiver.url, webhook_events_filter=["completed"])
    await receiver.wait(1)
    secret = (await provider.call("GET", "/v1/webhooks/default/secret")).body["key"]
    headers, body = receiver.got[0]
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = hmac.new(base64.b64decode(secret.removeprefix("whsec_")), signed, hashlib.sha256).digest()
    assert headers["webhook-signature"] == "v1," + base64.b64encode(expected).decode()
    assert abs(int(headers["webhook-timestamp"]) - provider.sandbox.clock.now()) < 60


async def test_rejected_webhook_is_retried_with_the_same_id(provider, receiver):
    receiver.refuse = 1
    await provider.made({"prompt": "x"}, webhook=receiver.url, webhook_events_filter=["completed"])
    await receiver.wait(1)
    while len(receiver.got) == 1:
        provider.sandbox.clock.advance(1)
        await provider.control("predictions")
    assert len({headers["webhook-id"] for headers, _ in receiver.got}) == 1
