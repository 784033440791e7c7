"""HTTP routes that serve stored files by signed link: inputs to the provider, and results too large for a message."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from aiohttp import web

from bot.filetype import HEAD_BYTES, sniff
from bot.storage.signed_links import ROUTE

UNKNOWN_MEDIA = "application/octet-stream"
HEADERS = {
    "Cache-Control": "private, no-store",
    "X-Content-Type-Options": "nosniff",
    # Files come from models and members, so a browser must not run them as pages of this site (SVG can have scripts).
    "Content-Security-Policy": "sandbox; default-src 'none'; style-src 'unsafe-inline'; media-src 'self'",
}


class Judge(Protocol):
    """The verifier of signed links."""

    def opens(self, name: str, expires: str, signature: str) -> bool:
        """Tell whether the signature is valid and the link has not expired."""
        ...


class FileRoutes:
    """The route that serves a file to anyone with its link; all other requests get the same 404, to reveal nothing."""

    def __init__(self, links: Judge, locate: Callable[[str], Path]) -> None:
        """Serve files that `locate` finds: it returns a path in the store, and raises ValueError for a name outside."""
        self._links = links
        self._locate = locate

    def routes(self) -> list[web.RouteDef]:
        """Return the routes to add to the HTTP server."""
        return [web.get(ROUTE + "{name:.+}", self._file)]

    async def _file(self, request: web.Request) -> web.StreamResponse:
        name, query = request.match_info["name"], request.query
        if not self._links.opens(name, query.get("ex", ""), query.get("hm", "")):
            raise web.HTTPNotFound(text="This link is invalid or has expired.", headers=HEADERS)
        media = await asyncio.to_thread(self._look, name)
        if media is None:
            raise web.HTTPNotFound(text="This file is no longer stored.", headers=HEADERS)
        return web.FileResponse(self._locate(name), headers={**HEADERS, "Content-Type": media})

    def _look(self, name: str) -> str | None:
        """Return the media type of the file by its content; None if there is no such file (blocking)."""
        try:
            with self._locate(name).open("rb") as file:
                return sniff(file.read(HEAD_BYTES)) or UNKNOWN_MEDIA
        except (OSError, ValueError):
            return None
