"""Remembers a rate limit on all calls that lasts longer than the library is willing to wait.

discord.py reports such a limit as an error and forgets it, so every further call would hit it again. Discord blocks an
address after 10,000 such answers in 10 minutes (topics/rate-limits), and many jobs waiting for their delivery can reach
that. Now and then one call is let through, because a proxy may have given too long a time, or none.
"""

import logging
from http import HTTPStatus
from typing import cast

import aiohttp

from bot.chat.discord.sent_data import fields
from bot.clock import Clock

LONG_S = 30.0
"""Shorter limits from Discord are left to the library, which waits. It never waits for limits that a proxy sets."""

PROBE_S = 30.0
"""How often a call is let through."""

LONGEST_S = 24 * 60 * 60.0
"""Longer limits are not believed."""

log = logging.getLogger(__name__)


class GlobalRateLimit:
    """A limit on all calls with the bot's token. Calls with an interaction's token have their own limits."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._until_s = self._probe_s = float("-inf")

    def observe(self, trace: aiohttp.TraceConfig) -> None:
        """Watch the answers that a session receives."""

        async def seen(_session: object, _context: object, params: aiohttp.TraceRequestEndParams) -> None:
            if "Authorization" not in params.headers:
                return
            if params.response.status != HTTPStatus.TOO_MANY_REQUESTS:
                self._until_s = float("-inf")
            elif (limit_s := await _limit_s(params.response)) is not None:
                self._begin(limit_s)

        trace.on_request_end.append(seen)

    def refused_for_s(self) -> float:
        """Return how long the limit will last if a call must not be sent now; 0 if it may be sent."""
        now_s = self._clock.monotonic_s()
        if now_s >= self._until_s:
            return 0.0
        if now_s >= self._probe_s:
            self._probe_s = now_s + PROBE_S
            return 0.0
        return self._until_s - now_s

    def _begin(self, limit_s: float) -> None:
        now_s = self._clock.monotonic_s()
        if now_s >= self._until_s:
            log.warning("Discord limits all calls for %.0f s; until then only a few are sent", limit_s)
        self._until_s, self._probe_s = now_s + limit_s, now_s + PROBE_S


async def _limit_s(response: aiohttp.ClientResponse) -> float | None:
    """Return how long an answer limits all calls; None if it limits only some of them, or only briefly.

    Reading it here leaves it readable for discord.py.
    """
    try:
        body: object = await response.json(content_type=None)
    except (ValueError, aiohttp.ClientError):
        body = None
    told = fields(body)
    limit_s = _seconds(told.get("retry_after") or response.headers.get("Retry-After"))
    if not told or "Via" not in response.headers:  # Cloudflare's answer, not Discord's
        return limit_s
    return limit_s if told.get("global") is True and limit_s > LONG_S else None


def _seconds(told: object) -> float:
    try:
        seconds = float(cast("str", told))
    except (TypeError, ValueError):  # none, or a date, which proxies may send
        return PROBE_S
    return seconds if 0 < seconds < LONGEST_S else PROBE_S
