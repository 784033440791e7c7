"""Keeps reads of runs from taking processor time that answers need.

A provider may allow hundreds of reads a second, and thousands of runs may all be due, for example because the provider
hangs. Reading as fast as allowed would then leave the process no time for anything else. Reads that find the end of a
run do not count once the end is stored: each run has only one, and a member is waiting for it.
"""

from collections.abc import Callable

from bot.clock import Clock

BUSY, FREE = 0.5, 0.4
"""The share of a processor above which the process counts as busy, and the one below which it counts as free."""

PERIOD_S = 1.0
SLOWER, FASTER = 0.7, 1.2
"""The factors by which a busy and a free period change how many runs may be read."""

LEAST_PER_S = 40.0
"""How many runs may always be read in a second without finding an end: about the provider's documented limit."""

SAVED_UP_S = 0.25
"""How many seconds' worth of reads may begin at once."""


class ReadingLoad:
    """How many reads without a result may be made in a second while this process is busy; any number while it is not.

    `processor_s` returns the processor time, in seconds, that the process has used so far.
    """

    def __init__(self, clock: Clock, processor_s: Callable[[], float]) -> None:
        self._clock = clock
        self._processor_s = processor_s
        self._since_s, self._used_s = clock.monotonic_s(), processor_s()
        self._begun = self._ends = 0
        self._filled_s = self._since_s
        self._allowed = float("inf")
        self.per_s = float("inf")
        """How many runs may be read in a second without finding an end."""
        self.ends_per_s = 0.0
        """How many ends were found per second lately."""

    def allowed(self, most: int) -> int:
        """Return how many of these `most` reads may begin now."""
        now_s = self._clock.monotonic_s()
        if now_s - self._since_s >= PERIOD_S:
            self._adapt(now_s)
        if now_s > self._filled_s:
            self._allowed = min(self.per_s * SAVED_UP_S, self._allowed + self.per_s * (now_s - self._filled_s))
            self._filled_s = now_s
        return max(0, int(min(most, self._allowed)))

    def begin(self) -> None:
        """Note that a read begins."""
        self._begun += 1
        self._allowed -= 1  # below zero if announced ends are read, which do not ask first

    def found_end(self) -> None:
        """Note that a read found the end of a run: such a read does not count."""
        self._ends += 1
        self._begun = max(0, self._begun - 1)
        self._allowed += 1

    def _adapt(self, now_s: float) -> None:
        used_s, elapsed_s = self._processor_s(), now_s - self._since_s
        share = (used_s - self._used_s) / elapsed_s
        if share > BUSY:
            self.per_s = max(LEAST_PER_S, min(self.per_s, self._begun / elapsed_s) * SLOWER)
        elif share < FREE:
            self.per_s *= FASTER
        self.ends_per_s = self._ends / elapsed_s
        self._since_s, self._used_s, self._begun, self._ends = now_s, used_s, 0, 0
