"""Sends webhooks, signed as on the official host and retried a few times with the same id."""

import asyncio
import base64
import hashlib
import hmac
import json
import logging
import secrets
from typing import Any, Literal

import aiohttp

from sandbox.clock import SandboxClock
from sandbox.provider.prediction import Webhook

Event = Literal["start", "output", "logs", "completed"]
EVENTS: tuple[Event, ...] = ("start", "output", "logs", "completed")
DEFAULT_EVENTS: tuple[Event, ...] = ("output", "completed")
TRIES = 3
RETRY_S = 2.0
TIMEOUT_S = 5
log = logging.getLogger(__name__)


def sign(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """Return the `webhook-signature`: HMAC-SHA256 over `id.timestamp.body` with the key behind `whsec_`."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


class Webhooks:
    """Sends events to the webhooks that asked for them."""

    def __init__(self, clock: SandboxClock, http: aiohttp.ClientSession) -> None:
        self._clock = clock
        self._http = http
        self._sending: set[asyncio.Task[None]] = set()
        self.secret = "whsec_" + base64.b64encode(secrets.token_bytes(24)).decode()

    def send(self, hook: Webhook | None, event: Event, prediction: dict[str, Any]) -> None:
        """Send this event in the background, if it was asked for."""
        if hook is None or event not in hook.events:
            return
        task = asyncio.create_task(self._send(hook.url, json.dumps(prediction).encode()), name=f"webhook {event}")
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)

    async def close(self) -> None:
        """Cancel the deliveries in progress."""
        for task in self._sending:
            task.cancel()
        await asyncio.gather(*self._sending, return_exceptions=True)

    async def _send(self, url: str, body: bytes) -> None:
        message_id = f"msg_{secrets.token_urlsafe(18)}"
        for attempt in range(TRIES):
            if await self._post(url, message_id, body):
                return
            await self._clock.sleep(RETRY_S * 2**attempt)
        log.warning("a webhook was not accepted after %d tries", TRIES)

    async def _post(self, url: str, message_id: str, body: bytes) -> bool:
        timestamp = int(self._clock.now())
        headers = {
            "Content-Type": "application/json",
            "webhook-id": message_id,
            "webhook-timestamp": str(timestamp),
            "webhook-signature": sign(self.secret, message_id, timestamp, body),
        }
        timeout = aiohttp.ClientTimeout(TIMEOUT_S)
        try:
            async with self._http.post(
                url, data=body, headers=headers, timeout=timeout, allow_redirects=False
            ) as answer:
                return answer.ok
        except (aiohttp.ClientError, TimeoutError):
            return False
