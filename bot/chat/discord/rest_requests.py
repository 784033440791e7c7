"""Makes discord.py's REST calls safe to cancel, and its errors readable.

discord.py 2.7.1 has two HTTP clients, and both sleep through a rate limit in a place that must not be cancelled. The
client that uses the bot's token clears an event for everyone while a global limit lasts, and sets it afterwards: if
that sleep is cancelled, no call is ever sent again (http.py, HTTPClient.request). The client that uses an interaction's
token sleeps while holding a lock, for as long as it is told to (webhook/async_.py, AsyncWebhookAdapter). So the former
is never cancelled during a global limit, and the latter is replaced by an adapter in which every wait can be cancelled.
With it, optional calls can be made in such a way that no other call has to wait for them (`without_waiting`).
"""

import asyncio
import json
import logging
import time
from collections.abc import Awaitable, Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, cast

import aiohttp
import discord
from discord.http import HTTPClient, Route
from discord.webhook.async_ import AsyncWebhookAdapter, async_context

from bot.chat.discord.answering import answer_is_sent
from bot.chat.discord.global_rate_limit import LONG_S
from bot.chat.discord.shared_limit import CallLimits

LONGEST_LIMIT_S = LONG_S
"""The longest limit that discord.py waits for; it accepts no lower setting. A longer limit raises an error at once."""

LONGEST_WAIT_S = 5.0
"""The longest limit that a call with an interaction's token waits for: someone is usually waiting for that call."""

MANY_WEBHOOKS = 1_000
"""If there are more tokens than this, idle ones are forgotten."""

LEAST_S = 1.0

LEFT_OVER = 1
"""How many calls must still be left in a rate limit after an optional one."""

TRIES = 5
RESET = frozenset({54, 104, 10054})
"""The error numbers of "connection reset by peer" on BSD, Linux and Windows."""

UNREADABLE = (AttributeError, KeyError, TypeError, ValueError)
"""discord.py's errors if an answer lacks an expected field, such as `retry_after` in a 429, or a message's id."""

log = logging.getLogger(__name__)

Request = Callable[..., Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class _Refusal:
    """The part of a response that HTTPException and its handlers read."""

    status: int
    reason: str
    headers: Mapping[str, str]


class RestRequests:
    """The requests with the bot's token. None is cancelled during a global limit, so that the library can end it."""

    def __init__(self, http: HTTPClient, limits: CallLimits) -> None:
        self._http: Any = http
        self._limits = limits
        self._request: Request = http.request
        self._running: set[asyncio.Task[Any]] = set()

    @classmethod
    def install(cls, client: discord.Client, limits: CallLimits) -> "RestRequests":
        """Make a client send its requests with the bot's token through this class."""
        found = cls(client.http, limits)
        http: Any = client.http  # replaces a method
        http.request = found.send
        return found

    async def send(self, route: Route, **parameters: Any) -> Any:  # noqa: ANN401 - JSON
        """Send a request. Raises HTTPException; ConnectionError if the answer cannot be read."""
        if limited_s := self._limits.long.refused_for_s():
            raise _limited(limited_s)
        await self._limits.shared.over()
        request = asyncio.ensure_future(self._request(route, **parameters))
        self._running.add(request)
        request.add_done_callback(self._ended)
        try:
            return await asyncio.shield(request)
        except asyncio.CancelledError:
            # Otherwise a request that hangs would block all later ones in the rate limit of its route.
            if self._http._global_over.is_set():  # noqa: SLF001 - the library's only sign of a global limit
                request.cancel()
            raise
        except discord.RateLimited as error:
            raise _limited(error.retry_after) from error
        except UNREADABLE as error:
            raise ConnectionError(f"Discord's answer cannot be read ({type(error).__name__})") from error
        except RuntimeError as error:
            _raise_if_closed(error, self._http._HTTPClient__session)  # noqa: SLF001 - the library tells nobody
            raise

    def stop(self) -> None:
        """Cancel the requests that are still running. Call this only once the client is closed."""
        for request in tuple(self._running):
            request.cancel()

    def _ended(self, request: asyncio.Task[Any]) -> None:
        self._running.discard(request)
        if not request.cancelled() and (error := request.exception()):
            log.debug("a request to Discord failed: %s", error or type(error).__name__)


_WITHOUT_WAITING: ContextVar[bool] = ContextVar("_WITHOUT_WAITING", default=False)


@contextmanager
def without_waiting() -> Generator[None]:
    """Send calls with an interaction's token at once or not at all: they do not wait, and no call waits for them.

    A call that would have to wait is refused as if it exceeded a rate limit. Nothing is retried.
    """
    token = _WITHOUT_WAITING.set(True)
    try:
        yield
    finally:
        _WITHOUT_WAITING.reset(token)


@dataclass(slots=True)
class _Webhook:
    """Keeps the calls with one token in order, which Discord does not do, and knows when the next one is allowed.

    `left` calls are allowed until `reset_s`, and `limit` calls in each period; both are None if Discord has not stated
    them. Optional calls are not allowed before `unneeded_s` either.
    """

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    free_s: float = 0.0
    unneeded_s: float = 0.0
    reset_s: float = 0.0
    left: int | None = None
    limit: int | None = None

    def answered(self, headers: Mapping[str, str]) -> None:
        """Learn the state of the rate limit from an answer."""
        self.left, self.limit = _number(headers, "X-RateLimit-Remaining"), _number(headers, "X-RateLimit-Limit")
        reset_s = _seconds(headers.get("X-RateLimit-Reset-After"))
        self.reset_s = time.monotonic() + min(reset_s, LONGEST_LIMIT_S)
        if self.left == 0:
            self.free_s = self.reset_s

    @property
    def unneeded_in_s(self) -> float:
        """The seconds until an optional call may be made; 0 if it may be made now."""
        now_s = time.monotonic()
        allowed = self.left if now_s < self.reset_s else self.limit
        if self.lock.locked() or (allowed is not None and allowed <= LEFT_OVER):
            return max(self.reset_s - now_s, LEAST_S)
        return max(0.0, self.free_s - now_s, self.unneeded_s - now_s)

    @property
    def is_idle(self) -> bool:
        """Whether this record can be forgotten without losing anything."""
        return not self.lock.locked() and max(self.free_s, self.unneeded_s, self.reset_s) <= time.monotonic()


class WebhookRequests(AsyncWebhookAdapter):
    """The requests with an interaction's token. Cancelling one leaves nothing behind."""

    def __init__(self) -> None:
        super().__init__()
        self._webhooks: dict[str, _Webhook] = {}

    @staticmethod
    def install() -> None:
        """Make discord.py use this adapter in this task, and in every task that it starts."""
        async_context.set(WebhookRequests())

    async def request(  # the signature is the library's
        self,
        route: Route,
        session: aiohttp.ClientSession,
        *,
        payload: dict[str, Any] | None = None,
        multipart: list[dict[str, Any]] | None = None,
        proxy: str | None = None,
        proxy_auth: aiohttp.BasicAuth | None = None,
        files: Sequence[discord.File] | None = None,
        reason: str | None = None,  # noqa: ARG002 - only for routes that Easel does not use
        auth_token: str | None = None,
        params: dict[str, Any] | None = None,
    ) -> Any:  # noqa: ANN401 - JSON
        """Send a request. Raises HTTPException, or an error of the connection."""
        headers = {"Authorization": f"Bot {auth_token}"} if auth_token else {}
        fixed: dict[str, Any] = {"params": params, "proxy": proxy, "proxy_auth": proxy_auth}
        webhook = self._webhook(f"{route.webhook_id}/{route.webhook_token}")

        def sending(attempt: int) -> Any:  # noqa: ANN401 - aiohttp's request context
            for file in files or ():
                file.reset(seek=attempt)
            body = _form(multipart) if multipart else None if payload is None else aiohttp.JsonPayload(payload)
            return session.request(route.method, route.url, data=body, headers=headers, **fixed)

        try:
            return await self._sent_in_turn(sending, webhook)
        except RuntimeError as error:
            _raise_if_closed(error, session)
            raise

    async def _sent_in_turn(self, sending: Callable[[int], Any], webhook: _Webhook) -> Any:  # noqa: ANN401 - JSON
        if _WITHOUT_WAITING.get():
            return await _sent_now(sending, webhook)
        async with webhook.lock:
            for attempt in range(TRIES):
                wait_s = webhook.free_s - time.monotonic()
                if not attempt and wait_s > LONGEST_WAIT_S:  # an earlier call hit this limit
                    raise _limited(wait_s)
                await asyncio.sleep(wait_s)
                try:
                    status, data = await _sent(sending(attempt), webhook)
                except OSError as error:
                    if error.errno not in RESET or attempt == TRIES - 1:
                        raise
                    status, data = HTTPStatus.BAD_GATEWAY.value, None
                if status < HTTPStatus.MULTIPLE_CHOICES:
                    return data
                error = _refused(status, data)
                pause_s = _pause_s(error, data, attempt)
                if pause_s is None or (attempt == TRIES - 1 and error.status != HTTPStatus.TOO_MANY_REQUESTS):
                    raise error
                webhook.free_s = time.monotonic() + min(pause_s, LONGEST_LIMIT_S)
                is_long = error.status == HTTPStatus.TOO_MANY_REQUESTS and pause_s > LONGEST_WAIT_S
                if is_long or attempt == TRIES - 1:
                    raise error
        raise AssertionError("every attempt returns or raises")

    def _webhook(self, name: str) -> _Webhook:
        if len(self._webhooks) > MANY_WEBHOOKS:
            self._webhooks = {key: one for key, one in self._webhooks.items() if not one.is_idle}
        return self._webhooks.setdefault(name, _Webhook())


def _form(parts: Sequence[Mapping[str, Any]]) -> aiohttp.FormData:
    form = aiohttp.FormData(quote_fields=False)  # Discord does not read escaped brackets in the names of fields
    for part in parts:
        form.add_field(**part)
    return form


def _raise_if_closed(error: RuntimeError, session: object) -> None:
    """Raise ConnectionError if the session is closed, which aiohttp reports as if it were a bug.

    An answer may still be on its way to Discord when the bot is stopped.
    """
    if isinstance(session, aiohttp.ClientSession) and session.closed:
        raise ConnectionError("the connections to Discord are closed") from error


async def _sent_now(sending: Callable[[int], Any], webhook: _Webhook) -> Any:  # noqa: ANN401 - JSON
    """Send an optional request, unless it or another one would have to wait."""
    if (wait_s := webhook.unneeded_in_s) > 0:
        raise _limited(wait_s)
    status, data = await _sent(sending(0), webhook)
    if status < HTTPStatus.MULTIPLE_CHOICES:
        return data
    error = _refused(status, data)
    if error.status == HTTPStatus.TOO_MANY_REQUESTS:
        # Only for optional calls: others are still tried, because this limit must not delay them.
        webhook.unneeded_s = time.monotonic() + min(_pause_s(error, data, 0) or 0.0, LONGEST_LIMIT_S)
    raise error


async def _sent(sending: Any, webhook: _Webhook) -> tuple[int, Any]:  # noqa: ANN401 - aiohttp's request context
    """Send a request; return its status, and its body as JSON if it is JSON, otherwise as text."""
    answer_is_sent()  # aiohttp writes the request before anything else gets a turn
    async with sending as response:
        text = await response.text(encoding="utf-8", errors="replace")
        webhook.answered(response.headers)
        try:
            return response.status, json.loads(text) if text else None
        except ValueError:
            if response.ok:
                raise ConnectionError("Discord's answer cannot be read") from None
            return response.status, text


def _pause_s(error: discord.HTTPException, data: object, attempt: int) -> float | None:
    """Return how long to wait before the next attempt; None if there should be none."""
    if error.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return 1 + 2 * attempt
    if error.status != HTTPStatus.TOO_MANY_REQUESTS or not isinstance(data, Mapping):
        return None
    return _seconds(cast("Mapping[str, object]", data).get("retry_after"), otherwise=LONGEST_LIMIT_S)


def _seconds(value: object, otherwise: float = 0.0) -> float:
    try:
        return max(0.0, float(cast("str", value)))
    except (TypeError, ValueError):
        return otherwise


def _number(headers: Mapping[str, str], name: str) -> int | None:
    try:
        return int(headers[name])
    except (KeyError, ValueError):
        return None


def _limited(seconds: float) -> discord.HTTPException:
    headers = {"Retry-After": str(seconds)}
    return _refused(HTTPStatus.TOO_MANY_REQUESTS, f"limited for {seconds:.0f} s", headers)


def _refused(status: int, data: object, headers: Mapping[str, str] | None = None) -> discord.HTTPException:
    """Return the error for a refused request, of the class that discord.py uses for this status."""
    kinds: dict[int, type[discord.HTTPException]] = {403: discord.Forbidden, 404: discord.NotFound}
    kind = discord.DiscordServerError if status >= HTTPStatus.INTERNAL_SERVER_ERROR else kinds.get(status)
    refusal: Any = _Refusal(status, _phrase(status), headers or {})
    try:
        return (kind or discord.HTTPException)(refusal, cast("Any", data))
    except UNREADABLE:  # the errors in the answer do not have the documented form
        return (kind or discord.HTTPException)(refusal, str(data))


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:  # Cloudflare has its own statuses, such as 520
        return "Unknown"
