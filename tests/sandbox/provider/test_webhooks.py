"""Tests of webhooks: only requested events are sent; they are signed, and retried with the same id."""

import asyncio
import base64
import hashlib
import hmac
import json

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from sandbox.provider.webhooks import sign
from tests.patience import PATIENCE_S


class Receiver:
    def __init__(self):
        self.url = ""
        self.got = []
        self.refuse, self.status = 0, 503
        self.changed = asyncio.Event()

    async def take(self, request):
        self.got.append((dict(request.headers), await request.read()))
        self.changed.set()
        if self.refuse:
            self.refuse -= 1
            return web.Response(status=self.status)
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


@pytest.mark.parametrize("status", [503, 301])
async def test_rejected_webhook_is_retried_with_the_same_id(provider, receiver, status):
    receiver.refuse, receiver.status = 1, status
    await provider.made({"prompt": "x"}, webhook=receiver.url, webhook_events_filter=["completed"])
    await receiver.wait(1)
    while len(receiver.got) == 1:
        provider.sandbox.clock.advance(1)
        await provider.control("predictions")
    assert len({headers["webhook-id"] for headers, _ in receiver.got}) == 1


COMPLETED = {"webhook_events_filter": ["completed"]}


async def change(provider, what):
    async with provider.http.post(provider.sandbox.runs.base_url + "/_sandbox/webhooks", json=what) as answer:
        return answer.status, await answer.json()


def is_signed(provider, headers, body):
    moment = int(headers["webhook-timestamp"])
    return headers["webhook-signature"] == sign(
        provider.sandbox.runs.webhook_secret, headers["webhook-id"], moment, body
    )


async def test_webhooks_can_be_lost_repeated_forged_and_backdated(provider, receiver):
    await change(provider, [{"do": "lose"}, {"do": "duplicate"}, {"do": "forge"}, {"do": "age", "age_s": 400}])
    for _ in range(4):
        await provider.made({"prompt": "x"}, webhook=receiver.url, **COMPLETED)
    await receiver.wait(4)
    lost, twice, forged, old = await provider.control("webhooks")
    assert lost["tries"] == []
    ids = [headers["webhook-id"] for headers, _ in receiver.got]
    assert len(set(ids)) == 3
    assert len({one["headers"]["webhook-id"] for one in twice["tries"]}) == 1
    signed = {headers["webhook-id"]: is_signed(provider, headers, body) for headers, body in receiver.got}
    assert [signed[one["tries"][0]["headers"]["webhook-id"]] for one in (twice, forged, old)] == [True, False, True]
    assert int(old["tries"][0]["headers"]["webhook-timestamp"]) <= provider.sandbox.clock.now() - 400


async def test_delayed_webhook_arrives_after_a_later_event(provider, receiver):
    await change(provider, {"do": "delay", "event": "start", "delay_s": 100})
    await provider.made({"prompt": "x"}, webhook=receiver.url, webhook_events_filter=["start", "completed"])
    await receiver.wait(1)
    provider.sandbox.clock.advance(100)
    assert [each["status"] for each in await receiver.wait(2)] == ["succeeded", "processing"]


async def test_signing_key_can_be_replaced(provider, receiver):
    before = provider.sandbox.runs.webhook_secret
    _, told = await change(provider, {"rotate": True})
    assert told["key"] == provider.sandbox.runs.webhook_secret != before
    await provider.made({"prompt": "x"}, webhook=receiver.url, **COMPLETED)
    await receiver.wait(1)
    assert is_signed(provider, *receiver.got[0])


@pytest.mark.parametrize("fault", [{"do": "eat"}, {"do": "lose", "times": 0}, {"do": "lose", "what": 1}, 7])
async def test_invalid_fault_is_refused(provider, fault):
    assert (await change(provider, fault))[0] == 400


async def test_webhook_that_is_not_encrypted_is_refused(provider):
    refused = await provider.create({"prompt": "x"}, webhook="http://easel.example/hook")
    assert (refused.status, refused.body["invalid_fields"][0]["field"]) == (422, "webhook")
    assert (await provider.create({"prompt": "x"}, webhook="https://easel.example/hook", **COMPLETED)).status == 201
