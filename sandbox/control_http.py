"""Shared parts of both control interfaces: loopback only, JSON bodies, and a clear 400 for an invalid request."""

import ipaddress
import json
from collections.abc import Awaitable, Callable, Mapping
from typing import cast
from urllib.parse import urlsplit

from aiohttp import web

from sandbox.clock import SandboxClock
from sandbox.json_text import parse_json

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

CONTROL = "/_sandbox"
"""The prefix of all control paths; no other path has it."""


PROTOCOLS = ("/api/", "/cdn/", "/gateway", CONTROL)
"""The prefixes of paths for programs, which may use any host name: a token or `loopback_only` protects them."""

FOREIGN_HOST = "this is for http://localhost and http://127.0.0.1 only (foreign Host)"


def refuse(message: str) -> web.HTTPBadRequest:
    """Return a 400 response for a control request that cannot be carried out."""
    return web.HTTPBadRequest(text=json.dumps({"error": message}), content_type="application/json")


def answer(value: object, *, status: int = 200) -> web.Response:
    """Return a JSON response. Its content type has no charset because discord.py compares it with `==`."""
    body = json.dumps(value, ensure_ascii=False).encode()
    return web.Response(status=status, body=body, headers={"Content-Type": "application/json"})


async def read_json(request: web.Request) -> object:
    """Read the JSON body of a control request, whatever its content type."""
    try:
        return parse_json(await request.text())
    except ValueError as error:
        raise refuse(f"the body is not JSON: {error}") from error


async def read_object(request: web.Request) -> Mapping[str, object]:
    """Read the body of a control request that must be a JSON object."""
    body = await read_json(request)
    if not isinstance(body, dict):
        raise refuse("the body must be a JSON object")
    return cast("dict[str, object]", body)


def is_loopback(address: str | None) -> bool:
    """Return whether this address is on the same machine."""
    try:
        return address is not None and ipaddress.ip_address(address.split("%")[0]).is_loopback
    except ValueError:
        return False


@web.middleware
async def loopback_only(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Reject control requests from other machines."""
    if request.path.startswith(CONTROL):
        if not is_loopback(request.remote):
            raise _forbidden("control is for loopback only")
        if reason := _foreign(request):
            raise _forbidden(reason)
    return await handler(request)


@web.middleware
async def own_host_only(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Reject requests for the page under a foreign host name."""
    if not request.path.startswith(PROTOCOLS) and not _is_local(request.headers.get("Host", "")):
        raise _forbidden(FOREIGN_HOST)
    return await handler(request)


def _foreign(request: web.Request) -> str | None:
    """Return why a request seems to come from a foreign web page, whose scripts also run on this machine; else None."""
    host, origin = request.headers.get("Host", ""), request.headers.get("Origin")
    # DNS can point any name at this machine, so a browser would allow a foreign page of that name to send requests.
    if not _is_local(host):
        return FOREIGN_HOST
    if origin is not None and origin.partition("://")[2] != host:
        return "control is not for other web pages (foreign Origin)"
    # Browsers send no Origin when they load pictures and frames, but they do send this header.
    if request.headers.get("Sec-Fetch-Site", "none") not in {"none", "same-origin"}:
        return "control is not for other web pages (Sec-Fetch-Site)"
    return None


def _is_local(host: str) -> bool:
    try:
        name = urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return False
    return name == "localhost" or name.endswith(".localhost") or is_loopback(name)


def _forbidden(reason: str) -> web.HTTPForbidden:
    return web.HTTPForbidden(text=json.dumps({"error": reason}), content_type="application/json")


def clock_route(clock: SandboxClock) -> web.RouteDef:
    """Return the route that moves this clock: POST {"advance_s": 901}."""

    async def move(request: web.Request) -> web.Response:
        body = await read_object(request)
        seconds = body.get("advance_s")
        if set(body) != {"advance_s"} or isinstance(seconds, bool) or not isinstance(seconds, int | float):
            raise refuse('send {"advance_s": SECONDS}')
        if not 0 <= seconds < float("inf"):
            raise refuse("advance_s cannot be negative: the clock only moves forward")
        clock.advance(seconds)
        return answer({"now": clock.now(), "advanced_s": seconds})

    return web.post(f"{CONTROL}/clock", move)
