"""Files of our own store over HTTP, by signed link only: for providers, and for results that no message can carry."""

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
    # A file is what some model or member made: in a browser it must not act as a page of this address.
    "Content-Security-Policy": "sandbox; default-src 'none'; style-src 'unsafe-inline'; media-src 'self'",
}


class Judge(Protocol):
    """Tells good links from others."""

    def opens(self, name: str, expires: str, signature: str) -> bool:
        """Tell whether this link is ours and has not run out."""
        ...


class FileRoutes:
    """Serves a file to whoever has its link; every other request is the same 404, so that nothing can be learned."""

    def __init__(self, links: Judge, locate: Callable[[str], Path]) -> None:
        """`locate` gives the place on disk of a file of the store, and raises ValueError for one outside of it."""
        self._links = links
        self._locate = locate

    def routes(self) -> list[web.RouteDef]:
        """List the routes."""
        return [web.get(ROUTE + "{name:.+}", self._file)]

    async def _file(self, request: web.Request) -> web.StreamResponse:
        name, query = request.match_info["name"], request.query
        if not self._links.opens(name, query.get("ex", ""), query.get("hm", "")):
            raise web.HTTPNotFound(text="This link is not valid, or not any more.", headers=HEADERS)
        media = await asyncio.to_thread(self._look, name)
        if media is None:
            raise web.HTTPNotFound(text="This file is no longer kept.", headers=HEADERS)
        return web.FileResponse(self._locate(name), headers={**HEADERS, "Content-Type": media})

    def _look(self, name: str) -> str | None:
        """Tell what kind of file it is by its content; None where there is none."""
        try:
            with self._locate(name).open("rb") as file:
                return sniff(file.read(HEAD_BYTES)) or UNKNOWN_MEDIA
        except (OSError, ValueError):
            return None
