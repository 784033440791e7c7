"""Sends webhooks, signed as on the official host and retried a few times with the same id.

Control: `GET /_sandbox/webhooks` lists all events with the headers of each try and its answer, `POST` adds faults (see
`webhook_faults.py`) or replaces the signing key (`{"rotate": true}`), `DELETE` removes the faults.
"""

import asyncio
import base64
import hashlib
import hmac
import io
import json
import logging
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, cast

import aiohttp
from aiohttp import web

from sandbox.clock import SandboxClock
from sandbox.control_http import CONTROL, answer, read_json
from sandbox.provider.prediction import Webhook
from sandbox.provider.webhook_faults import WebhookFault, WebhookFaults, parse

Event = Literal["start", "output", "logs", "completed"]
EVENTS: tuple[Event, ...] = ("start", "output", "logs", "completed")
DEFAULT_EVENTS: tuple[Event, ...] = ("output", "completed")
TRIES = 3
RETRY_S = 2.0
TIMEOUT_S = 5
log = logging.getLogger(__name__)


def new_secret() -> str:
    """Make a signing key."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(24)).decode()


def sign(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """Return the `webhook-signature`: HMAC-SHA256 over `id.timestamp.body` with the key that follows `whsec_`."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


@dataclass(slots=True)
class SentWebhook:
    """An event and its tries: the headers of each try, and the status of its answer (0 for no answer)."""

    url: str
    event: Event
    body: str
    tries: list[Mapping[str, Any]] = field(default_factory=list[Mapping[str, Any]])
    is_over: bool = False


class Webhooks:
    """Sends events to the webhooks that asked for them."""

    def __init__(self, clock: SandboxClock, http: aiohttp.ClientSession, secret: str) -> None:
        self._clock = clock
        self._http = http
        self._sending: set[asyncio.Task[None]] = set()
        self._faults = WebhookFaults()
        self._sent: list[SentWebhook] = []
        self.secret = secret

    def send(self, hook: Webhook | None, event: Event, prediction: dict[str, Any]) -> None:
        """Send this event in the background, if the webhook asked for it."""
        if hook is None or event not in hook.events:
            return
        sent, fault = SentWebhook(hook.url, event, json.dumps(prediction)), self._faults.take(event)
        self._sent.append(sent)
        if fault is not None and fault.do == "lose":
            sent.is_over = True
            return
        task = asyncio.create_task(self._deliver(sent, fault), name=f"webhook {event}")
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)

    async def close(self) -> None:
        """Cancel the deliveries in progress."""
        for task in self._sending:
            task.cancel()
        await asyncio.gather(*self._sending, return_exceptions=True)

    def routes(self) -> list[web.RouteDef]:
        """List the control routes."""
        path = f"{CONTROL}/webhooks"
        return [web.get(path, self._list), web.post(path, self._change), web.delete(path, self._heal)]

    async def _deliver(self, sent: SentWebhook, fault: WebhookFault | None) -> None:
        message_id = f"msg_{secrets.token_urlsafe(18)}"
        if fault is not None and fault.do == "delay":
            await self._clock.sleep(fault.delay_s)
        for _ in range(2 if fault is not None and fault.do == "duplicate" else 1):
            await self._send(sent, message_id, fault)
        sent.is_over = True

    async def _send(self, sent: SentWebhook, message_id: str, fault: WebhookFault | None) -> None:
        for attempt in range(TRIES):
            if await self._post(sent, message_id, fault):
                return
            await self._clock.sleep(RETRY_S * 2**attempt)
        log.warning("a webhook was not accepted after %d tries", TRIES)

    async def _post(self, sent: SentWebhook, message_id: str, fault: WebhookFault | None) -> bool:
        body, do = sent.body.encode(), fault.do if fault else None
        timestamp = int(self._clock.now() - (fault.age_s if fault and do == "age" else 0))
        headers = {
            "Content-Type": "application/json",
            "webhook-id": message_id,
            "webhook-timestamp": str(timestamp),
            "webhook-signature": sign(new_secret() if do == "forge" else self.secret, message_id, timestamp, body),
        }
        timeout = aiohttp.ClientTimeout(TIMEOUT_S)
        try:
            async with self._http.post(
                sent.url, data=io.BytesIO(body), headers=headers, timeout=timeout, allow_redirects=False
            ) as response:
                status = response.status
        except (aiohttp.ClientError, TimeoutError):
            status = 0
        sent.tries.append({"headers": headers, "status": status})
        return status // 100 == 2  # noqa: PLR2004 - a redirect is not followed, and counts as refused

    async def _list(self, _: web.Request) -> web.Response:
        return answer(
            [
                {"url": one.url, "event": one.event, "body": one.body, "tries": one.tries, "is_over": one.is_over}
                for one in self._sent
            ]
        )

    async def _change(self, request: web.Request) -> web.Response:
        wanted = await read_json(request)
        if wanted == {"rotate": True}:
            self.secret = new_secret()
            return answer({"key": self.secret})
        for fault in cast("list[object]", wanted) if isinstance(wanted, list) else [wanted]:
            self._faults.add(parse(fault))
        return answer({})

    async def _heal(self, _: web.Request) -> web.Response:
        self._faults.clear()
        return answer({})
