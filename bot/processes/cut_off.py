"""Whether a gateway process should leave its shards to others, because it alone has lost Discord. Pure: no I/O.

While Discord is away for everybody, nobody is any better, so nothing moves. When it comes back, each process has the
same time to be connected again before the first one takes its shards.
"""

from bot.clock import Clock

ALONE_S = 120.0
"""After how long without any connection, while another process has one, a process leaves its shards to others.

A lost connection is tried again after a minute at most, and a try may take another one. So a passing fault moves
nothing; members wait two minutes instead of for ever.
"""

STEADY_S = 60.0
"""How long it has to be connected before it takes shards again. A connection that is lost sooner is not a good one."""


class CutOff:
    """What a process has seen of its own connection and those of others."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._since_s: float | None = None
        self.is_away = False
        """Whether it leaves its shards to others."""

    def look(self, *, connected: bool, others_connected: bool, has_heirs: bool) -> bool:
        """Note how things are now, and return whether the process leaves its shards to others.

        `connected` says whether it has any connection, `others_connected` whether another process has one, and
        `has_heirs` whether any other takes shards.
        """
        if self.is_away and not has_heirs:  # nobody else would ever have them
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
        """Begin anew, as all processes do."""
        self._since_s, self.is_away = None, False

    def _turn(self) -> None:
        self._since_s, self.is_away = None, not self.is_away
