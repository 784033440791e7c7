"""Rate limits as measured on the official host: one bucket per kind of call, which holds a minute's worth of calls."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from sandbox.clock import SandboxClock

Kind = Literal["create", "read", "other"]
MINUTE = 60.0


@dataclass(frozen=True, slots=True)
class Limits:
    """Calls per minute; a bucket contains one minute's calls, or `create_burst` for creates."""

    create: int = 600
    read: int = 60_000
    other: int = 3_000
    create_burst: int | None = None


@dataclass(slots=True)
class _Bucket:
    per_minute: float
    capacity: float
    left: float = field(init=False)
    filled: float = 0.0

    def __post_init__(self) -> None:
        self.left = self.capacity

    def take(self, now: float) -> float:
        """Take a token and return 0, or return the seconds until there is one."""
        self.left = min(self.capacity, self.left + max(0.0, now - self.filled) * self.per_minute / MINUTE)
        self.filled = now
        if self.left < 1:
            return (1 - self.left) * MINUTE / self.per_minute
        self.left -= 1
        return 0.0


class RateLimits:
    """The buckets of one key."""

    def __init__(self, clock: SandboxClock, limits: Limits) -> None:
        self._clock = clock
        self._limits = limits
        self._buckets: Mapping[Kind, _Bucket] = {
            "create": _Bucket(limits.create, limits.create_burst or limits.create),
            "read": _Bucket(limits.read, limits.read),
            "other": _Bucket(limits.other, limits.other),
        }

    def take(self, kind: Kind) -> float:
        """Count one call; return 0 if it is allowed, or the seconds until it is."""
        return self._buckets[kind].take(self._clock.now())

    def headers(self, kind: Kind) -> dict[str, str]:
        """Return the headers with the remaining calls, which every authenticated response has."""
        return {"ratelimit-remaining": str(int(self._buckets[kind].left)), "ratelimit-reset": "1"}

    def throttled(self, kind: Kind, wait_s: float) -> str:
        """Return the text of a 429."""
        resets = f"Your rate limit resets in ~{max(1, round(wait_s))}s."
        burst = self._limits.create_burst
        if kind != "create" or burst is None:
            return f"Request was throttled. {resets}"
        return (
            "Request was throttled. Your rate limit for creating predictions is reduced to "
            f"{self._limits.create} requests per minute with a burst of {burst} requests "
            f"while you have less than $5.0 in credit. {resets}"
        )
