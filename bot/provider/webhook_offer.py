"""Finds out whether the provider sends webhooks, and keeps the keys that it signs them with up to date.

The official API gives its signing key to anyone with the API key; a gateway usually does not know the call, and then
no webhooks are requested. The key is requested again every hour, and after a webhook whose signature matches no key,
because the key may have been replaced.
"""

import asyncio
import logging
from collections.abc import Sequence
from typing import Protocol

from bot.clock import Clock, end, wakeup_or_time
from bot.errors import ProviderBusy, ProviderDown, RunFailed
from bot.provider.webhooks import WebhookKeys

ASK_S = 3_600.0
"""How often the provider is asked for its signing key."""

AFTER_ERROR_S = 60.0
LEAST_S = 300.0
"""The minimum time between two requests for the key: anyone can send a webhook with a signature that matches no key."""

UNKNOWN = "the provider has not told yet whether it offers them"
NOT_OFFERED = "the provider does not offer them"
REFUSED = "the provider refuses requests with them"

log = logging.getLogger(__name__)


class SigningKeys(Protocol):
    """A source of the provider's signing key; `bot.provider.client` implements it."""

    async def webhook_key(self) -> str | None:
        """Return the key that webhooks are signed with; None if the provider offers no webhooks. Raises RunFailed."""
        ...


class WebhookOffer:
    """Knows whether runs can be created with a webhook at present.

    `address` is where the provider sends them. With `given` keys, which the operator has set, none are requested.
    """

    def __init__(
        self, address: str, source: SigningKeys, keys: WebhookKeys, clock: Clock, *, given: Sequence[str] = ()
    ) -> None:
        self._address = address
        self._source = source
        self._keys = keys
        self._clock = clock
        self._given = given
        self._known: tuple[str, ...] = ()
        self._off: str | None = UNKNOWN
        self._doubts = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self.asked = asyncio.Event()
        """Set once the provider has been asked for the first time, whether or not it answered."""
        if given:
            keys.replace(given)
            self._off = None
            self.asked.set()

    @property
    def address(self) -> str | None:
        """The address for the webhook of a new run; None while runs are created without one."""
        return None if self._off else self._address

    @property
    def off(self) -> str | None:
        """The reason why runs are created without a webhook; None if they have one."""
        return self._off

    def start(self) -> None:
        """Keep the keys up to date in the background."""
        if not self._given:
            self._task = asyncio.create_task(self._run(), name="webhook keys")

    async def stop(self) -> None:
        """Stop the background task."""
        if self._task is not None:
            await end([self._task])

    def doubt(self) -> None:
        """Ask for the key again soon, because a signature matches no known key."""
        self._doubts.set()

    def refused(self, reason: str) -> None:
        """Create no more runs with a webhook, after the provider has refused a run because of its webhook."""
        if self._off is None:
            log.error("the provider refuses webhooks, so runs are read until they end: %s", reason)
        self._off = REFUSED

    async def _run(self) -> None:
        while self._off != REFUSED:
            pause_s = await self._ask()
            self.asked.set()
            await self._clock.sleep(min(LEAST_S, pause_s))
            await wakeup_or_time(self._doubts, self._clock, max(0.0, pause_s - LEAST_S))

    async def _ask(self) -> float:
        """Ask for the key; return the seconds until the next request."""
        try:
            key = await self._source.webhook_key()
        except (ProviderDown, ProviderBusy) as error:
            log.warning("the provider cannot be asked for its webhooks now: %s", error)
            return AFTER_ERROR_S
        except RunFailed as error:
            self._now_off(f"{NOT_OFFERED} ({error})")
            return ASK_S
        except Exception:  # a bug here must not end the task: webhooks would be off for good
            log.exception("the question for the webhooks' key failed")
            return AFTER_ERROR_S
        if key is None:
            self._now_off(NOT_OFFERED)
            return ASK_S
        self._now_on(key)
        return ASK_S

    def _now_on(self, key: str) -> None:
        # The previous key stays valid until the next request: webhooks signed with it may be sent again for a while.
        before = self._known[:1] if self._known[:1] != (key,) else ()
        if before:
            log.warning("the provider signs its webhooks with another key now")
        self._known = (key, *before)
        self._keys.replace(self._known)
        if self._off not in {None, REFUSED}:
            log.info("the provider sends webhooks to %s", self._address)
            self._off = None

    def _now_off(self, reason: str) -> None:
        if self._off != reason:
            log.info("runs are created without webhooks: %s", reason)
        self._known = ()
        self._keys.replace(())
        if self._off != REFUSED:
            self._off = reason
