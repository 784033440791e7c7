"""Discord's ids: 42 bits of milliseconds since 2015, and 22 bits that distinguish ids from the same millisecond."""

import secrets

from sandbox.clock import SandboxClock

DISCORD_EPOCH_MS = 1_420_070_400_000


class Snowflakes:
    """Generates unique ids that increase with the sandbox's clock."""

    def __init__(self, clock: SandboxClock, *, newest: int = 0) -> None:
        self._clock = clock
        self.newest = newest

    def next(self) -> int:
        """Return a new id for the current time."""
        candidate = (self._clock.now_ms() - DISCORD_EPOCH_MS) << 22
        self.newest = max(candidate, self.newest + 1)
        return self.newest


def made_earlier(time_ms: int) -> int:
    """Return an id for that time, for something that is older than the sandbox."""
    return (time_ms - DISCORD_EPOCH_MS) << 22 | secrets.randbits(22)


def made_at_ms(snowflake: int) -> int:
    """Return when an id was made, in milliseconds since 1970."""
    return (snowflake >> 22) + DISCORD_EPOCH_MS
