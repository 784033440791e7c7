"""Serves output files: they are drawn on first request, need no key, and are deleted an hour after the run."""

import asyncio
import base64
import heapq
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field

from aiohttp import web

from sandbox.clock import SandboxClock
from sandbox.provider.prediction_json import milliseconds

LIFE_S = 3_600.0
"""How long outputs are kept after a run has ended (Replicate's page on data retention)."""
AT_ONCE = 2
"""How many files are drawn at the same time."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One output: its file name, its media type, and the function that draws it (slow, so call it in a thread)."""

    name: str
    media: str
    draw: Callable[[], bytes]


@dataclass(slots=True)
class _Kept:
    piece: Piece
    expires: float
    data: bytes | None = None
    drawing: asyncio.Lock = field(default_factory=asyncio.Lock)


class OutputFiles:
    """All output files that have not expired, by the path at which they are served."""

    def __init__(self, clock: SandboxClock) -> None:
        self._clock = clock
        self._kept: dict[str, _Kept] = {}
        self._expiring: list[tuple[float, str]] = []
        self._hands = asyncio.Semaphore(AT_ONCE)
        self.leaks: list[dict[str, str]] = []
        """Requests for a file that carried an `Authorization` header: the client leaked a key."""

    def routes(self) -> list[web.RouteDef]:
        """List the routes of the files."""
        return [web.get("/files/{place}/{name}", self._get)]

    def keep(self, piece: Piece, *, expires: float, path: str | None = None) -> str:
        """Serve a file until this time, at a new path or at the given one; return the path."""
        self._forget()
        path = path or f"/files/{secrets.token_urlsafe(24)}/{piece.name}"
        self._kept[path] = _Kept(piece, expires)
        heapq.heappush(self._expiring, (expires, path))
        return path

    async def data_url(self, path: str) -> str:
        """Draw a served file and return it as a data URL."""
        output = self._kept[path]
        return f"data:{output.piece.media};base64,{base64.b64encode(await self._drawn(output)).decode()}"

    def _forget(self) -> None:
        now = self._clock.now()
        while self._expiring and self._expiring[0][0] <= now:
            del self._kept[heapq.heappop(self._expiring)[1]]

    async def _get(self, request: web.Request) -> web.StreamResponse:
        if "Authorization" in request.headers:
            self.leaks.append({"path": request.path, "at": milliseconds(self._clock.now())})
        self._forget()
        output = self._kept.get(request.path)
        if output is None:
            return web.Response(status=404, text="Not Found")
        return web.Response(body=await self._drawn(output), content_type=output.piece.media)

    async def _drawn(self, output: _Kept) -> bytes:
        async with output.drawing:
            if output.data is None:
                async with self._hands:
                    output.data = await asyncio.to_thread(output.piece.draw)
            return output.data
