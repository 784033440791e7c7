import asyncio
import errno
import logging
import select
import socket
import sys
import time
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from bot.ops import http_port
from bot.ops.health_server import HealthServer
from bot.ops.http_port import PortLimits
from bot.ops.metrics import Metrics
from tests.patience import PATIENCE_S

ROOT = Path(__file__).parents[3]
TWO = [(socket.AF_INET6, "2001:db8::1"), (socket.AF_INET, "127.0.0.1")]
"""An address that no machine has, and one that every machine has."""
LIMITS = PortLimits(connections=8, request_s=60, answer_s=60, download_s=60)


@asynccontextmanager
async def server(limits=LIMITS, *, host="127.0.0.1", routes=()):
    server = HealthServer(probes={}, metrics=Metrics(), more=routes, limits=limits)
    url = await server.start(host, 0)
    try:
        yield url
    finally:
        await server.stop()


def port_of(url):
    return int(url.rpartition(":")[2])


async def connect(url, sent=b""):
    reader, writer = await asyncio.open_connection("127.0.0.1", port_of(url))
    writer.write(sent)
    await writer.drain()
    return reader, writer


async def is_healthy(url):
    async with aiohttp.ClientSession() as session, session.get(f"{url}/healthz") as answer:
        return answer.status == 200


async def closed(reader):
    """Wait until the server has closed this connection, and return True; raises TimeoutError if it never does."""
    async with asyncio.timeout(PATIENCE_S):
        try:
            while await reader.read(65536):
                pass
        except ConnectionResetError:
            pass
    return True


@pytest.mark.parametrize("sent", [b"", b"GET /healthz HT", b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: "])
async def test_connections_without_a_request_make_room_for_others(sent):
    async with server() as url:
        opened = [await connect(url, sent) for _ in range(40)]
        assert await is_healthy(url)
        for reader, _ in opened[: 40 - LIMITS.connections]:
            assert await closed(reader)
        for _, writer in opened:
            writer.close()


@pytest.mark.parametrize("sent", [b"", b"GET /healthz HTTP/1.1\r\nHost: x\r\n"])
async def test_connection_without_a_whole_request_is_closed_after_a_while(sent):
    async with server(replace(LIMITS, request_s=0.05)) as url:
        reader, writer = await connect(url, sent)
        assert await closed(reader)
        writer.close()


async def test_request_that_trickles_in_is_not_given_more_time():
    async with server(replace(LIMITS, request_s=0.3)) as url:
        reader, writer = await connect(url, b"GET /healthz HTTP/1.1\r\n")
        ended = asyncio.ensure_future(closed(reader))
        while not ended.done():
            writer.write(b"A: b\r\n")
            await asyncio.wait({ended}, timeout=0.02)
        assert await ended
        writer.close()


async def test_client_that_reads_nothing_is_disconnected():
    async def large(_request):
        return web.Response(body=b"x" * 50_000_000)

    async with server(replace(LIMITS, answer_s=0.2), routes=[web.get("/large", large)]) as url:
        with socket.create_connection(("127.0.0.1", port_of(url))) as client:
            client.sendall(b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n")
            ended = select.poll()
            ended.register(client, 0)  # reports only that the connection was reset
            assert await asyncio.to_thread(ended.poll, PATIENCE_S * 1_000)


@pytest.mark.parametrize(
    "sent",
    [
        b"POST /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nabc",
        b"POST /absent HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 9\r\n\r\n",
        b"GET /fail HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n",
    ],
)
async def test_answered_requests_whose_body_never_ends_make_room_for_others(sent):
    async def fail(_request):
        raise ValueError("broken")

    async with server(routes=[web.get("/fail", fail)]) as url:
        opened = [await connect(url, sent) for _ in range(LIMITS.connections)]
        for reader, _ in opened:
            await reader.readuntil(b"\r\n\r\n")
        assert await is_healthy(url)
        for _, writer in opened:
            writer.close()


async def test_requests_whose_body_is_awaited_make_room_for_others():
    started = asyncio.Semaphore(0)

    async def take(request):
        started.release()
        return web.Response(text=await request.text())

    sent = b"POST /take HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nabc"
    async with server(routes=[web.post("/take", take)]) as url:
        opened = [await connect(url, sent) for _ in range(LIMITS.connections)]
        for _ in opened:
            await started.acquire()
        assert await is_healthy(url)
        assert await closed(opened[0][0])
        for _, writer in opened:
            writer.close()


async def test_requests_in_progress_are_not_closed_for_new_connections():
    release, started = asyncio.Event(), asyncio.Semaphore(0)

    async def wait(_request):
        started.release()
        await release.wait()
        return web.Response(text="done")

    async with server(routes=[web.get("/wait", wait)]) as url, aiohttp.ClientSession() as session:
        waiting = [asyncio.ensure_future(session.get(f"{url}/wait")) for _ in range(LIMITS.connections)]
        for _ in waiting:
            await started.acquire()
        reader, writer = await connect(url)
        assert await closed(reader)
        writer.close()
        release.set()
        assert [(await one).status for one in waiting] == [200] * LIMITS.connections


async def test_downloads_leave_connections_for_health_checks(tmp_path):
    file = tmp_path / "film"
    file.write_bytes(b"x" * 50_000_000)

    async def film(_request):
        return web.FileResponse(file)

    async with server(routes=[web.get("/film", film)]) as url, aiohttp.ClientSession() as session:
        downloads = [await session.get(f"{url}/film") for _ in range(6)]
        assert {one.status for one in downloads} == {200}
        refused = await session.get(f"{url}/film")
        assert (refused.status, refused.headers["Retry-After"]) == (503, "10")
        assert await is_healthy(url)
        for one in downloads:
            one.close()


async def test_each_connection_serves_one_request():
    async with server() as url:
        reader, writer = await connect(url, b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        assert b"Connection: close" in await reader.read()
        writer.close()


@pytest.mark.parametrize(
    "sent", [b"\x16\x03\x01 hello\r\n\r\n", b"GET / HTTP/9\r\n\r\n", b"GET / HTTP/1.1\r\nA\r\n\r\n"]
)
async def test_malformed_requests_are_not_logged(sent, caplog):
    async with server() as url:
        reader, writer = await connect(url, sent)
        assert await closed(reader)
        writer.close()
    assert caplog.records == []


async def test_failing_route_is_logged(caplog):
    async def fail(_request):
        raise ValueError("broken")

    async with server(routes=[web.get("/fail", fail)]) as url, aiohttp.ClientSession() as session:
        assert (await session.get(f"{url}/fail")).status == 500
    assert [record.getMessage() for record in caplog.records] == ["the HTTP request for /fail failed"]


FEW_DESCRIPTORS = """
import asyncio, os, resource
from aiohttp import web
from bot.ops import log
from bot.ops.health_server import HealthServer
from bot.ops.metrics import Metrics

async def work(_request):
    files = [os.open("/dev/null", os.O_RDONLY) for _ in range(70)]
    for file in files:
        os.close(file)
    return web.Response(text="worked")

async def main():
    log.configure(style="json", level="INFO", secrets=[])
    server = HealthServer(probes={}, metrics=Metrics(), more=[web.get("/work", work)])
    print(await server.start("127.0.0.1", 0), flush=True)
    await asyncio.Event().wait()

resource.setrlimit(resource.RLIMIT_NOFILE, (128, 128))
asyncio.run(main())
"""


@pytest.mark.parametrize("sent", [b"", b"GET /healthz HTTP/1.1\r\nHost: x\r\n"])
async def test_many_connections_leave_descriptors_for_the_bot(sent):
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", FEW_DESCRIPTORS, cwd=ROOT, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    assert child.stdout is not None
    try:
        url = (await child.stdout.readline()).decode().strip()
        opened = [await connect(url, sent) for _ in range(300)]
        async with aiohttp.ClientSession() as session, session.get(f"{url}/work") as answer:
            assert (answer.status, await answer.text()) == (200, "worked")
        for _, writer in opened:
            writer.close()
    finally:
        child.kill()
        _, logged = await child.communicate()
    assert logged == b""


async def test_lack_of_descriptors_is_logged_once_a_second(monkeypatch, caplog):
    async with server() as url:
        real = socket.socket.accept
        tries: list[float] = []
        enough = asyncio.Event()

        def fail(self):
            tries.append(time.monotonic())
            if len(tries) < 3:
                raise OSError(errno.EMFILE, "Too many open files")
            enough.set()
            return real(self)

        monkeypatch.setattr(http_port, "ACCEPT_PAUSE_S", 0.1)
        monkeypatch.setattr(socket.socket, "accept", fail)
        with caplog.at_level(logging.WARNING):
            assert await is_healthy(url)
        await enough.wait()
        assert tries[2] - tries[0] >= 0.2
        assert [record.getMessage() for record in caplog.records] == [
            "cannot accept HTTP connections: Too many open files"
        ] * 2


async def test_both_address_families_are_served_by_one_host():
    if not socket.has_dualstack_ipv6():
        pytest.skip("this machine has no IPv6")
    async with server(host="::") as url:
        assert url.startswith("http://[::]:")
        assert await is_healthy(f"http://127.0.0.1:{port_of(url)}")
        assert await is_healthy(f"http://[::1]:{port_of(url)}")


async def test_host_with_an_address_that_this_machine_lacks_is_served_at_the_others(monkeypatch):
    async def both(*_args, **_options):
        kind = socket.SOCK_STREAM
        return [(family, kind, 0, "", (address, 0)) for family, address in TWO]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", both)
    (listening,) = await http_port.listen("localhost", 0)
    with listening:
        assert listening.getsockname()[0] == "127.0.0.1"


async def test_host_without_any_address_of_this_machine_is_refused():
    with pytest.raises(OSError, match="assign"):
        await http_port.listen("192.0.2.1", 0)


def test_port_uses_a_small_part_of_the_descriptors(monkeypatch):
    for soft, expected in ((64, 8), (256, 32), (1024, 64), (1_000_000, 64)):
        monkeypatch.setattr(http_port.resource, "getrlimit", lambda _, soft=soft: (soft, soft))
        assert PortLimits().connections == expected
