"""Compresses gateway payloads: plain text, zlib-stream or zstd-stream, one stream per connection."""

import asyncio
import json
import zlib
from typing import Protocol

import zstandard
from aiohttp import web

from sandbox.discord.world.state import Json


class Compressor(Protocol):
    """A compression stream that can be flushed after each payload."""

    def pack(self, raw: bytes) -> bytes:
        """Compress one payload so that the client can read it at once."""
        ...


class ZlibStream:
    """`compress=zlib-stream`: each payload ends with 00 00 FF FF."""

    def __init__(self) -> None:
        self._stream = zlib.compressobj()

    def pack(self, raw: bytes) -> bytes:
        """Compress one payload."""
        return self._stream.compress(raw) + self._stream.flush(zlib.Z_SYNC_FLUSH)


class ZstdStream:
    """`compress=zstd-stream`: one frame that never ends, with one block per payload."""

    def __init__(self) -> None:
        self._stream = zstandard.ZstdCompressor().compressobj()

    def pack(self, raw: bytes) -> bytes:
        """Compress one payload."""
        return self._stream.compress(raw) + self._stream.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK)


def compressor(wanted: str | None) -> Compressor | None:
    """Return the compressor that the client asked for; None for plain text."""
    if wanted == "zlib-stream":
        return ZlibStream()
    return ZstdStream() if wanted == "zstd-stream" else None


class Wire:
    """The sending half of one gateway connection."""

    def __init__(self, socket: web.WebSocketResponse, compression: str | None) -> None:
        self.socket = socket
        self._compressor = compressor(compression)
        self._send_lock = asyncio.Lock()

    async def send(self, payload: Json) -> None:
        """Send one payload."""
        raw = json.dumps(payload, ensure_ascii=False).encode()
        async with self._send_lock:
            if self._compressor is None:
                await self.socket.send_str(raw.decode())
            else:
                await self.socket.send_bytes(self._compressor.pack(raw))

    async def close(self, code: int, reason: str = "") -> None:
        """Close the connection."""
        await self.socket.close(code=code, message=reason.encode())

    def abort(self) -> None:
        """Cut the connection without a close frame, as a broken network does."""
        # aiohttp has no public way to reach the transport of a WebSocket.
        transport = self.socket._req.transport if self.socket._req else None  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]
        if transport is not None:
            transport.abort()
