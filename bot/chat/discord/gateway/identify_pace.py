"""Starts no more sessions than Discord allows: one in 5 seconds for each rate limit key, and so many in a day.

Discord resets the token of a bot that starts too many (events/gateway, Identifying), so the last ones stay unused.
"""

import asyncio
import logging
import math
from collections import defaultdict
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager

from bot.chat.discord.gateway.gateway_offer import GatewayOffer
from bot.clock import Clock

WINDOW_S = 5.25
"""The seconds between two IDENTIFYs with the same key. Discord's five, and what the network may take away from them."""

UNUSED = 1
"""How many session starts are left alone: Discord does not say whether the last one is one too many."""

LONGEST_PAUSE_S = 60.0
"""After how long Discord is asked again whether it allows more."""

log = logging.getLogger(__name__)


class IdentifyPace:
    """Lets the shards of a process identify one after the other. `ask` asks Discord what it allows."""

    def __init__(self, ask: Callable[[], Awaitable[GatewayOffer]], clock: Clock) -> None:
        self._ask = ask
        self._clock = clock
        self._left = 0
        self.keys = 1
        """How many shards may identify together."""
        self._turns: defaultdict[int, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._newest_s: dict[int, float] = {}
        self._allowed_s: float | None = None

    def offered(self, offer: GatewayOffer) -> None:
        """Go by what Discord allows now."""
        self._left = offer.starts_left
        self.keys = offer.max_concurrency

    @property
    def waits_s(self) -> float | None:
        """In how many seconds Discord allows session starts again; None if it allows them now."""
        return None if self._allowed_s is None else max(0.0, self._allowed_s - self._clock.monotonic_s())

    @asynccontextmanager
    async def turn(self, shard: int) -> AsyncGenerator[None]:
        """Wait until this shard may identify. Until this ends, no other one with its key does.

        Raises what `ask` raises.
        """
        async with self._turns[self._key(shard)]:
            await self._budget()
            self._left -= 1
            wait_s = self._newest_s.get(self._key(shard), -math.inf) + WINDOW_S - self._clock.monotonic_s()
            if wait_s > 0:
                await self._clock.sleep(wait_s)
            yield

    def identifies(self, shard: int) -> None:
        """Note that a shard identifies now: connecting took a while since its turn began."""
        self._newest_s[self._key(shard)] = self._clock.monotonic_s()

    def _key(self, shard: int) -> int:
        return shard % self.keys

    async def _budget(self) -> None:
        while self._left <= UNUSED:
            offer = await self._ask()
            self.offered(offer)
            if self._left > UNUSED:
                break
            if self._allowed_s is None:
                log.warning("Discord allows no further session start for %.0f min", offer.renewed_s / 60)
            self._allowed_s = self._clock.monotonic_s() + offer.renewed_s
            await self._clock.sleep(min(max(offer.renewed_s, 1.0), LONGEST_PAUSE_S))
        self._allowed_s = None
