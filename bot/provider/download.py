"""Downloads result files: streamed to disk, limited in size, hashed, and never sent with the provider's key."""

import asyncio
import base64
import binascii
import hashlib
import re
import zlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import BinaryIO
from urllib.parse import unquote_to_bytes, urljoin

import aiohttp

from bot.disk_space import RESERVE_BYTES, require_room
from bot.errors import (
    ProviderBusy,
    ProviderDown,
    ResultExpired,
    ResultNotYetThere,
    ResultReplaced,
    ResultUnusable,
    RunFailed,
    StorageError,
)
from bot.filetype import HEAD_BYTES, sniff
from bot.provider.destinations import Destinations
from bot.provider.inflate import Inflater
from bot.provider.retry_after import retry_after_s
from bot.provider.session import DownloadSessions
from bot.proxies import proxy_for

REDIRECTS_MAX = 5
BLOCK_BYTES = 1 << 20
"""Bytes that are collected in memory before one thread call writes them to disk."""

_MAKE_ROOM = "Make room in DATA_DIR, or make it writable"

NOT_YET = frozenset({202, 204, 206, 409, 423, 425})

UNKNOWN_MEDIA = "application/octet-stream"
TEXT_MEDIA = "text/plain"
"""Text, except drawings: a message about the file, or a file that is not a picture, clip or sound."""

_BOM = b"\xef\xbb\xbf"
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f]")


@dataclass(frozen=True, slots=True)
class Download:
    """A downloaded file: its size in bytes, its hash, and the media type detected from its content."""

    size: int
    sha256: str
    media: str


class Downloader:
    """Downloads results. Raises ResultExpired, ResultUnusable, StorageError, or ProviderDown or ProviderBusy."""

    def __init__(
        self, destinations: Destinations, timeout: aiohttp.ClientTimeout, *, reserve_bytes: int = RESERVE_BYTES
    ) -> None:
        self._destinations = destinations
        self._sessions = DownloadSessions()
        self._reserve_bytes = reserve_bytes
        self._timeout = timeout

    async def fetch(self, url: str, into: Path, *, max_bytes: int, now_ms: int) -> Download:
        """Download an http(s) or data: URL to a file; on any error, including cancellation, leave no file behind."""
        try:
            if url[:5].lower() == "data:":
                return await self._unpack(url, into, max_bytes)
            return await self._get(url, into, max_bytes, now_ms)
        # BaseException, because a cancelled download must not leave a partial file behind either.
        except BaseException as error:
            await asyncio.to_thread(into.unlink, missing_ok=True)
            if isinstance(error, OSError):
                raise StorageError(problem=f"a result cannot be written: {error.strerror}", fix=_MAKE_ROOM) from error
            raise

    async def close(self) -> None:
        """Close the connections of all downloads."""
        await self._sessions.close()

    async def _unpack(self, url: str, into: Path, max_bytes: int) -> Download:
        try:
            return await self._store(_once(decode_data_url(url, max_bytes=max_bytes)), into, max_bytes)
        except (ResultNotYetThere, ResultReplaced) as error:  # there is nothing to wait for
            raise ResultUnusable(**error.facts) from error

    async def _get(self, url: str, into: Path, max_bytes: int, now_ms: int) -> Download:
        # Redirects are followed by hand, so that each new address is checked like the first one.
        for _ in range(REDIRECTS_MAX + 1):
            proxy = proxy_for(url)
            destination = await self._destinations.file(url, through_proxy=proxy is not None)
            session = self._sessions.proxied() if proxy else self._sessions.direct(destination)
            try:
                async with session.get(
                    destination.url, allow_redirects=False, timeout=self._timeout, proxy=proxy
                ) as response:
                    if response.status not in {301, 302, 303, 307, 308}:
                        _check(response, max_bytes, now_ms)
                        return await self._store(_unpacked(response), into, max_bytes)
                    url = _redirected(url, response.headers.get("Location", ""))
            except (aiohttp.ClientError, TimeoutError, zlib.error) as error:
                raise ProviderDown(detail=f"the download broke off ({type(error).__name__})") from error
        raise ResultUnusable(detail=f"more than {REDIRECTS_MAX} redirects")

    async def _store(self, blocks: AsyncIterator[bytes], into: Path, max_bytes: int) -> Download:
        """Write the blocks to a file.

        A truncated body needs no check: aiohttp raises if it is shorter than declared. One thread call writes a whole
        file of up to BLOCK_BYTES.
        """
        sink = _Sink(into, self._reserve_bytes)
        try:
            async for block in blocks:
                sink.waiting += block
                if sink.size + len(sink.waiting) > max_bytes:
                    raise _too_big(max_bytes)
                if len(sink.waiting) >= BLOCK_BYTES:
                    await asyncio.to_thread(sink.flush)
            await asyncio.to_thread(sink.end)
        finally:
            if sink.is_open:
                await asyncio.to_thread(sink.close)
        return sink.finish()


async def _unpacked(response: aiohttp.ClientResponse) -> AsyncIterator[bytes]:
    """Yield the content in bounded pieces; some hosts compress SVGs without being asked to."""
    inflater = Inflater(response.headers.get("Content-Encoding"))
    if not inflater.supported:
        raise ResultUnusable(detail="the file's host sent an unknown compression")
    async for block in response.content.iter_any():
        for piece in inflater.feed(block):
            yield piece
    if not inflater.complete:
        raise aiohttp.ClientPayloadError("the compressed content is not complete")


def _redirected(url: str, location: str) -> str:
    try:
        return urljoin(url, location)
    except ValueError as error:
        raise ResultUnusable(detail="its address cannot be read") from error


def decode_data_url(url: str, *, max_bytes: int) -> bytes:
    """Decode a data: URL. Raises ResultUnusable if it is malformed or has more than `max_bytes`."""
    head, comma, data = url.partition(",")
    if not comma or not data:
        raise ResultUnusable(detail="a data: URL without data")
    if not head.lower().endswith(";base64"):
        return unquote_to_bytes(data)
    # Checked before decoding, so that a huge URL is not held in memory twice; padding adds up to 3 characters.
    if len(data) * 3 // 4 > max_bytes + 3:
        raise _too_big(max_bytes)
    try:
        return base64.b64decode(unquote_to_bytes(data), validate=True)
    except binascii.Error as error:
        raise ResultUnusable(detail="a data: URL that is not base64") from error


def _check(response: aiohttp.ClientResponse, max_bytes: int, now_ms: int) -> None:
    """Raise the error for a bad status or a declared length above the limit."""
    status = response.status
    if status == HTTPStatus.OK:
        if (response.content_length or 0) > max_bytes:
            raise _too_big(max_bytes)
        return
    raise _refusal(status, response, now_ms)


def _refusal(status: int, response: aiohttp.ClientResponse, now_ms: int) -> RunFailed:
    # A host that is still storing a fresh file answers "accepted", with nothing or a part of it, "conflict", "locked"
    # or "too early".
    if status in NOT_YET:
        return ResultNotYetThere(detail=f"the file's host answered {status}")
    # Some file hosts refuse an expired signed link with 401 or 403 instead of 404.
    if status in {401, 403, 404, 410}:
        return ResultExpired(detail=f"the file's host answered {status}")
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        wait_s = retry_after_s(response.headers, body=None, text="", now_ms=now_ms)
        return ProviderBusy(detail="too many downloads", retry_after_s=wait_s)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.REQUEST_TIMEOUT:
        return ProviderDown(detail=f"the file's host answered {status}")
    return ResultUnusable(detail=f"the file's host answered {status}")


class _Sink:
    """The file being written; `waiting` has been received but not yet written. All methods but `finish` block."""

    def __init__(self, path: Path, reserve_bytes: int) -> None:
        self._path = path
        self._reserve_bytes = reserve_bytes
        self._file: BinaryIO | None = None
        self.waiting = bytearray()
        self.size = 0
        self._hash = hashlib.sha256()
        self._head = b""

    def flush(self) -> None:
        """Write the waiting bytes."""
        if len(self._head) < HEAD_BYTES:
            self._head += bytes(self.waiting[: HEAD_BYTES - len(self._head)])
        # Checked for each block: the length may not be known beforehand, and other files are written at the same time.
        require_room(self._path.parent, len(self.waiting), reserve_bytes=self._reserve_bytes)
        if self._file is None:
            self._file = self._path.open("wb")
        self._file.write(self.waiting)
        self._hash.update(self.waiting)
        self.size += len(self.waiting)
        self.waiting.clear()

    @property
    def is_open(self) -> bool:
        """Whether there is an open file that must be closed."""
        return self._file is not None and not self._file.closed

    def end(self) -> None:
        """Write the buffered data, and close the file."""
        self.flush()
        self.close()

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()

    def finish(self) -> Download:
        """Return the finished download.

        Raises ResultNotYetThere if it is empty, and ResultReplaced if it is a web page or an error instead of a file.
        """
        if self.size == 0:
            raise ResultNotYetThere(detail="the file is empty")
        media = sniff(self._head)
        if media is None and _is_text(self._head):
            media = TEXT_MEDIA
            if self._head.removeprefix(_BOM).lstrip().startswith((b"<", b"{", b"[")):
                raise ResultReplaced(detail="the host sent a web page or an error instead of a file")
        return Download(self.size, self._hash.hexdigest(), media or UNKNOWN_MEDIA)


def _is_text(head: bytes) -> bool:
    # The last character may be cut off, and pages may be in other encodings.
    return not _CONTROL.search(head.decode("utf-8", "replace"))


def _too_big(max_bytes: int) -> ResultUnusable:
    return ResultUnusable(detail=f"the file has more than {max_bytes} bytes")


async def _once(data: bytes) -> AsyncIterator[bytes]:
    yield data
