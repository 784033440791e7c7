"""The HTTP route that receives the provider's webhooks.

Anybody can reach it. So what it does before the signature is known to be right is limited: how many requests a second,
how large a body, and how many large ones at a time. The provider sends again what is refused, and what never arrives is
found by polling. Nothing of a body or a signature is logged.
"""

import asyncio
import json
import logging
from collections import Counter
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Protocol

from aiohttp import ClientError, hdrs, web

from bot.provider.webhooks import ROUTE, Envelope, Refusal, WebhookKeys, WebhookRefused
from bot.provider.wire import ProviderPrediction, parse_prediction

BODY_BYTES = 4 << 20
"""The largest body: a run's input contains its small files, up to 256 kB each."""

SMALL_BYTES = 64 << 10
LARGE_AT_ONCE = 2
"""How many larger bodies are read at a time, so that nobody fills the memory with them."""

BODY_S = 5.0
RATE, BURST_S = 50.0, 2.0
"""How many webhooks are looked at per second, and for how many seconds unused ones are saved up.

The official API starts at most ten runs a second."""

AGAIN_S = "30"
HERE, HERE_STATUS = "The provider sends webhooks here with POST.", 405
"""The answer to a GET, which tells that Easel is here."""


log = logging.getLogger(__name__)


class RequestBudget(Protocol):
    """A limit on requests per second."""

    def try_take(self) -> bool:
        """Return whether one more is allowed right now, and count it."""
        ...


class WebhookOutcome(StrEnum):
    """What became of a webhook."""

    ACCEPTED = "accepted"
    HEADERS = "headers"
    TIME = "time"
    SIGNATURE = "signature"
    SIZE = "size"
    BODY = "body"
    """Its body did not arrive whole, or is signed but describes no run."""
    BUSY = "busy"
    OFF = "off"
    """No key is known to verify it with."""


_STATUSES = {
    WebhookOutcome.ACCEPTED: 200,
    WebhookOutcome.HEADERS: 400,
    WebhookOutcome.TIME: 401,
    WebhookOutcome.SIGNATURE: 401,
    WebhookOutcome.SIZE: 413,
    WebhookOutcome.BODY: 400,
    WebhookOutcome.BUSY: 429,
    WebhookOutcome.OFF: 503,
}
_REFUSALS = {
    Refusal.HEADERS: WebhookOutcome.HEADERS,
    Refusal.TIME: WebhookOutcome.TIME,
    Refusal.SIGNATURE: WebhookOutcome.SIGNATURE,
}


class _Ended(Exception):
    """The webhook is not accepted."""

    def __init__(self, outcome: WebhookOutcome) -> None:
        super().__init__(outcome.value)
        self.outcome = outcome


class WebhookRoute:
    """Receives webhooks, and passes on the runs that those with a valid signature describe."""

    def __init__(
        self,
        keys: WebhookKeys,
        receive: Callable[[ProviderPrediction], None],
        doubt: Callable[[], None],
        bucket: RequestBudget,
    ) -> None:
        """`receive` is called for each run. `doubt` is called for each signature that fits no key."""
        self._keys = keys
        self._receive = receive
        self._doubt = doubt
        self._bucket = bucket
        self._large = 0
        self._counts = Counter[WebhookOutcome]()

    @property
    def counts(self) -> Mapping[str, int]:
        """How many webhooks came to which outcome since the start."""
        return {outcome.value: self._counts[outcome] for outcome in WebhookOutcome}

    def routes(self) -> list[web.RouteDef]:
        """Return the routes to add to the HTTP server."""
        return [web.post(ROUTE, self._post), web.get(ROUTE, self._get, allow_head=False)]

    async def _get(self, _request: web.Request) -> web.Response:
        """Tell that Easel is here, for `easel check`."""
        return web.Response(status=HERE_STATUS, text=HERE, headers={hdrs.ALLOW: hdrs.METH_POST})

    async def _post(self, request: web.Request) -> web.Response:
        try:
            run = await self._read(request)
        except _Ended as refused:
            outcome = refused.outcome
        else:
            outcome = WebhookOutcome.ACCEPTED
            self._receive(run)
        self._note(outcome)
        headers = {hdrs.RETRY_AFTER: AGAIN_S} if outcome in {WebhookOutcome.BUSY, WebhookOutcome.OFF} else None
        return web.Response(status=_STATUSES[outcome], text=outcome.value, headers=headers)

    def _note(self, outcome: WebhookOutcome) -> None:
        self._counts[outcome] += 1
        if outcome is WebhookOutcome.SIGNATURE:
            self._doubt()
        if outcome is not WebhookOutcome.ACCEPTED and self._counts[outcome] == 1:
            log.warning("a webhook was refused (%s); further ones are counted in easel_webhooks_total", outcome.value)

    async def _read(self, request: web.Request) -> ProviderPrediction:
        """Return the run that a webhook describes. Raises _Ended."""
        if not self._keys.known:
            raise _Ended(WebhookOutcome.OFF)
        if not self._bucket.try_take():
            raise _Ended(WebhookOutcome.BUSY)
        try:
            envelope = self._keys.envelope(request.headers)
            body = await self._body(request, envelope)
        except WebhookRefused as refused:
            raise _Ended(_REFUSALS[refused.why]) from refused
        return _parsed(body)

    async def _body(self, request: web.Request, envelope: Envelope) -> bytes:
        """Return the body as it was signed. Raises _Ended or WebhookRefused."""
        if request.headers.get(hdrs.CONTENT_ENCODING, "identity") != "identity":
            raise _Ended(WebhookOutcome.HEADERS)  # it would be unpacked here, and what was signed would be lost
        length = request.content_length
        if length is not None and length > BODY_BYTES:
            raise _Ended(WebhookOutcome.SIZE)
        if length is not None and length <= SMALL_BYTES:
            body = await _received(request, SMALL_BYTES)
            self._keys.verify(envelope, body)
            return body
        if self._large >= LARGE_AT_ONCE:
            raise _Ended(WebhookOutcome.BUSY)
        self._large += 1
        try:
            body = await _received(request, BODY_BYTES)
            await asyncio.to_thread(self._keys.verify, envelope, body)
        finally:
            self._large -= 1
        return body


async def _received(request: web.Request, most: int) -> bytes:
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_S):
            async for block in request.content.iter_any():
                body += block
                if len(body) > most:
                    raise _Ended(WebhookOutcome.SIZE)
    except (TimeoutError, ClientError, OSError) as error:
        raise _Ended(WebhookOutcome.BODY) from error
    return bytes(body)


def _parsed(body: bytes) -> ProviderPrediction:
    try:
        run = parse_prediction(json.loads(body))
    except (ValueError, RecursionError) as error:
        raise _Ended(WebhookOutcome.BODY) from error
    if run is None:
        raise _Ended(WebhookOutcome.BODY)
    return run
