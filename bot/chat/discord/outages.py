"""Distinguishes Discord's outages, which pass, from errors that stay until someone changes something."""

from http import HTTPStatus
from typing import cast

import aiohttp
import discord

from bot.connection_errors import cause

TOO_MANY_CREATES = 30034
"""The error code for more than 200 new commands in a day (interactions/application-commands)."""

REASON_CHARACTERS = 200
"""The maximum length of a reason: proxies answer with whole pages, which nobody wants in logs or one-line messages."""

LONGEST_ASKED_S = 3_600.0
"""The longest pause that an answer can require: a longer one may be a mistake, and one call an hour harms nobody."""

NO_ANSWER = (OSError, TimeoutError, aiohttp.ClientError)
"""The exceptions that a call raises if it gets no answer at all."""


def is_outage(error: BaseException) -> bool:
    """Return whether a server answered that it cannot do this now: a 5xx, a 429, or the 403 page of a proxy."""
    if isinstance(error, discord.RateLimited | discord.GatewayNotFound):
        return True
    if isinstance(error, discord.HTTPException):
        # Discord's own refusals are JSON with a code. Without one, a proxy in front of it has answered.
        return _passes(error.status) or (error.status == HTTPStatus.FORBIDDEN and not error.code)
    if isinstance(error, aiohttp.ClientResponseError):
        return _passes(error.status) or error.status == HTTPStatus.FORBIDDEN
    return False


def retry_after_s(error: BaseException) -> float:
    """Return how many seconds to wait according to the answer, up to an hour; 0 if it does not say."""
    asked: object = None
    if isinstance(error, discord.RateLimited):
        asked = error.retry_after
    elif isinstance(error, discord.HTTPException):
        asked = error.response.headers.get("Retry-After")
    try:
        return min(max(0.0, float(cast("str", asked or 0))), LONGEST_ASKED_S)
    except ValueError:  # a date, which proxies may send
        return 0.0


def reason(error: BaseException) -> str:
    """Describe an error in one short line."""
    if isinstance(error, discord.HTTPException) and not error.code:
        return f"HTTP {error.status} without an answer of Discord's"
    text = cause(error)
    return text if len(text) <= REASON_CHARACTERS else f"{text[:REASON_CHARACTERS]}…"


def _passes(status: int) -> bool:
    return status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.TOO_MANY_REQUESTS
