"""Counts the answers for which Discord bans an address: more than 10,000 of them in 10 minutes (topics/rate-limits)."""

from collections import deque
from collections.abc import Mapping
from http import HTTPStatus

from bot.clock import Clock

COUNTED = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.TOO_MANY_REQUESTS})
LIMIT = 10_000
WINDOW_S = 600.0
STEP_S = 10.0
"""The resolution of the window, so that 10,000 requests take up only 60 numbers."""


class InvalidRequests:
    """The requests that Discord has counted since the process started, by status, and those in its time window."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._recent: deque[tuple[float, int]] = deque()
        self.by_status = {status.value: 0 for status in sorted(COUNTED)}

    def answered(self, status: int, headers: Mapping[str, str]) -> None:
        """Count an answer, if Discord counts it. It does not if others used up the limit (a `shared` one)."""
        if status not in self.by_status or headers.get("X-RateLimit-Scope") == "shared":
            return
        self.by_status[status] += 1
        now_s = self._clock.monotonic_s()
        began_s, count = self._recent[-1] if self._recent else (float("-inf"), 0)
        if now_s - began_s < STEP_S:
            self._recent[-1] = (began_s, count + 1)
        else:
            self._forget(now_s)
            self._recent.append((now_s, 1))

    def recent(self) -> int:
        """Return how many such answers there were in the last 10 minutes."""
        self._forget(self._clock.monotonic_s())
        return sum(count for _, count in self._recent)

    def _forget(self, now_s: float) -> None:
        # A step counts until its last request is certainly too old: it is better to count requests for too long than
        # not long enough.
        while self._recent and now_s - self._recent[0][0] >= WINDOW_S + STEP_S:
            self._recent.popleft()
