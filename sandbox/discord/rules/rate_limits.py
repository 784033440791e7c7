"""Discord's rate limits: buckets, their headers, and the 429.

Buckets are fixed windows that begin with their first request, as Discord's headers describe them. Discord does not
publish its numbers ("read the headers"); the table contains those that bots have measured.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from sandbox.discord.rules.error_codes import Code


class Scope(StrEnum):
    """The value of `X-RateLimit-Scope`: the kind of limit that was hit."""

    USER = "user"
    GLOBAL = "global"
    SHARED = "shared"


@dataclass(frozen=True, slots=True)
class Limit:
    """A number of requests per window in seconds, for each top-level resource (channel, guild, interaction ...)."""

    name: str
    requests: int
    window_s: float


GLOBAL = Limit("global", 50, 1.0)
"""All routes with the bot's token; interaction callbacks and webhooks are exempt. Source: Discord's docs."""
MESSAGE_CREATE = Limit("message-create", 5, 5.0)
MESSAGE_EDIT = Limit("message-edit", 5, 5.0)
MESSAGE_DELETE = Limit("message-delete", 5, 1.0)
MESSAGE_READ = Limit("message-read", 5, 5.0)
INTERACTION_WEBHOOK = Limit("interaction-webhook", 5, 2.0)
"""Per interaction, as measured in discord-api-docs#2701."""
INTERACTION_WEBHOOK_LONG = Limit("interaction-webhook-minute", 30, 60.0)
"""The second, slower limit of the same webhooks; measured in the same issue."""
COMMANDS = Limit("commands", 5, 20.0)
DM_OPEN = Limit("dm-open", 10, 10.0)
OTHER = Limit("other", 10, 5.0)
OLD_EDITS = Limit("old-edits", 10, 3600.0)
"""Edits to messages older than one hour, per channel. Discord does not publish this limit; this is a strict guess."""
COMMAND_CREATES = Limit("command-creates", 200, 86_400.0)
"""New commands per day, for each guild or globally. Source: Discord's docs."""

OLD_MESSAGE_S = 3600
"""The age from which a message counts as old, in seconds."""
SWEEP_EVERY_S = 60.0


@dataclass(frozen=True, slots=True)
class Allowance:
    """The state of a bucket after one request."""

    limit: Limit
    key: str
    allowed: bool
    remaining: int
    reset_at: float
    reset_after_s: float
    scope: Scope = Scope.USER

    @property
    def bucket(self) -> str:
        """Return the bucket's name in the headers, which identifies the limit and not the resource."""
        return self.limit.name

    def headers(self) -> dict[str, str]:
        """Return the five headers, and those of a 429 if the request was rejected.

        `Via` is included because discord.py treats a 429 without it as a ban.
        """
        headers = {
            "X-RateLimit-Limit": str(self.limit.requests),
            "X-RateLimit-Remaining": str(self.remaining),
            "X-RateLimit-Reset": f"{self.reset_at:.3f}",
            "X-RateLimit-Reset-After": f"{self.reset_after_s:.3f}",
            "X-RateLimit-Bucket": self.bucket,
        }
        if self.allowed:
            return headers
        refusal = {
            "Via": "1.1 sandbox",
            "Retry-After": f"{self.reset_after_s:.3f}",
            "X-RateLimit-Scope": self.scope.value,
        }
        if self.scope is Scope.GLOBAL:
            return refusal | {"X-RateLimit-Global": "true"}
        return headers | refusal

    def body(self, code: Code | None = None) -> dict[str, object]:
        """Return the JSON body of the 429; `code` is for limits with a code of their own, such as 30046."""
        return {
            "message": code.text if code else "You are being rate limited.",
            "retry_after": self.reset_after_s,
            "global": self.scope is Scope.GLOBAL,
            "code": code.number if code else 0,
        }


@dataclass(slots=True)
class _Window:
    ends_at: float
    used: int


class RateLimiter:
    """Counts requests by limit and resource. Times are seconds since 1970 on the clock `now`."""

    def __init__(self, now: Callable[[], float], *, overrides: Mapping[str, Limit] | None = None) -> None:
        self._now = now
        self._overrides = dict(overrides or {})
        self._windows: dict[tuple[str, str], _Window] = {}
        self._sweep_at = now() + SWEEP_EVERY_S

    def take(self, limit: Limit, key: str, *, count: int = 1) -> Allowance:
        """Count a request (or several at once) against a limit, unless that would exceed it."""
        limit = self._overrides.get(limit.name, limit)
        window = self._window(limit, key)
        allowed = window.used + count <= limit.requests
        if allowed:
            window.used += count
        return self._allowance(limit, key, window, allowed=allowed)

    def peek(self, limit: Limit, key: str) -> Allowance:
        """Return a bucket's state without counting a request."""
        limit = self._overrides.get(limit.name, limit)
        window = self._window(limit, key)
        return self._allowance(limit, key, window, allowed=window.used < limit.requests)

    def take_all(self, limits: tuple[tuple[Limit, str], ...]) -> Allowance:
        """Count a request against all limits, or none if one rejects it; return that one, or the most exhausted."""
        looks = [self.peek(limit, key) for limit, key in limits]
        refused = next((look for look in looks if not look.allowed), None)
        if refused is not None:
            return refused
        taken = [self.take(limit, key) for limit, key in limits]
        named = [one for one in taken if one.scope is Scope.USER] or taken
        return min(named, key=lambda one: one.remaining / one.limit.requests)

    def _window(self, limit: Limit, key: str) -> _Window:
        now = self._now()
        window = self._windows.get((limit.name, key))
        if window is None or window.ends_at <= now:
            self._sweep(now)
            window = self._windows[limit.name, key] = _Window(now + limit.window_s, 0)
        return window

    def _sweep(self, now: float) -> None:
        if now < self._sweep_at:
            return
        self._sweep_at = now + SWEEP_EVERY_S
        for key in [key for key, window in self._windows.items() if window.ends_at <= now]:
            del self._windows[key]

    def _allowance(self, limit: Limit, key: str, window: _Window, *, allowed: bool) -> Allowance:
        scope = Scope.GLOBAL if limit.name == GLOBAL.name else Scope.USER
        left = max(0, limit.requests - window.used)
        return Allowance(limit, key, allowed, left, window.ends_at, _rounded_up(window.ends_at - self._now()), scope)


def _rounded_up(seconds: float) -> float:
    """Round up to whole milliseconds, as in the headers, so that waiting that long is always enough."""
    return max(0, math.ceil(round(seconds * 1_000, 3))) / 1_000
