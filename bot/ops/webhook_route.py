"""The HTTP route that receives the provider's webhooks.

Anyone can reach it. So it does little before the signature has been verified: nothing is read unless the headers
contain a signature and a current time, and then only a limited number of requests per second, of a limited size, and a
limited number of bytes in total. None of these limits lets a few senders keep out the others by being slow.
The provider resends refused webhooks, and polling finds those that never arrive. Bodies and signatures are never
logged.
"""

import asyncio
import json
import logging
from collections import Counter
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Protocol

from aiohttp import ClientError, hdrs, web

from bot.ops.body_room import BodyGivenUp, BodyRoom, BodyTooLarge
from bot.provider.webhooks import ROUTE, Envelope, Refusal, WebhookKeys, WebhookRefused
from bot.provider.wire import ProviderPrediction, parse_prediction

BODY_BYTES = 4 << 20
"""The largest body: a run's input contains its small files, up to 256 kB each."""

ROOM_BYTES = 8 << 20
"""The most bytes of all bodies together that are in memory at a time."""

SMALL_BYTES = 64 << 10
"""The signature of a larger body is computed in a thread."""

BODY_S = 5.0
RATE, BURST_S = 50.0, 2.0
"""How many webhooks are examined per second, and for how many seconds unused ones are saved up.

The official API starts at most ten runs a second."""

AGAIN_S = "30"
HERE, HERE_STATUS = "The provider sends webhooks here with POST.", 405
"""The answer to a GET, which says that Easel is here."""


log = logging.getLogger(__name__)


class RequestBudget(Protocol):
    """A limit on requests per second."""

    def try_take(self) -> bool:
        """Return whether one more is allowed right now, and count it."""
        ...


class WebhookOutcome(StrEnum):
    """The outcome of a webhook."""

    ACCEPTED = "accepted"
    HEADERS = "headers"
    TIME = "time"
    SIGNATURE = "signature"
    SIZE = "size"
    BODY = "body"
    """Its body did not arrive completely, or is signed but does not describe a run."""
    BUSY = "busy"
    OFF = "off"
    """No key to verify it with is known."""


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
        """`receive` is called for each run. `doubt` is called for each signature that matches no key."""
        self._keys = keys
        self._receive = receive
        self._doubt = doubt
        self._bucket = bucket
        self._room = BodyRoom(ROOM_BYTES)
        self._counts = Counter[WebhookOutcome]()

    @property
    def counts(self) -> Mapping[str, int]:
        """How many webhooks have had each outcome since the start."""
        return {outcome.value: self._counts[outcome] for outcome in WebhookOutcome}

    def routes(self) -> list[web.RouteDef]:
        """Return the routes to add to the HTTP server."""
        return [web.post(ROUTE, self._post), web.get(ROUTE, self._get, allow_head=False)]

    async def _get(self, _request: web.Request) -> web.Response:
        """Say that Easel is here, for `easel check`."""
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
        try:
            # Before the budget, so that requests without a signature use none of it.
            envelope = self._keys.envelope(request.headers)
            if not self._bucket.try_take():
                raise _Ended(WebhookOutcome.BUSY)
            body = await self._signed_body(request, envelope)
        except WebhookRefused as refused:
            raise _Ended(_REFUSALS[refused.why]) from refused
        return _parsed(body)

    async def _signed_body(self, request: web.Request, envelope: Envelope) -> bytes:
        """Return the body as it was signed. Raises _Ended or WebhookRefused."""
        if request.headers.get(hdrs.CONTENT_ENCODING, "identity") != "identity":
            raise _Ended(WebhookOutcome.HEADERS)  # it would be decompressed here, and the signed bytes would be lost
        if (request.content_length or 0) > BODY_BYTES:
            raise _Ended(WebhookOutcome.SIZE)
        with self._room.place() as place:
            try:
                body = await place.read(request.content, BODY_BYTES, BODY_S)
            except BodyTooLarge as error:
                raise _Ended(WebhookOutcome.SIZE) from error
            except BodyGivenUp as error:
                raise _Ended(WebhookOutcome.BUSY) from error
            except (TimeoutError, ClientError, OSError) as error:
                raise _Ended(WebhookOutcome.BODY) from error
            if len(body) <= SMALL_BYTES:
                self._keys.verify(envelope, body)
            else:
                await asyncio.to_thread(self._keys.verify, envelope, body)
        return body


def _parsed(body: bytes) -> ProviderPrediction:
    try:
        run = parse_prediction(json.loads(body))
    except (ValueError, RecursionError) as error:
        raise _Ended(WebhookOutcome.BODY) from error
    if run is None:
        raise _Ended(WebhookOutcome.BODY)
    return run
