"""A real S3 server in this process, with a switchable fault in front of it.

The server is more lenient than real ones: it checks neither signatures nor permissions, and answers at once. So
`Faults` stands between it and the bot, and answers as other stores do. The server is loaded only on first use, because
loading takes a long time and every process of a test run loads this file.
"""

import asyncio
import hashlib
import logging
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

from bot.storage.bucket import BucketAddress
from tests.s3_address import BUCKET, REGION

if TYPE_CHECKING:
    from moto.s3.models import S3Backend, S3BackendDict
    from moto.server import ThreadedMotoServer

ACCOUNT = "123456789012"


def start_server() -> "ThreadedMotoServer":
    from moto.server import ThreadedMotoServer  # noqa: PLC0415

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    return server


def backend() -> "S3Backend":
    """Return the server's storage."""
    return _backends()[ACCOUNT]["aws"]


def _backends() -> "S3BackendDict":
    from moto.s3.models import s3_backends  # noqa: PLC0415

    return s3_backends


def objects() -> dict[str, bytes]:
    """Return the content of all objects by key."""
    return {key: one.value for key, one in backend().buckets[BUCKET].keys.items()}


def make_bucket() -> None:
    """Replace all buckets with a single empty one."""
    backend().buckets.clear()
    _backends().bucket_accounts.clear()
    backend().create_bucket(BUCKET, REGION)


def answer(status: str, code: str = "", message: str = "no", *, headers: str = "") -> bytes:
    body = f"<Error><Code>{code}</Code><Message>{message}</Message></Error>".encode() if code else b""
    head = f"HTTP/1.1 {status}\r\n{headers}Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    return head.encode() + body


@dataclass
class Faults:
    """A proxy in front of the server. `fault` is called for each request and may return another answer.

    `cut_answers` and `cut_requests` say how many of the next answers and uploads break off after 1,000 bytes.
    """

    port: int
    fault: Callable[[str], bytes | None] = lambda _: None
    cut_answers: int = 0
    cut_requests: int = 0
    seen: list[str] = field(default_factory=list[str])
    url: str = ""
    _served: dict[asyncio.Task[None], asyncio.StreamWriter] = field(
        default_factory=dict[asyncio.Task[None], asyncio.StreamWriter]
    )

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[Self]:
        server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        yield self
        server.close()
        # A task that is cancelled before it has begun cannot close anything, so the connections are closed here.
        served = dict(self._served)
        for task, writer in served.items():
            task.cancel()
            writer.transport.abort()
        await asyncio.gather(*served, *map(_close, served.values()), return_exceptions=True)

    def address(self, prefix: str = "easel") -> BucketAddress:
        return BucketAddress(BUCKET, prefix, self.url, REGION, "key", "secret")

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._serve(reader, writer))
        self._served[task] = writer
        task.add_done_callback(lambda done: self._served.pop(done, None))

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._serve_requests(reader, writer)
        finally:
            await _close(writer)

    async def _serve_requests(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            while line := await reader.readline():
                request = line.decode().rpartition(" ")[0]
                self.seen.append(request)
                head = line + await reader.readuntil(b"\r\n\r\n")
                length = _length(head)
                if request.startswith("PUT") and self.cut_requests:
                    self.cut_requests -= 1
                    await reader.readexactly(min(length, 1_000))
                    break
                body = await reader.readexactly(length)
                if (instead := self.fault(request) or _refusal(head, body)) is not None:
                    writer.write(instead)
                    await writer.drain()
                    break
                if not await self._pass_on(head + body, writer, cut=request.startswith("GET")):
                    break

    async def _pass_on(self, request: bytes, writer: asyncio.StreamWriter, *, cut: bool) -> bool:
        """Send a request to the server and its answer back; return whether the connection stays open."""
        reader, server = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            server.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            body = b"" if request.startswith(b"HEAD") else await reader.readexactly(_length(head))
        finally:
            await _close(server)
        if cut and self.cut_answers and len(body) > 1_000:
            self.cut_answers -= 1
            writer.write(head + body[:1_000])
            return False
        writer.write(head + body)
        await writer.drain()
        return b"connection: close" not in head.lower()


async def _close(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with suppress(ConnectionError):
        await writer.wait_closed()


def _refusal(head: bytes, body: bytes) -> bytes | None:
    """Refuse content whose hash is not signed, as S3 does but this server does not."""
    if not body or _header(head, "x-amz-content-sha256") == hashlib.sha256(body).hexdigest():
        return None
    return answer("400 Bad Request", "XAmzContentSHA256Mismatch")


def _length(head: bytes) -> int:
    return int(_header(head, "content-length") or 0)


def _header(head: bytes, name: str) -> str:
    lines = [line.partition(":") for line in head.decode("latin-1").split("\r\n")]
    return next((value.strip() for key, _, value in lines if key.lower() == name), "")
