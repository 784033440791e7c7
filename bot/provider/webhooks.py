"""Verifies the provider's webhooks, which are signed as Standard Webhooks specifies.

The headers are examined before the body is read, and the signature before the body is parsed. The library computes the
signatures. They are compared here, because its own check asks the machine's clock for the time, and raises all kinds of
errors for forged headers.
"""

import base64
import binascii
import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from standardwebhooks import Webhook

from bot.clock import ServerClock

ROUTE = "/webhooks/provider"
"""The path of the receiver under `PUBLIC_URL`. It is not a secret: the signature proves who has sent a webhook."""

EVENTS = ("completed",)
"""The events that are requested."""

TOLERANCE_S = 300
"""How far a webhook's time may be from now: an older one may be a copy that someone has recorded and sent again."""

PREFIX = "whsec_"
LEAST_KEY_BYTES = 16
KEYS_MAX = 2
"""The newest key and the previous one, which still signs what the provider is sending again."""

SIGNATURES_MAX = 8
_ID = re.compile(r"[\x21-\x7e]{1,256}")
_TIMESTAMP = re.compile(r"[0-9]{1,11}")


class Refusal(StrEnum):
    """The reason why a webhook is refused."""

    HEADERS = "headers"
    """It has no signature, or its headers are malformed."""
    TIME = "time"
    SIGNATURE = "signature"


class WebhookRefused(Exception):
    """A webhook was not sent by the provider, or was sent too long ago."""

    def __init__(self, why: Refusal) -> None:
        super().__init__(why.value)
        self.why = why


@dataclass(frozen=True, slots=True)
class Envelope:
    """The contents of a webhook's headers."""

    id: str
    timestamp_s: int
    signatures: Sequence[str]


def is_webhook_key(key: str) -> bool:
    """Return whether this can be a key that webhooks are signed with."""
    try:
        return key.startswith(PREFIX) and len(_decoded(key)) >= LEAST_KEY_BYTES
    except (binascii.Error, ValueError):
        return False


def _decoded(key: str) -> bytes:
    text = key.removeprefix(PREFIX)
    return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)


class WebhookKeys:
    """The keys with which the provider signs its webhooks at present."""

    def __init__(self, clock: ServerClock) -> None:
        """`clock` is the provider's clock, because the provider writes the timestamps."""
        self._clock = clock
        self._keys: tuple[Webhook, ...] = ()

    def replace(self, keys: Sequence[str]) -> None:
        """Accept webhooks that are signed with one of these keys, and no others."""
        self._keys = tuple(map(Webhook, keys[:KEYS_MAX]))

    @property
    def known(self) -> bool:
        """Whether there is a key, without which nothing can be verified."""
        return bool(self._keys)

    def envelope(self, headers: Mapping[str, str]) -> Envelope:
        """Read the headers of a webhook. Raises WebhookRefused."""
        name, time = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
        signatures = headers.get("webhook-signature", "").split(" ")
        if not (_ID.fullmatch(name) and _TIMESTAMP.fullmatch(time) and 1 <= len(signatures) <= SIGNATURES_MAX):
            raise WebhookRefused(Refusal.HEADERS)
        if not any(one.startswith("v1,") for one in signatures):
            raise WebhookRefused(Refusal.HEADERS)
        if abs(self._clock.now_ms() - int(time) * 1_000) > TOLERANCE_S * 1_000:
            raise WebhookRefused(Refusal.TIME)
        return Envelope(name, int(time), signatures)

    def verify(self, envelope: Envelope, body: bytes) -> None:
        """Check that the provider has signed this body. Raises WebhookRefused."""
        try:
            text = body.decode()
        except UnicodeDecodeError as error:  # the provider sends JSON
            raise WebhookRefused(Refusal.SIGNATURE) from error
        moment = datetime.fromtimestamp(envelope.timestamp_s, UTC)
        is_signed = False
        for key in self._keys:
            expected = key.sign(envelope.id, moment, text).encode()
            for signature in envelope.signatures:
                # All are compared, each in constant time, so that the time taken reveals nothing.
                is_signed |= hmac.compare_digest(expected, signature.encode("utf-8", "replace"))
        if not is_signed:
            raise WebhookRefused(Refusal.SIGNATURE)
