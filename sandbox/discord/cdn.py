"""Serves stored files through signed links, which expire like Discord's."""

import asyncio
import hashlib
import hmac
import mimetypes
from pathlib import Path

from aiohttp import web

from sandbox.clock import SandboxClock
from sandbox.discord.world.state import Attachment, User, World

LINK_LIFE_S = 86_400
"""How long a signed link is valid, in seconds: one day, as on Discord since April 2024."""
_HEADERS = {
    "Cache-Control": "private, max-age=86400",
    "Accept-Ranges": "bytes",
    "X-Content-Type-Options": "nosniff",
    # Files may come from anyone and are served from the page's own origin, so their content must not run as part of the
    # page.
    "Content-Security-Policy": "sandbox; default-src 'none'; img-src 'self'; media-src 'self'",
}


class FileStore:
    """Stores file contents by id, in a folder or, without one, in memory."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._memory: dict[int, bytes] = {}
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)

    async def keep(self, file_id: int, content: bytes) -> None:
        """Store a file."""
        if self._folder is None:
            self._memory[file_id] = content
        else:
            await asyncio.to_thread((self._folder / str(file_id)).write_bytes, content)

    async def read(self, file_id: int) -> bytes | None:
        """Read a file; None if it does not exist."""
        if self._folder is None:
            return self._memory.get(file_id)
        path = self._folder / str(file_id)
        return await asyncio.to_thread(lambda: path.read_bytes() if path.is_file() else None)

    async def remove(self, file_id: int) -> None:
        """Delete a file."""
        self._memory.pop(file_id, None)
        if self._folder is not None:
            await asyncio.to_thread((self._folder / str(file_id)).unlink, missing_ok=True)


class Links:
    """Creates and verifies signed links; `base` is the server's address, known once the server is listening."""

    def __init__(self, clock: SandboxClock, secret: str) -> None:
        self.base = ""
        self._clock = clock
        self._secret = secret.encode()

    def to(self, attachment: Attachment) -> str:
        """Return a link that works for one day."""
        path = path_of(attachment)
        issued = int(self._clock.now())
        expires = issued + LINK_LIFE_S
        return f"{self.base}{path}?ex={expires:x}&is={issued:x}&hm={self._sign(path, expires, issued)}&"

    def valid(self, path: str, query: dict[str, str]) -> bool:
        """Return whether a link was signed here and has not expired."""
        try:
            expires, issued = int(query["ex"], 16), int(query["is"], 16)
        except (KeyError, ValueError):
            return False
        signature = self._sign(path, expires, issued)
        return hmac.compare_digest(signature, query.get("hm", "")) and self._clock.now() < expires

    def _sign(self, path: str, expires: int, issued: int) -> str:
        return hmac.new(self._secret, f"{path}:{expires}:{issued}".encode(), hashlib.sha256).hexdigest()


def path_of(attachment: Attachment) -> str:
    """Return the path of a file; uploads from options and modals have their own folder."""
    kind = "ephemeral-attachments" if attachment.ephemeral else "attachments"
    return f"/cdn/{kind}/{attachment.folder}/{attachment.id}/{attachment.filename}"


class Cdn:
    """Serves files by signed link, and generated avatars."""

    def __init__(self, files: FileStore, links: Links, world: World) -> None:
        self._files = files
        self._links = links
        self._world = world

    def routes(self) -> list[web.RouteDef]:
        """List the routes."""
        return [
            web.get("/cdn/{kind:attachments|ephemeral-attachments}/{folder}/{id:[0-9]+}/{filename}", self._file),
            web.get("/{kind:avatars|icons}/{id:[0-9]+}/{hash}", self._avatar),
            web.get("/embed/avatars/{number}.png", self._avatar),
        ]

    async def _file(self, request: web.Request) -> web.Response:
        if not self._links.valid(request.path, dict(request.query)):
            raise web.HTTPNotFound(text="This content is no longer available.")
        content = await self._files.read(int(request.match_info["id"]))
        if content is None:
            raise web.HTTPNotFound(text="This content is no longer available.")
        kind = mimetypes.guess_type(request.match_info["filename"])[0] or "application/octet-stream"
        return _served(request, content, kind)

    async def _avatar(self, request: web.Request) -> web.Response:
        user = self._world.users.get(int(request.match_info.get("id", "0")))
        return web.Response(text=avatar(user), content_type="image/svg+xml")


def _served(request: web.Request, content: bytes, kind: str) -> web.Response:
    """Serve a file, or the part of it that a player requests."""
    try:
        start, end, _ = request.http_range.indices(len(content))
    except ValueError:
        raise web.HTTPRequestRangeNotSatisfiable from None
    if "Range" not in request.headers:
        return web.Response(body=content, content_type=kind, headers=_HEADERS)
    if start >= end:
        raise web.HTTPRequestRangeNotSatisfiable(headers={"Content-Range": f"bytes */{len(content)}"})
    headers = {**_HEADERS, "Content-Range": f"bytes {start}-{end - 1}/{len(content)}"}
    return web.Response(status=206, body=content[start:end], content_type=kind, headers=headers)


def avatar(user: User | None) -> str:
    """Draw a user's avatar: a palette for a bot, otherwise an initial on a colour that never changes."""
    if user is not None and user.bot:
        return _PALETTE
    hue = (user.id if user else 0) * 137 % 360  # the golden angle: members who joined together get different colours
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64">'
        f'<rect width="64" height="64" fill="hsl({hue} 42% 46%)"/>'
        '<text x="32" y="43" font-size="30" font-family="sans-serif" text-anchor="middle" fill="#fff">'
        f"{user.name[:1].upper() if user else '?'}</text></svg>"
    )


_PALETTE = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" fill="#39406a"/>'
    '<path fill="#f6ecdb" d="M16 6c6 0 10 4 10 8.500 0 3-2 4.500-4.500 4.500h-2.500c-1.500 0-2 1-1.500 2.300'
    ' 1 1.700.5 5-2.500 5-5 0-9-4.800-9-10.300C6 10 10.500 6 16 6z"/>'
    '<circle cx="11" cy="13.500" r="1.900" fill="#e9a23b"/><circle cx="16" cy="10.500" r="1.900" fill="#6c7bff"/>'
    '<circle cx="21" cy="13.500" r="1.900" fill="#57b894"/><circle cx="11" cy="18.500" r="1.900" fill="#d65b5b"/></svg>'
)
