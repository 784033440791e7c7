"""Middleware shared by all REST routes: authentication, rate limits, dates and Discord's error format."""

from collections import deque
from collections.abc import Callable
from email.utils import formatdate

from aiohttp import web

from sandbox.clock import SandboxClock
from sandbox.control_http import Handler, answer
from sandbox.discord.rules import rate_limits
from sandbox.discord.rules.error_codes import Code, DiscordError
from sandbox.discord.rules.rate_limits import Allowance, Limit, RateLimiter
from sandbox.discord.world.state import World

API = "/api/{version:v9|v10}"
"""The beginning of every route. Some clients still use version 9; it differs only in things that the sandbox lacks."""

_CANONICAL = "/api/{version}"
INVALID_REQUESTS = 10_000
INVALID_WINDOW_S = 600
INVALID = frozenset({401, 403, 429})
"""Cloudflare bans an address after INVALID_REQUESTS responses with these statuses in ten minutes (Discord's docs)."""

_BY_TOKEN = ("interactions", "webhooks")
_BY_ROUTE: dict[tuple[str, str], Limit] = {
    ("POST", f"{_CANONICAL}/channels/{{channel}}/messages"): rate_limits.MESSAGE_CREATE,
    ("GET", f"{_CANONICAL}/channels/{{channel}}/messages"): rate_limits.MESSAGE_READ,
    ("GET", f"{_CANONICAL}/channels/{{channel}}/messages/{{message}}"): rate_limits.MESSAGE_READ,
    ("PATCH", f"{_CANONICAL}/channels/{{channel}}/messages/{{message}}"): rate_limits.MESSAGE_EDIT,
    ("DELETE", f"{_CANONICAL}/channels/{{channel}}/messages/{{message}}"): rate_limits.MESSAGE_DELETE,
    ("POST", f"{_CANONICAL}/users/@me/channels"): rate_limits.DM_OPEN,
}


class RateLimited(Exception):
    """Raised if a rate limit was exceeded; becomes a 429."""

    def __init__(self, allowance: Allowance, code: Code | None = None) -> None:
        super().__init__(allowance.limit.name)
        self.allowance = allowance
        self.code = code


class InvalidRequests:
    """Counts the refused requests of the last ten minutes."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._times: deque[float] = deque()

    def count(self) -> int:
        """Return the number of refused requests."""
        while self._times and self._times[0] <= self._now() - INVALID_WINDOW_S:
            self._times.popleft()
        return len(self._times)

    def record(self, response: web.StreamResponse) -> None:
        """Record an answer if it is a refusal that counts."""
        if response.status in INVALID and response.headers.get("X-RateLimit-Scope") != "shared":
            self._times.append(self._now())


class Api:
    """The middlewares of the REST interface."""

    def __init__(self, world: World, clock: SandboxClock, limiter: RateLimiter) -> None:
        self._world = world
        self._clock = clock
        self._limiter = limiter
        self.invalid = InvalidRequests(clock.now)

    @web.middleware
    async def date(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Add the sandbox's time to every answer."""
        try:
            response = await handler(request)
        except web.HTTPException as error:
            error.headers["Date"] = formatdate(self._clock.now(), usegmt=True)
            raise
        if not response.prepared:
            response.headers["Date"] = formatdate(self._clock.now(), usegmt=True)
        return response

    @web.middleware
    async def refusals(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Turn refusals into Discord's JSON, and count them."""
        if not request.path.startswith("/api/"):
            return await handler(request)
        if self.invalid.count() >= INVALID_REQUESTS:
            return web.Response(status=429, text="<title>Access denied | Cloudflare</title>", content_type="text/html")
        response = await self._refusal(request, handler)
        self.invalid.record(response)
        return response

    @staticmethod
    async def _refusal(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            return await handler(request)
        except DiscordError as error:
            return answer(error.body(), status=error.status)
        except RateLimited as limited:
            refused = answer(limited.allowance.body(limited.code), status=429)
            refused.headers.update(limited.allowance.headers())
            return refused
        except web.HTTPNotFound:
            return _plain(Code.NOT_FOUND)
        except web.HTTPMethodNotAllowed:
            return _plain(Code.METHOD_NOT_ALLOWED)
        except web.HTTPRequestEntityTooLarge:
            return _plain(Code.REQUEST_TOO_LARGE)

    @web.middleware
    async def authorize(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Check the bot's token and count the request against its limits."""
        if not request.path.startswith("/api/"):
            return await handler(request)
        if _area(request.path) not in _BY_TOKEN:
            self._authenticate(request)
        allowance = self._count(request)
        try:
            response = await handler(request)
        except DiscordError as error:
            response = answer(error.body(), status=error.status)
        if allowance is not None:
            response.headers.update(allowance.headers())
        return response

    def _authenticate(self, request: web.Request) -> None:
        if request.headers.get("Authorization") != f"Bot {self._world.application.token}":
            raise Code.UNAUTHORIZED.error()

    def _count(self, request: web.Request) -> Allowance | None:
        limits = limits_of(request)
        if not limits:
            return None
        allowance = self._limiter.take_all(limits)
        if not allowance.allowed:
            raise RateLimited(allowance)
        return allowance


def limits_of(request: web.Request) -> tuple[tuple[Limit, str], ...]:
    """Return the limits that a request counts against; interaction callbacks have none."""
    area = _area(request.path)
    if area == "interactions":
        return ()
    info = request.match_info
    if area == "webhooks":
        token = info.get("token", "")
        return (rate_limits.INTERACTION_WEBHOOK, token), (rate_limits.INTERACTION_WEBHOOK_LONG, token)
    resource = info.route.resource
    route = resource.canonical if resource is not None else request.path
    major = info.get("channel") or info.get("guild") or ""
    everything = (rate_limits.GLOBAL, "")
    limit = _BY_ROUTE.get((request.method, route))
    if limit is None and area == "applications" and "/commands" in route:
        return everything, (rate_limits.COMMANDS, f"{request.method} {route} {major}")
    if limit is None:
        return everything, (rate_limits.OTHER, f"{request.method} {route} {major}")
    return everything, (limit, major)


def _area(path: str) -> str:
    """Return the part of a path that follows the version."""
    parts = path.split("/", 4)
    return parts[3] if len(parts) > 3 else ""  # noqa: PLR2004 - "", "api", "v10", then the area


def _plain(code: Code) -> web.Response:
    return answer({"message": code.text, "code": code.number}, status=code.status)


def snowflake(request: web.Request, name: str, unknown: Code) -> int:
    """Read an id from the path; anything else is treated like an unknown id."""
    text = request.match_info[name]
    if not (text.isascii() and text.isdigit()):
        raise unknown.error()
    return int(text)


def flag(request: web.Request, name: str) -> bool:
    """Read a boolean from the query."""
    return request.query.get(name, "").lower() in {"1", "true"}
