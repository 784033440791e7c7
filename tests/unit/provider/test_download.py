import asyncio
import base64
import hashlib
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from yarl import URL

from bot.errors import (
    ProviderBusy,
    ProviderDown,
    ResultExpired,
    ResultNotYetThere,
    ResultReplaced,
    ResultUnusable,
    StorageError,
)
from bot.provider import destinations
from bot.provider.client import ProviderClient
from bot.provider.destinations import CheckedAddresses, Destination
from bot.provider.download import BLOCK_BYTES, Download
from bot.provider.transport_limits import TransportLimits
from tests.unit.provider.conftest import Connect
from tests.unit.provider.misbehaving import HANG, RESET, Misbehaving, http

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20
MAX = 3 * BLOCK_BYTES


@pytest.fixture
def into(tmp_path: Path) -> Path:
    return tmp_path / "result"


def stored(path: Path) -> bytes | None:
    return path.read_bytes() if path.exists() else None


def redirect(to: str, status: int = 302) -> bytes:
    return http(status, headers={"Location": to})


async def test_file_is_stored_hashed_and_sniffed(client: ProviderClient, server: Misbehaving, into: Path) -> None:
    server.says(http(200, PNG, headers={"Content-Type": "application/octet-stream"}))
    got = await client.download(server.url + "/out-0", into, max_bytes=MAX)
    assert got == Download(len(PNG), hashlib.sha256(PNG).hexdigest(), "image/png")
    assert stored(into) == PNG


async def test_file_of_several_blocks_arrives_complete(client: ProviderClient, server: Misbehaving, into: Path) -> None:
    big = PNG * (2 * BLOCK_BYTES // len(PNG) + 1)
    server.says(http(200, big))
    got = await client.download(server.url, into, max_bytes=MAX)
    assert (got.size, got.sha256) == (len(big), hashlib.sha256(big).hexdigest())
    assert stored(into) == big


async def test_download_never_sends_the_key_even_to_the_provider(
    client: ProviderClient, server: Misbehaving, into: Path
) -> None:
    server.says(redirect("/moved"), http(200, PNG))
    await client.download(server.url + "/out-0", into, max_bytes=MAX)
    assert [request.path for request in server.requests] == ["/out-0", "/moved"]
    assert not any("authorization" in request.headers for request in server.requests)


async def test_results_of_one_host_share_a_connection(connect: Connect, into: Path) -> None:
    connections = list[object]()

    async def answer(request: web.Request) -> web.Response:
        connections.append(request.transport)
        return web.Response(body=PNG)

    app = web.Application()
    app.router.add_get("/{name}", answer)
    async with TestServer(app) as server:
        client = connect(str(server.make_url("")))
        for name in ("1", "2"):
            await client.download(str(server.make_url(f"/{name}")), into, max_bytes=MAX)
    first, second = connections
    assert first is second


async def test_connection_that_the_host_has_closed_is_replaced(
    client: ProviderClient, server: Misbehaving, into: Path
) -> None:
    server.says(http(200, PNG, headers={"Connection": "keep-alive"}))  # and closes the connection all the same
    for number in (1, 2):
        await client.download(server.url + "/out-0", into, max_bytes=MAX)
        assert len(server.requests) == number


async def test_host_that_was_not_checked_has_no_address() -> None:
    checked = CheckedAddresses()
    checked.add(Destination(URL("http://files.example/1"), ("93.184.215.14",)))
    (found,) = await checked.resolve("files.example.", 80)
    assert found["host"] == "93.184.215.14"
    with pytest.raises(OSError, match=r"other\.example was not checked"):
        await checked.resolve("other.example", 80)


async def test_redirects_to_another_host_are_followed_without_the_key(
    client: ProviderClient, server: Misbehaving, elsewhere: Misbehaving, into: Path
) -> None:
    server.says(redirect(elsewhere.url + "/file"))
    elsewhere.says(http(200, PNG))
    await client.download(server.url, into, max_bytes=MAX)
    assert elsewhere.requests[0].path == "/file"
    assert "authorization" not in elsewhere.requests[0].headers


@pytest.mark.parametrize("path", ["/a%2Fb?sig=x%2By%3D%2F&n=%E4", "/plain.png?a=1"])
async def test_signed_links_are_requested_unchanged(
    path: str, client: ProviderClient, server: Misbehaving, into: Path
) -> None:
    server.says(http(200, PNG))
    await client.download(server.url + path, into, max_bytes=MAX)
    assert server.requests[0].path == path


async def test_unquoted_links_are_quoted(client: ProviderClient, server: Misbehaving, into: Path) -> None:
    server.says(http(200, PNG))
    await client.download(server.url + "/a b/ä.png", into, max_bytes=MAX)
    assert server.requests[0].path == "/a%20b/%C3%A4.png"


async def test_at_most_five_redirects_are_followed(client: ProviderClient, server: Misbehaving, into: Path) -> None:
    server.says(*[redirect("/again")] * 5, http(200, PNG))
    await client.download(server.url, into, max_bytes=MAX)
    server.says(redirect("/again"))
    with pytest.raises(ResultUnusable):
        await client.download(server.url, into, max_bytes=MAX)


REFUSED = [
    (404, ResultExpired),
    (410, ResultExpired),
    (403, ResultExpired),
    (401, ResultExpired),
    (429, ProviderBusy),
    (500, ProviderDown),
    (503, ProviderDown),
    (408, ProviderDown),
    (400, ResultUnusable),
    (206, ResultUnusable),
    (204, ResultUnusable),
]


@pytest.mark.parametrize(("status", "error"), REFUSED)
async def test_refused_download_raises_its_error_and_leaves_no_file(
    status: int, error: type[Exception], client: ProviderClient, server: Misbehaving, into: Path
) -> None:
    server.says(http(status))
    with pytest.raises(error):
        await client.download(server.url, into, max_bytes=MAX)
    assert stored(into) is None


BROKEN = {
    "it hangs": HANG,
    "it is reset": RESET,
    "it breaks off": http(200, PNG, length=len(PNG) + 1),
    "its last chunk is missing": http(200, b"5\r\nhello\r\n", headers={"Transfer-Encoding": "chunked"}).replace(
        b"Content-Length: 10\r\n", b""
    ),
}


@pytest.mark.parametrize("reply", BROKEN.values(), ids=BROKEN.keys())
async def test_interrupted_download_can_be_retried_and_leaves_no_file(
    reply: bytes | str, client: ProviderClient, server: Misbehaving, into: Path
) -> None:
    server.says(reply)
    with pytest.raises(ProviderDown):
        await client.download(server.url, into, max_bytes=MAX)
    assert stored(into) is None


async def test_file_with_too_large_a_declared_size_is_not_read(
    client: ProviderClient, server: Misbehaving, into: Path
) -> None:
    server.says(http(200, PNG, length=MAX + 1))
    with pytest.raises(ResultUnusable, match="more than"):
        await client.download(server.url, into, max_bytes=MAX)


async def test_file_without_a_declared_size_is_cut_off_at_the_limit(
    client: ProviderClient, server: Misbehaving, into: Path
) -> None:
    server.says(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + PNG * 100)
    with pytest.raises(ResultUnusable, match="more than"):
        await client.download(server.url, into, max_bytes=10_000)
    assert stored(into) is None


PLACEHOLDERS = {
    "a page": b"<!DOCTYPE html><html><body>Sign in</body></html>",
    "a bare page": b"\n <html>",
    "a page that says little": b"<center><h1>Just a moment</h1></center>",
    "an error object": b'{"error": "gone"}',
    "a list": b'["not ready"]',
    "an error of a file host": b'<?xml version="1.0"?><Error><Code>NoSuchKey</Code></Error>',
    "a page with a byte order mark": b"\xef\xbb\xbf<html>",
}


@pytest.mark.parametrize("body", PLACEHOLDERS.values(), ids=PLACEHOLDERS)
async def test_answer_that_is_not_a_file_may_be_tried_again(
    body: bytes, client: ProviderClient, server: Misbehaving, into: Path
) -> None:
    server.says(http(200, body))
    with pytest.raises(ResultReplaced):
        await client.download(server.url, into, max_bytes=MAX)
    assert stored(into) is None


async def test_page_inside_the_answer_itself_is_unusable(client: ProviderClient, into: Path) -> None:
    with pytest.raises(ResultUnusable) as refused:
        await client.download("data:text/html,<html>", into, max_bytes=MAX)
    assert type(refused.value) is ResultUnusable
    assert stored(into) is None


async def test_other_text_is_kept_as_such(client: ProviderClient, server: Misbehaving, into: Path) -> None:
    server.says(http(200, "Still processing… please wait\n".encode()))
    assert (await client.download(server.url, into, max_bytes=MAX)).media == "text/plain"


async def test_file_of_unknown_type_is_kept(client: ProviderClient, server: Misbehaving, into: Path) -> None:
    server.says(http(200, b"PK\x03\x04 and so on"))
    assert (await client.download(server.url, into, max_bytes=MAX)).media == "application/octet-stream"


async def test_cancelled_download_leaves_no_file(client: ProviderClient, server: Misbehaving, into: Path) -> None:
    server.says(HANG)
    task = asyncio.create_task(client.download(server.url, into, max_bytes=MAX))
    await server.asked.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert stored(into) is None


async def test_unwritable_folder_is_a_storage_error(
    client: ProviderClient, server: Misbehaving, tmp_path: Path
) -> None:
    server.says(http(200, PNG))
    with pytest.raises(StorageError):
        await client.download(server.url, tmp_path / "missing" / "result", max_bytes=MAX)


async def test_data_urls_are_decoded(client: ProviderClient, into: Path) -> None:
    url = "data:image/jpeg;base64," + base64.b64encode(PNG).decode()
    got = await client.download(url, into, max_bytes=MAX)
    assert (got.size, got.media, stored(into)) == (len(PNG), "image/png", PNG)


@pytest.mark.parametrize("reply", [http(200, b""), *(http(status) for status in (202, 204, 206, 409, 423, 425))])
async def test_file_that_is_not_there_yet_is_distinguished_from_an_unusable_one(
    reply: bytes, client: ProviderClient, server: Misbehaving, into: Path
) -> None:
    server.says(reply)
    with pytest.raises(ResultNotYetThere):
        await client.download(server.url, into, max_bytes=MAX)
    assert stored(into) is None


async def test_empty_data_url_never_becomes_a_file(client: ProviderClient, into: Path) -> None:
    with pytest.raises(ResultUnusable) as caught:
        await client.download("data:,", into, max_bytes=MAX)
    assert type(caught.value) is ResultUnusable


@pytest.mark.parametrize("url", ["data:", "data:image/png;base64", "data:image/png;base64,***", "data:,"])
async def test_empty_or_malformed_data_urls_are_unusable(url: str, client: ProviderClient, into: Path) -> None:
    with pytest.raises(ResultUnusable):
        await client.download(url, into, max_bytes=MAX)


@pytest.mark.parametrize("head", ["data:;base64,", "data:text/plain,"])
async def test_data_urls_have_the_same_size_limit(head: str, client: ProviderClient, into: Path) -> None:
    with pytest.raises(ResultUnusable, match="more than"):
        await client.download(head + "A" * 20_000, into, max_bytes=10_000)


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "ftp://x/y",
        "//x/y",
        "http://",
        "http://u:p@127.0.0.1/",
        "http://x\\@127.0.0.1/",
        "http://[::1",
    ],
)
async def test_unsupported_addresses_are_refused(url: str, client: ProviderClient, into: Path) -> None:
    with pytest.raises(ResultUnusable):
        await client.download(url, into, max_bytes=MAX)


class TestAPublicProvider:
    """A provider with a public address, simulated without a network: chosen host names resolve to loopback."""

    @pytest.fixture
    def client(self, connect: Connect) -> ProviderClient:
        return connect("http://gateway.example", resolve=_public)

    @pytest.fixture
    def loopback_is_public(self, monkeypatch: pytest.MonkeyPatch) -> None:
        judge = destinations._is_public
        monkeypatch.setattr(destinations, "_is_public", lambda address: address == "127.0.0.1" or judge(address))

    @pytest.mark.usefixtures("loopback_is_public")
    async def test_public_files_are_downloaded(self, client: ProviderClient, server: Misbehaving, into: Path) -> None:
        server.says(http(200, PNG))
        await client.download(f"http://files.example:{server.port}/1", into, max_bytes=MAX)
        assert stored(into) == PNG

    @pytest.mark.parametrize(
        "host",
        [
            "127.0.0.1",
            "[::1]",
            "10.0.0.8",
            "169.254.169.254",
            "[::ffff:127.0.0.1]",
            "[64:ff9b::7f00:1]",
            "[2002:7f00:1::]",
            "private.example",
            "mixed.example",
        ],
    )
    async def test_private_addresses_are_refused(
        self, host: str, client: ProviderClient, server: Misbehaving, into: Path
    ) -> None:
        server.says(http(200, PNG))
        with pytest.raises(ResultUnusable, match="private"):
            await client.download(f"http://{host}:{server.port}/1", into, max_bytes=MAX)
        assert server.requests == []

    @pytest.mark.usefixtures("loopback_is_public")
    async def test_connection_uses_the_address_that_was_checked(
        self, connect: Connect, server: Misbehaving, into: Path
    ) -> None:
        """The name server answers the second query with a private address."""
        answers = {"gateway.example": ["93.184.215.14"], "rebind.example": ["127.0.0.1", "10.0.0.8", "10.0.0.8"]}
        asked = list[str]()

        async def resolve(host: str, _port: int) -> Sequence[str]:
            asked.append(host)
            return [answers[host].pop(0)]

        server.says(http(200, PNG))
        await connect("http://gateway.example", resolve=resolve).download(
            f"http://rebind.example:{server.port}/1", into, max_bytes=MAX
        )
        assert asked == ["gateway.example", "rebind.example"]
        assert [request.headers["host"] for request in server.requests] == [f"rebind.example:{server.port}"]

    @pytest.mark.usefixtures("loopback_is_public")
    async def test_each_redirect_is_checked_and_connects_to_its_own_address(
        self, client: ProviderClient, server: Misbehaving, into: Path
    ) -> None:
        server.says(redirect(f"http://other.example:{server.port}/2"), http(200, PNG))
        await client.download(f"http://files.example:{server.port}/1", into, max_bytes=MAX)
        hosts = [request.headers["host"] for request in server.requests]
        assert hosts == [f"files.example:{server.port}", f"other.example:{server.port}"]

    @pytest.mark.usefixtures("loopback_is_public")
    async def test_redirects_to_private_addresses_are_refused(
        self, client: ProviderClient, server: Misbehaving, into: Path
    ) -> None:
        server.says(redirect(f"http://private.example:{server.port}/metadata"))
        with pytest.raises(ResultUnusable, match="private"):
            await client.download(f"http://files.example:{server.port}/1", into, max_bytes=MAX)
        assert [request.path for request in server.requests] == ["/1"]

    async def test_unresolvable_file_host_is_a_temporary_error(self, client: ProviderClient, into: Path) -> None:
        with pytest.raises(ProviderDown):
            await client.download("http://nowhere.example/1", into, max_bytes=MAX)

    async def test_plain_http_is_refused_if_the_provider_uses_https(self, connect: Connect, into: Path) -> None:
        client = connect("https://gateway.example", resolve=_public)
        with pytest.raises(ResultUnusable):
            await client.download("http://files.example/1", into, max_bytes=MAX)


async def _public(host: str, _port: int) -> Sequence[str]:
    if host == "nowhere.example":
        raise OSError("no such host")
    named = {
        "gateway.example": ["93.184.215.14"],
        "private.example": ["192.168.1.1"],
        "mixed.example": ["93.184.215.14", "127.0.0.1"],
    }
    return named.get(host, ["127.0.0.1"] if host.endswith(".example") else [host.strip("[]")])


async def test_disk_reserve_is_kept_while_a_result_streams_in(server, connect, tmp_path, monkeypatch):
    """The length was not declared, and other files take the space in the meantime."""
    free = [3 << 20]
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=free[0] - written(tmp_path)))
    body = b"x" * (8 << 20)
    server.replies = [b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + body]
    client = connect(server.url, limits=replace(TransportLimits(), reserve_bytes=1 << 20))
    with pytest.raises(StorageError, match="is full"):
        await client.download(f"{server.url}/film.mp4", tmp_path / "film", max_bytes=100 << 20)
    assert list(tmp_path.iterdir()) == []
    free[0] = 100 << 20
    found = await client.download(f"{server.url}/film.mp4", tmp_path / "film", max_bytes=100 << 20)
    assert found.size == len(body)


def written(folder):
    return sum(path.stat().st_size for path in folder.iterdir())
