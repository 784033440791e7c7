"""How many shards a bot should have, and how often and how fast it may start sessions.

Source: Discord's documentation, "Gateway": Identifying, Sharding, Session Start Limit Object, Rate Limiting.
"""

import math
from dataclasses import dataclass, field

from sandbox.clock import SandboxClock
from sandbox.discord.world.state import Json, World

GUILDS_FOR_A_SHARD = 1_000
"""Discord recommends about one shard for this many guilds."""

WINDOW_S = 86_400.0
"""The period in which a bot may use its allowed number of session starts, in seconds."""


@dataclass(frozen=True, slots=True)
class GatewayLimits:
    """The gateway's recommendations to a bot, and its limits.

    `shards` is the recommended number; None recommends as many as the bot's guilds need. `starts` is the number of
    IDENTIFYs in 24 hours; `max_concurrency` of them may come within `identify_s` seconds, each from a shard with a
    different rate limit key.
    """

    shards: int | None = None
    max_concurrency: int = 1
    starts: int = 1_000
    guilds_a_shard: int = 2_500
    identify_s: float = 5.0


@dataclass(slots=True)
class SessionStarts:
    """Counts a bot's IDENTIFYs."""

    world: World
    clock: SandboxClock
    limits: GatewayLimits
    used: int = 0
    too_fast: int = 0
    """How many IDENTIFYs came too soon after another one, on any connection, and were refused."""
    _ends: float = 0.0
    _newest: dict[int, float] = field(default_factory=dict[int, float])

    @property
    def shards(self) -> int:
        """The recommended number of shards."""
        guilds = sum(self.world.bot.id in guild.members for guild in self.world.guilds.values())
        return self.limits.shards or max(1, math.ceil(guilds / GUILDS_FOR_A_SHARD))

    @property
    def remaining(self) -> int:
        """How many IDENTIFYs are left."""
        self._renew()
        return max(0, self.limits.starts - self.used)

    def limit(self) -> Json:
        """Describe the limit as a session start limit object."""
        left_s = self._ends - self.clock.now()
        # Rounded up, so that a bot that waits for exactly that long is not early; `round` removes the noise of floats.
        left_ms = math.ceil(round((left_s if left_s > 0 else WINDOW_S) * 1_000, 3))
        return {
            "total": self.limits.starts,
            "remaining": self.remaining,
            "reset_after": left_ms,
            "max_concurrency": self.limits.max_concurrency,
        }

    def use(self) -> bool:
        """Count an IDENTIFY; False if it is one too many."""
        self._renew()
        if not self.used:
            self._ends = self.clock.now() + WINDOW_S
        self.used += 1
        return self.used <= self.limits.starts

    def is_too_fast(self, shard: int) -> bool:
        """Return whether an IDENTIFY comes too soon after another one with the same rate limit key."""
        key, now = shard % self.limits.max_concurrency, self.clock.now()
        if now - self._newest.get(key, -math.inf) < self.limits.identify_s:
            self.too_fast += 1
            return True
        self._newest[key] = now
        return False

    def _renew(self) -> None:
        if self.used and self.clock.now() >= self._ends:
            self.used = 0
