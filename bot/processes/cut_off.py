"""Decides whether a gateway process should leave its shards to others because only it lost its connection. No I/O.

While Discord is unreachable for everyone, no process is better off than another, so nothing moves. When it comes back,
all processes have the same time to connect again before the first one takes shards.
"""

from bot.clock import Clock

ALONE_S = 120.0
"""How long a process has no connection, while another process has one, before it leaves its shards to others.

A lost connection is retried after at most a minute, and the attempt may take another minute. So a passing fault moves
nothing, and members wait for two minutes instead of forever.
"""

STEADY_S = 60.0
"""How long a process has to be connected before it takes shards again. A connection lost sooner is unreliable."""


class CutOff:
    """What a process has observed about its own connection and those of others."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._since_s: float | None = None
        self.is_away = False
        """Whether the process leaves its shards to others."""

    def look(self, *, connected: bool, others_connected: bool, has_heirs: bool) -> bool:
        """Record the present state, and return whether the process leaves its shards to others.

        `connected` says whether it has any connection, `others_connected` whether another process has one, and
        `has_heirs` whether any other process takes shards.
        """
        if self.is_away and not has_heirs:  # otherwise no process would ever hold them
            self._turn()
            return self.is_away
        turns = connected if self.is_away else others_connected and not connected
        now_s = self._clock.monotonic_s()
        if not turns:
            self._since_s = None
        elif self._since_s is None:
            self._since_s = now_s
        elif now_s - self._since_s >= (STEADY_S if self.is_away else ALONE_S):
            self._turn()
        return self.is_away

    def come_back(self) -> None:
        """Start over, as all processes do."""
        self._since_s, self.is_away = None, False

    def _turn(self) -> None:
        self._since_s, self.is_away = None, not self.is_away
