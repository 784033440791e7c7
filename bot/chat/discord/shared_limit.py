"""Tells the other processes that Discord limits all calls of the bot, and respects what they report.

The limit (50 calls a second, or what Discord has agreed to) counts the calls of all processes. Without this module,
each of them would repeatedly be refused before it knows that the limit is used up, and refusals count towards a ban.
Discord states the limit only when it is exceeded, so there is nothing to divide between processes beforehand.
"""

import math
from dataclasses import dataclass
from http import HTTPStatus
from typing import Self

import aiohttp

from bot.chat.discord.global_rate_limit import LONG_S, GlobalRateLimit
from bot.clock import Clock
from bot.processes.notices import LIMIT, NoNotices, Notices

LONGEST_S = LONG_S
"""A longer limit is only obeyed for this long. After that, a call of this process finds out how long it really is."""

NEWS_S = 0.05
"""How much longer than the last reported limit a new one must be for the other processes to be told again."""


class SharedLimit:
    """Holds back calls with the bot's token during a limit that another process has hit."""

    def __init__(self, clock: Clock, notices: Notices) -> None:
        self._clock = clock
        self._notices = notices
        self._until_s = self._told_s = -math.inf
        notices.listen(LIMIT, self._heard)

    def observe(self, trace: aiohttp.TraceConfig) -> None:
        """Watch the answers that a session receives."""

        async def seen(_session: object, _context: object, params: aiohttp.TraceRequestEndParams) -> None:
            answer = params.response
            is_global = answer.headers.get("X-RateLimit-Global", "").lower() == "true"
            if answer.status == HTTPStatus.TOO_MANY_REQUESTS and is_global:
                self._refused(_seconds(answer.headers.get("Retry-After", "")))

        trace.on_request_end.append(seen)

    async def over(self) -> None:
        """Wait until the limit that another process has hit is over."""
        while (left_s := self._until_s - self._clock.monotonic_s()) > 0:
            await self._clock.sleep(left_s)

    def _refused(self, limit_s: float) -> None:
        until_s = self._clock.monotonic_s() + limit_s
        if until_s > self._told_s + NEWS_S:
            self._told_s = until_s
            self._notices.tell(LIMIT, f"{limit_s:.3f}")

    def _heard(self, text: str) -> None:
        self._until_s = max(self._until_s, self._clock.monotonic_s() + _seconds(text))


@dataclass(frozen=True, slots=True)
class CallLimits:
    """The limits of all calls with the bot's token: long ones, and those that other processes have hit."""

    long: GlobalRateLimit
    shared: SharedLimit

    @classmethod
    def known(cls, clock: Clock, notices: Notices | None = None) -> Self:
        """Return an object that knows no limit yet. Without `notices`, there is only one process."""
        return cls(GlobalRateLimit(clock), SharedLimit(clock, notices or NoNotices()))

    def observe(self, trace: aiohttp.TraceConfig) -> None:
        """Watch the answers that a session receives."""
        self.long.observe(trace)
        self.shared.observe(trace)


def _seconds(text: str) -> float:
    """Read a time; 0 if the text is not one, as in a notice that stands for lost notices."""
    try:
        seconds = float(text)
    except ValueError:
        return 0.0
    return min(seconds, LONGEST_S) if seconds > 0 else 0.0
