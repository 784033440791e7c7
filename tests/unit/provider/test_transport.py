"""Tests of connections that fail at every possible moment, and of the resulting knowledge about a create."""

import asyncio
import gzip
import json
import socket
import tracemalloc
import zlib

import aiohttp
import pytest
from aiohttp.abc import AbstractResolver, ResolveResult

from bot.clock import AGREEING_SAMPLES
from bot.errors import EaselError, NotFound, OutcomeUnknown, ProviderDown, ProviderMisconfigured
from bot.provider.client import ProviderClient
from bot.provider.transport_limits import TransportLimits
from bot.provider.wire import RunStatus
from tests.unit.provider.conftest import KEY, Connect
from tests.unit.provider.misbehaving import HANG, RESET, Misbehaving, http

RUN = "qpt5jq1fssrmc0cmd5hvy31mdg"
PREDICTION = {"id": RUN, "status": "starting", "output": None}
GZIPPED = gzip.compress(json.dumps(PREDICTION).encode())
BOMB = gzip.compress(b'{"id":"x","logs":"' + b" " * (64 << 20) + b'"}')

LOST = {
    "it hangs": HANG,
    "it is reset": RESET,
    "it is closed without a word": b"",
    "the head breaks off": b"HTTP/1.1 201 Crea",
    "it is not HTTP": b"+OK ready\r\n\r\n",
    "the body breaks off": http(201, b'{"id":"qpt5', length=500),
    "the body hangs": http(201, b'{"id":"qpt5', length=500, headers={"Connection": "keep-alive"}),
    "the body is endless": http(201, b'{"id":"x","logs":"' + b"x" * 200_000 + b'"}'),
    "the compressed body breaks off": http(201, GZIPPED[:-30], headers={"Content-Encoding": "gzip"}),
    "the compression is unknown": http(201, GZIPPED, headers={"Content-Encoding": "br"}),
    "the compressed body is endless": http(201, BOMB, headers={"Content-Encoding": "gzip"}),
    "the compression is a lie": http(201, b"not gzip", headers={"Content-Encoding": "gzip"}),
}


@pytest.mark.parametrize("reply", LOST.values(), ids=LOST.keys())
async def test_create_with_a_lost_answer_is_unknown_and_sent_once(
    reply: bytes | str, client: ProviderClient, server: Misbehaving
) -> None:
    server.says(reply)
    with pytest.raises(OutcomeUnknown):
        await client.create("/v1/predictions", {"version": "abc", "input": {}})
    assert len(server.requests) == 1


@pytest.mark.parametrize("reply", LOST.values(), ids=LOST.keys())
async def test_read_with_a_lost_answer_is_provider_down(
    reply: bytes | str, client: ProviderClient, server: Misbehaving
) -> None:
    server.says(reply)
    with pytest.raises(ProviderDown):
        await client.fetch("qpt5jq1fssrmc0cmd5hvy31mdg")


async def test_refused_connection_proves_that_nothing_runs(connect: Connect) -> None:
    client = connect(f"http://127.0.0.1:{_closed_port()}")
    with pytest.raises(ProviderDown):
        await client.create("/v1/predictions", {"input": {}})


async def test_unresolvable_host_proves_that_nothing_runs(connect: Connect) -> None:
    client = connect("http://no-such-host.invalid")
    with pytest.raises(ProviderDown):
        await client.create("/v1/predictions", {"input": {}})


async def test_connection_timeout_proves_that_nothing_runs(connect: Connect) -> None:
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(resolver=_Silence())) as session:
        client = connect("http://gateway.example", limits=TransportLimits(connect_s=0.1, create_s=5))
        client._transport._session = session
        with pytest.raises(ProviderDown):
            await client.create("/v1/predictions", {"input": {}})


async def test_failed_tls_handshake_proves_that_nothing_runs(server: Misbehaving, connect: Connect) -> None:
    client = connect(server.url.replace("http:", "https:"), limits=TransportLimits(connect_s=0.2))
    with pytest.raises(ProviderDown):
        await client.create("/v1/predictions", {"input": {}})


async def test_cancelled_create_raises_cancelled_error(client: ProviderClient, server: Misbehaving) -> None:
    server.says(HANG)
    task = asyncio.create_task(client.create("/v1/predictions", {"input": {}}))
    await server.asked.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_complete_answer_counts_even_if_the_connection_then_breaks(
    client: ProviderClient, server: Misbehaving
) -> None:
    server.says(http(201, PREDICTION, length=5_000))
    assert (await client.create("/v1/predictions", {"input": {}})).id == PREDICTION["id"]


async def test_request_matches_the_api_description(client: ProviderClient, server: Misbehaving) -> None:
    server.says(http(201, PREDICTION))
    made = await client.create("/v1/models/a/b-1.1/predictions", {"input": {"prompt": "x"}})
    sent = server.requests[0]
    assert (sent.method, sent.path) == ("POST", "/v1/models/a/b-1.1/predictions")
    assert sent.json == {"input": {"prompt": "x"}}
    assert sent.headers["authorization"] == f"Bearer {KEY}"
    assert sent.headers["content-type"] == "application/json"
    assert (made.id, made.status) == (PREDICTION["id"], RunStatus.STARTING)


@pytest.mark.parametrize("encoding", ["gzip", "x-gzip", "deflate"])
async def test_compressed_answers_are_read(encoding: str, client: ProviderClient, server: Misbehaving) -> None:
    content = json.dumps(PREDICTION).encode()
    packed = gzip.compress(content) if "gzip" in encoding else zlib.compress(content)
    server.says(http(200, packed, headers={"Content-Encoding": encoding}))
    assert (await client.fetch(RUN)).id == RUN


async def test_deflate_without_a_zlib_header_is_read(client: ProviderClient, server: Misbehaving) -> None:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    content = packer.compress(json.dumps(PREDICTION).encode()) + packer.flush()
    server.says(http(200, content, headers={"Content-Encoding": "deflate"}))
    assert (await client.fetch(RUN)).id == RUN


async def test_compressed_answer_is_never_unpacked_beyond_the_limit(
    client: ProviderClient, server: Misbehaving
) -> None:
    server.says(http(200, BOMB, headers={"Content-Encoding": "gzip"}))
    tracemalloc.start()
    with pytest.raises(ProviderDown):
        await client.fetch(RUN)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 16 << 20


@pytest.mark.parametrize("base", ["", "/", "/v1", "/v1/", "/replicate", "/replicate/v1"])
async def test_base_url_may_end_in_v1_or_not(base: str, server: Misbehaving, connect: Connect) -> None:
    server.says(http(200, PREDICTION))
    await connect(server.url + base).fetch(RUN)
    assert server.requests[0].path in {f"/v1/predictions/{RUN}", f"/replicate/v1/predictions/{RUN}"}


async def test_key_with_a_trailing_newline_works(server: Misbehaving, connect: Connect) -> None:
    server.says(http(200, PREDICTION))
    await connect(server.url, key=KEY + "\n").fetch(RUN)
    assert server.requests[0].headers["authorization"] == f"Bearer {KEY}"


async def test_cookies_of_the_provider_are_ignored(server: Misbehaving, connect: Connect) -> None:
    client = connect(f"http://localhost:{server.port}")
    server.says(http(200, PREDICTION, headers={"Set-Cookie": "who=easel; Path=/"}))
    await client.fetch(RUN)
    await client.fetch(RUN)
    assert "cookie" not in server.requests[1].headers


@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_redirects_are_not_followed_with_the_key(
    status: int, client: ProviderClient, server: Misbehaving, elsewhere: Misbehaving
) -> None:
    elsewhere.says(http(200, PREDICTION))
    server.says(http(status, headers={"Location": elsewhere.url + "/v1/predictions/abc"}))
    with pytest.raises(ProviderMisconfigured):
        await client.fetch("abc")
    with pytest.raises(ProviderMisconfigured):
        await client.create("/v1/predictions", {"input": {}})
    assert elsewhere.requests == []


async def test_see_other_leaves_the_outcome_unknown(client: ProviderClient, server: Misbehaving) -> None:
    server.says(http(303, headers={"Location": "/v1/predictions/abc"}))
    with pytest.raises(OutcomeUnknown):
        await client.create("/v1/predictions", {"input": {}})


async def test_urls_in_the_answer_are_never_requested(
    client: ProviderClient, server: Misbehaving, elsewhere: Misbehaving
) -> None:
    urls = {"get": elsewhere.url + "/get", "cancel": elsewhere.url + "/cancel"}
    server.says(http(201, {**PREDICTION, "urls": urls}))
    made = await client.create("/v1/predictions", {"input": {}})
    await client.fetch(made.id)
    await client.cancel(made.id)
    assert [request.path for request in server.requests] == [
        "/v1/predictions",
        f"/v1/predictions/{made.id}",
        f"/v1/predictions/{made.id}/cancel",
    ]
    assert elsewhere.requests == []


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "a?b", "a%2fb", "a#b", "a b", "x" * 200, "ä"])
async def test_id_that_could_leave_its_path_is_not_requested(
    name: str, client: ProviderClient, server: Misbehaving
) -> None:
    for call in (client.fetch, client.cancel):
        with pytest.raises(NotFound):
            await call(name)
    assert server.requests == []


@pytest.mark.parametrize("path", ["/v1/../admin", "/v2/predictions", "/v1/predictions?x=1", "v1/predictions", "/v1//x"])
async def test_path_outside_the_api_is_refused(path: str, client: ProviderClient) -> None:
    with pytest.raises(ValueError, match="not a path"):
        await client.create(path, {})


async def test_providers_clock_is_learned_from_every_answer(client: ProviderClient, server: Misbehaving) -> None:
    server.says(http(404, {"detail": "?"}, headers={"Date": "Tue, 14 Nov 2023 22:14:20 GMT"}))
    for _ in range(AGREEING_SAMPLES):
        with pytest.raises(EaselError):
            await client.fetch("abc")
    assert client.server_clock.offset_ms == 60_500


def test_key_does_not_appear_in_any_repr(connect: Connect) -> None:
    client = connect("http://127.0.0.1:1")
    assert KEY not in repr(client) + repr(vars(client)) + repr(vars(client._transport))


class _Silence(AbstractResolver):
    """A resolver that never answers."""

    async def resolve(self, host: str, port: int = 0, family: int = socket.AF_INET) -> list[ResolveResult]:
        await asyncio.Event().wait()
        raise AssertionError(host)

    async def close(self) -> None:
        pass


def _closed_port() -> int:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        return unused.getsockname()[1]
