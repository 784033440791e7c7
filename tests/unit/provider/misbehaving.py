"""A test server that sends exactly the given bytes, for answers that no HTTP library would produce."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

HANG = "hang"
RESET = "reset"

Reply = bytes | str


def http(
    status: int, body: object = b"", *, headers: Mapping[str, str] | None = None, length: int | None = None
) -> bytes:
    """Return the raw bytes of an HTTP answer. `length` overrides the declared Content-Length with a wrong one."""
    content = body if isinstance(body, bytes) else body.encode() if isinstance(body, str) else json.dumps(body).encode()
    kind = "text/plain" if isinstance(body, bytes | str) else "application/problem+json"
    fields = {
        "Content-Type": kind,
        "Content-Length": str(len(content) if length is None else length),
        "Connection": "close",
        **(headers or {}),
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return f"HTTP/1.1 {status} Reason\r\n{head}\r\n".encode() + content


@dataclass
class Request:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> object:
        return json.loads(self.body)


@dataclass
class Misbehaving:
    """A server that sends its replies in order and repeats the last one; each connection gets one reply."""

    replies: list[Reply] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    port: int = 0
    asked: asyncio.Event = field(default_factory=asyncio.Event)

    def says(self, *replies: Reply) -> None:
        self.replies = list(replies)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self._released = asyncio.Event()
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._released.set()
        self._server.close()
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            self.requests.append(await _read(reader))
            self.asked.set()
            reply = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
            await self._play(reply, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # the client disconnected first
        finally:
            writer.close()

    async def _play(self, reply: Reply, writer: asyncio.StreamWriter) -> None:
        if reply == HANG:
            await self._released.wait()
        elif reply == RESET:
            writer.transport.abort()
        elif isinstance(reply, bytes):
            writer.write(reply)
            await writer.drain()


async def _read(reader: asyncio.StreamReader) -> Request:
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    first, *lines = head.strip().split("\r\n")
    method, path, _ = first.split(" ", 2)
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Request(method, path, headers, body)
