"""HTTP routes that serve stored files by signed link: inputs to the provider, and results too large for a message.

Files in a bucket are served by the same links, and pass through here in pieces. Links that the bucket signs would
expire within a week, show its name, and lack the headers that keep a browser from running a file.
"""

import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing
from http import HTTPStatus
from pathlib import Path
from typing import Protocol

from aiohttp import hdrs, web
from aiohttp.abc import AbstractStreamWriter

from bot.errors import StorageError
from bot.filetype import HEAD_BYTES, sniff
from bot.storage.signed_links import ROUTE

UNKNOWN_MEDIA = "application/octet-stream"
HEADERS = {
    "Cache-Control": "private, no-store",
    "X-Content-Type-Options": "nosniff",
    # Files come from models and members, so a browser must not run them as pages of this site (SVG can have scripts).
    "Content-Security-Policy": "sandbox; default-src 'none'; style-src 'unsafe-inline'; media-src 'self'",
}

log = logging.getLogger(__name__)


class Judge(Protocol):
    """The verifier of signed links."""

    def opens(self, name: str, expires: str, signature: str) -> bool:
        """Return whether the signature is valid and the link has not expired."""
        ...


class ServedFiles(Protocol):
    """The file store. A path outside it raises ValueError, and a store that fails raises StorageError."""

    async def size(self, kept: Path | str) -> int | None:
        """Return the size of a stored file; None if it is not in the store."""
        ...

    def pieces(self, kept: Path | str, start: int, stop: int) -> AsyncGenerator[bytes]:
        """Yield the bytes of a stored file from `start` to `stop`, in pieces. Raises FileNotFoundError."""
        ...

    def on_disk(self, kept: Path | str) -> Path | None:
        """Return the path at which a stored file would be on this machine; None if the store is elsewhere."""
        ...


class StoredResponse(web.StreamResponse):
    """An answer with bytes of a file that is not on this machine."""

    def __init__(self, status: HTTPStatus, headers: dict[str, str], content: AsyncGenerator[bytes], size: int) -> None:
        super().__init__(status=status, headers=headers)
        self.content_length = size
        self._content = content

    async def prepare(self, request: web.BaseRequest) -> AbstractStreamWriter | None:
        """Send the headers and, unless only they were requested, the content.

        If the store fails halfway, the connection is cut off, so the reader knows that the file is incomplete.
        """
        writer = await super().prepare(request)
        async with aclosing(self._content) as pieces:
            if request.method != hdrs.METH_HEAD:
                try:
                    async for piece in pieces:
                        await self.write(piece)
                except (StorageError, FileNotFoundError) as error:
                    log.warning("a file that is being sent cannot be read any further: %s", error)
                    raise
        return writer


class FileRoutes:
    """The route that serves a file to anyone with its link; all other requests get the same 404, to reveal nothing."""

    def __init__(self, links: Judge, store: ServedFiles) -> None:
        self._links = links
        self._store = store

    def routes(self) -> list[web.RouteDef]:
        """Return the routes to add to the HTTP server."""
        return [web.get(ROUTE + "{name:.+}", self._file)]

    async def _file(self, request: web.Request) -> web.StreamResponse:
        name, query = request.match_info["name"], request.query
        if not self._links.opens(name, query.get("ex", ""), query.get("hm", "")):
            raise web.HTTPNotFound(text="This link is invalid or has expired.", headers=HEADERS)
        try:
            return await self._answer(request, name)
        except (OSError, ValueError):
            raise web.HTTPNotFound(text="This file is no longer stored.", headers=HEADERS) from None
        except StorageError as error:
            log.warning("a file cannot be served now: %s", error)
            raise web.HTTPServiceUnavailable(
                text="This file cannot be read at the moment.", headers={**HEADERS, "Retry-After": "60"}
            ) from error

    async def _answer(self, request: web.Request, name: str) -> web.StreamResponse:
        size = await self._store.size(name)
        if size is None:
            raise FileNotFoundError(name)
        async with aclosing(self._store.pieces(name, 0, min(size, HEAD_BYTES))) as pieces:
            media = sniff(b"".join([piece async for piece in pieces])) or UNKNOWN_MEDIA
        headers = {**HEADERS, "Content-Type": media}
        if (path := self._store.on_disk(name)) is not None:
            return web.FileResponse(path, headers=headers)
        headers["Accept-Ranges"] = "bytes"
        wanted = _wanted(request, size)
        if wanted is None:
            unmet = {**HEADERS, "Content-Range": f"bytes */{size}"}
            raise web.HTTPRequestRangeNotSatisfiable(headers=unmet)
        status = HTTPStatus.OK
        if len(wanted) < size:
            status = HTTPStatus.PARTIAL_CONTENT
            headers["Content-Range"] = f"bytes {wanted.start}-{wanted.stop - 1}/{size}"
        content = self._store.pieces(name, wanted.start, wanted.stop)
        return StoredResponse(status, headers, content, len(wanted))


def _wanted(request: web.Request, size: int) -> range | None:
    """Return which bytes a request asks for: all, or one range; None if the file has none of them."""
    try:
        asked = request.http_range
    except ValueError:  # several ranges, or another unit: these may be ignored (RFC 9110, 14.2)
        return range(size)
    wanted = range(size)[asked]
    return wanted or None
