"""Starts no more sessions than Discord allows: one per 5 seconds for each rate limit key, and a limited number per day.

Several processes take turns. That limits how many sessions the others can have started: one for each key and window
since Discord's last answer. So Discord is asked again only when the starts that it last allowed might be used up.

Discord resets the token of a bot that starts too many sessions (events/gateway, Identifying), so the last allowed start
stays unused.
"""

import asyncio
import logging
import math
from collections import defaultdict
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Protocol

from bot.chat.discord.gateway.gateway_offer import GatewayOffer
from bot.clock import Clock

WINDOW_S = 5.25
"""The seconds from Discord's answer to an IDENTIFY until the next one with the same key. Discord requires five."""

UNUSED = 1
"""How many session starts to leave unused: Discord does not say whether the last one is one too many."""

LONGEST_PAUSE_S = 60.0
"""The longest pause before Discord is asked again whether it allows more session starts."""

log = logging.getLogger(__name__)


class Turns(Protocol):
    """Lets one shard at a time start a session with a rate limit key, and none for a while after that."""

    async def take(self, key: int) -> float:
        """Take a key's turn and return 0, or return how many seconds to wait before asking again."""
        ...

    async def end(self, key: int, pause_s: float) -> None:
        """End the turn of a key. Nobody may take it again for this time."""
        ...


class OwnTurns:
    """The turns of a single process. Its shards do not ask for the same key at the same time."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._free_s: dict[int, float] = {}

    async def take(self, key: int) -> float:
        """Return 0 if the key is free; see `Turns.take`."""
        return max(0.0, self._free_s.get(key, -math.inf) - self._clock.monotonic_s())

    async def end(self, key: int, pause_s: float) -> None:
        """Keep everyone from taking the turn for this time."""
        self._free_s[key] = self._clock.monotonic_s() + pause_s


class IdentifyPace:
    """Lets the shards of a process identify one after the other. `ask` asks Discord for its limits."""

    def __init__(
        self, ask: Callable[[], Awaitable[GatewayOffer]], clock: Clock, shared_turns: Turns | None = None
    ) -> None:
        """`shared_turns` are the turns that several processes take; None for a single process."""
        self._ask = ask
        self._clock = clock
        self._turns = shared_turns or OwnTurns(clock)
        self._is_shared = shared_turns is not None
        self._left = 0
        self._offered_s = -math.inf
        self.keys = 1
        """How many shards may identify at the same time."""
        self._one_of_key: defaultdict[int, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._allowed_s: float | None = None

    def offered(self, offer: GatewayOffer) -> None:
        """Apply Discord's current limits."""
        self._left = offer.starts_left
        self._offered_s = self._clock.monotonic_s()
        self.keys = offer.max_concurrency

    @property
    def waits_s(self) -> float | None:
        """The seconds until Discord allows session starts again; None if it allows them now."""
        return None if self._allowed_s is None else max(0.0, self._allowed_s - self._clock.monotonic_s())

    @asynccontextmanager
    async def turn(self, shard: int) -> AsyncGenerator[None]:
        """Wait until this shard may identify. Until the block ends, no other shard with the same key identifies.

        Raises what `ask` raises, and Fenced if other processes have ended this process.
        """
        key = shard % self.keys
        async with self._one_of_key[key]:
            await self._budget()
            self._left -= 1
            while (wait_s := await self._turns.take(key)) > 0:
                await self._clock.sleep(wait_s)
            try:
                yield
            finally:
                await self._turns.end(key, WINDOW_S)

    @property
    def _surely_left(self) -> int:
        if not self._is_shared:
            return self._left
        windows = 1 + (self._clock.monotonic_s() - self._offered_s) / WINDOW_S
        return math.floor(self._left - self.keys * windows)

    async def _budget(self) -> None:
        while self._surely_left <= UNUSED:
            offer = await self._ask()
            self.offered(offer)
            if self._surely_left > UNUSED:
                break
            if self._allowed_s is None:
                log.warning("Discord allows no further session start for %.0f min", offer.renewed_s / 60)
            self._allowed_s = self._clock.monotonic_s() + offer.renewed_s
            await self._clock.sleep(min(max(offer.renewed_s, 1.0), LONGEST_PAUSE_S))
        self._allowed_s = None
