"""Counts Discord's answers and gateway events, for metrics."""

from collections.abc import Mapping
from http import HTTPStatus

from bot.chat.discord.invalid_request_count import InvalidRequests
from bot.clock import Clock

CLASSES = ("2xx", "3xx", "4xx", "429", "5xx")
"""The classes by which answers are counted; rate limits are separate from other refusals."""

GATEWAY_EVENTS = ("connected", "resumed", "disconnected")


class Traffic:
    """The counts since this process started."""

    def __init__(self, clock: Clock) -> None:
        self.invalid = InvalidRequests(clock)
        self.answers: dict[str, int] = dict.fromkeys(CLASSES, 0)
        self.gateway: dict[str, int] = dict.fromkeys(GATEWAY_EVENTS, 0)

    def answered(self, status: int, headers: Mapping[str, str]) -> None:
        """Count an answer of the REST API."""
        self.invalid.answered(status, headers)
        name = "429" if status == HTTPStatus.TOO_MANY_REQUESTS else f"{status // 100}xx"
        if name in self.answers:
            self.answers[name] += 1
