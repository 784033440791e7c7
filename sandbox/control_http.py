"""Shared parts of both control interfaces: loopback only, JSON bodies, and a clear 400 for an invalid request."""

import ipaddress
import json
from collections.abc import Awaitable, Callable, Mapping
from typing import cast

from aiohttp import web

from sandbox.clock import SandboxClock
from sandbox.json_text import parse_json

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

CONTROL = "/_sandbox"
"""The prefix of all control paths, and of no others."""


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
    if request.path.startswith(CONTROL) and not is_loopback(request.remote):
        raise web.HTTPForbidden(text=json.dumps({"error": "control is for loopback only"}))
    return await handler(request)


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
