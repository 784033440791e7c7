"""Parses the waiting time in a 429 answer, which comes in four forms; one answer may contain several."""

import math
import re
from collections.abc import Mapping
from email.utils import parsedate_to_datetime

DEFAULT_S = 1.0
"""The wait in seconds if the answer does not give one."""

CAP_S = 300.0
"""The longest wait in seconds: a longer one may be a mistake, and the next attempt gets a new answer anyway."""

_BEFORE_WAIT = ("reset", "available in", "again in", "retry after")

_HEADER_CHARS = 100
_TEXT_CHARS = 2_000

_IN_TEXT = re.compile(r"(\d{1,6}(?:\.\d{1,9})?)\s{0,9}s(?:ec(?:ond)?s?)?\b", re.IGNORECASE)


def retry_after_s(headers: Mapping[str, str], *, body: object, text: str, now_ms: int) -> float:
    """Return how many seconds to wait, from 0 to CAP_S.

    Uses `retry_after` in the body, otherwise the number in "resets in ~9s", otherwise the `Retry-After` header, which
    contains seconds or an HTTP date. `now_ms` is the server's time, for an answer without a `Date`.
    """
    header = headers.get("Retry-After", "")[:_HEADER_CHARS]
    # Both dates of one answer come from the same clock, so it does not matter whether that clock is right.
    sent_s = _from_date(headers.get("Date", "")[:_HEADER_CHARS], 0)
    now_ms = now_ms if sent_s is None else round(sent_s * 1_000)
    for found in (_number(body), _from_text(text[:_TEXT_CHARS]), _number(header), _from_date(header, now_ms)):
        if found is not None:
            return min(max(found, 0.0), CAP_S)
    return DEFAULT_S


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    if isinstance(value, str) and len(value) > _HEADER_CHARS:
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _from_text(text: str) -> float | None:
    # Only after one of these words: the text also contains other numbers, such as the rate limit itself.
    start = max(text.rfind(word) for word in _BEFORE_WAIT)
    found = _IN_TEXT.search(text, start) if start >= 0 else None
    return float(found[1]) if found else None


def _from_date(header: str | None, now_ms: int) -> float | None:
    if not header:
        return None
    try:
        return parsedate_to_datetime(header).timestamp() - now_ms / 1_000
    except (ValueError, OverflowError):
        return None
