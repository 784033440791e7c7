"""Tests of the route for webhooks: what it accepts and refuses, and what it does before it has verified anything."""

import asyncio
import json

import aiohttp
import pytest

from bot.clock import ServerClock
from bot.ops import webhook_route
from bot.ops.body_room import BodyRoom
from bot.ops.health_server import HealthServer
from bot.ops.metrics import Metrics
from bot.ops.webhook_route import BODY_BYTES, HERE, SMALL_BYTES, WebhookRoute
from bot.provider.budget import RateBudget
from bot.provider.webhooks import ROUTE, TOLERANCE_S, WebhookKeys
from tests.manual_clock import ManualClock
from tests.patience import PATIENCE_S
from tests.unit.provider.test_webhooks import headers, key

ENDED = {"id": "run1", "status": "succeeded", "output": ["https://files.example/1.png"]}


class Place:
    """A server with the route, and what it passes on."""

    session: aiohttp.ClientSession

    def __init__(self):
        self.clock = ManualClock()
        self.keys = WebhookKeys(ServerClock(self.clock))
        self.keys.replace([key("a")])
        self.received, self.doubts = [], []
        bucket = RateBudget(self.clock, rate=5, ceiling=5, whole_minute=False)
        self.route = WebhookRoute(self.keys, self.received.append, lambda: self.doubts.append(1), bucket)
        self.server = HealthServer(
            probes={}, metrics=Metrics(), more=self.route.routes(), facts={"webhooks": lambda: "on"}
        )

    async def send(self, body=ENDED, *, data=None, **changes):
        """Send a webhook; `data` is sent instead of the signed body."""
        signed = body if isinstance(body, bytes) else json.dumps(body).encode()
        sent = headers(self.clock, body=signed, **changes)
        async with self.session.post(ROUTE, data=signed if data is None else data, headers=sent) as answer:
            return answer.status


async def endless():
    """Send one byte of a body, and nothing else."""
    yield b"x"
    await asyncio.Event().wait()


@pytest.fixture
async def place():
    place = Place()
    url = await place.server.start("127.0.0.1", 0)
    async with aiohttp.ClientSession(url) as session:
        place.session = session
        yield place
    await place.server.stop()


async def test_signed_webhook_is_passed_on_every_time_it_comes(place):
    assert [await place.send(), await place.send()] == [200, 200]
    assert [run.id for run in place.received] == ["run1", "run1"]
    assert place.route.counts["accepted"] == 2


async def test_webhook_that_is_not_the_providers_is_refused_unread(place, monkeypatch, caplog):
    parsed = []
    monkeypatch.setattr(webhook_route, "parse_prediction", parsed.append)
    assert await place.send(secret=key("b")) == 401
    assert await place.send(data=json.dumps(ENDED | {"id": "other"}).encode()) == 401
    assert await place.send(ago_s=TOLERANCE_S + 1) == 401
    assert await place.send(changes={"webhook-signature": None}) == 400
    assert await place.send(secret=key("b")) == 401
    assert (parsed, place.received) == ([], [])
    counted = {name: count for name, count in place.route.counts.items() if count}
    assert counted == {"signature": 3, "time": 1, "headers": 1}
    assert len(place.doubts) == 3
    # The log has one line for each reason, however many webhooks come.
    assert [record.message.partition(";")[0] for record in caplog.records] == [
        "a webhook was refused (signature)",
        "a webhook was refused (time)",
        "a webhook was refused (headers)",
    ]
    assert "files.example" not in caplog.text


@pytest.mark.parametrize("body", [b"", b"[", b"[" * 50_000, b"[]", b'{"status": "succeeded"}', b'{"id": "../x"}'])
async def test_signed_body_that_describes_no_run_is_refused(place, body):
    assert await place.send(body) == 400
    assert place.received == []


async def test_too_large_body_is_refused_before_it_is_read(place):
    large = json.dumps(ENDED | {"logs": "x" * SMALL_BYTES}).encode()
    assert await place.send(large) == 200
    assert await place.send(data=endless(), changes={"Content-Length": str(BODY_BYTES + 1)}) == 413
    assert len(place.received) == 1


async def test_body_of_unknown_length_is_not_read_beyond_the_limit(place):
    async def blocks():
        for _ in range(BODY_BYTES // SMALL_BYTES + 1):
            yield bytes(SMALL_BYTES)

    assert await place.send(data=blocks()) == 413


async def test_compressed_body_is_refused(place):
    sent = headers(place.clock, body=json.dumps(ENDED).encode()) | {"Content-Encoding": "gzip"}
    async with place.session.post(ROUTE, data=b"\x1f\x8b", headers=sent) as answer:
        assert answer.status == 400
    assert place.received == []


async def test_flood_is_refused_before_anything_is_verified(place, monkeypatch):
    verified = []
    monkeypatch.setattr(WebhookKeys, "verify", lambda *_: verified.append(1))
    assert [await place.send() for _ in range(7)] == [200] * 5 + [429] * 2
    assert len(verified) == 5
    await place.clock.advance(1)
    assert await place.send() == 200


async def test_request_without_a_signature_uses_none_of_the_budget(place):
    unsigned = [await place.send(changes={"webhook-signature": None}) for _ in range(20)]
    assert (set(unsigned), await place.send()) == ({400}, 200)


def trickle(size):
    """Return a body that sends this many bytes and then nothing, and an event that is set when they are sent."""
    sent = asyncio.Event()

    async def blocks():
        for _ in range(size // SMALL_BYTES):
            yield bytes(SMALL_BYTES)
        yield bytes(size % SMALL_BYTES)
        sent.set()
        await asyncio.Event().wait()

    return blocks(), sent


async def arrived(place, size):
    async with asyncio.timeout(PATIENCE_S):
        while place.route._room.used_bytes < size:
            await place.session.get("/healthz")


async def test_slow_senders_of_large_bodies_do_not_keep_others_out(place):
    large = json.dumps(ENDED | {"logs": "x" * SMALL_BYTES}).encode()
    slow = [asyncio.create_task(place.send(b"x", data=trickle(1)[0])) for _ in range(3)]
    await arrived(place, len(slow))
    assert await place.send(large) == 200
    assert place.route._room.used_bytes == len(slow)
    for task in slow:
        task.cancel()


async def test_body_that_has_been_arriving_longest_makes_room_for_the_others(place):
    large = json.dumps(ENDED | {"logs": "x" * 2 * SMALL_BYTES}).encode()
    place.route._room = BodyRoom(4 * SMALL_BYTES)
    first, second = (asyncio.create_task(place.send(b"x", data=trickle(SMALL_BYTES + 1)[0])) for _ in range(2))
    await arrived(place, 2 * SMALL_BYTES + 2)
    assert await place.send(large) == 200
    (given_up,), (left,) = await asyncio.wait([first, second], return_when=asyncio.FIRST_COMPLETED)
    assert given_up.result() == 429
    left.cancel()
    assert place.route.counts["busy"] == 1


async def test_body_that_never_arrives_is_given_up(place, monkeypatch):
    monkeypatch.setattr(webhook_route, "BODY_S", 0.01)
    assert await place.send(b"x", data=endless()) == 400


async def test_nothing_is_accepted_while_no_key_is_known(place):
    place.keys.replace([])
    assert await place.send() == 503
    assert place.received == []


async def test_route_says_that_it_is_there_and_readyz_says_whether_webhooks_are_used(place):
    async with place.session.get(ROUTE) as answer:
        assert (answer.status, answer.headers["Allow"], await answer.text()) == (405, "POST", HERE)
    async with place.session.get("/readyz") as answer:
        assert await answer.json() == {"ready": True, "wrong": {}, "facts": {"webhooks": "on"}}
