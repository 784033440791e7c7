"""Encodes files as data: URLs, for providers that accept small inputs in the request itself."""

import base64
from pathlib import Path

from bot.filetype import sniff_file

INLINE_BYTES = 256_000
"""The documented limit for data: URLs is 256 kB, read here as decimal and for the whole URL."""


def data_url(path: Path, max_bytes: int = INLINE_BYTES) -> str | None:
    """Return the unchanged file as a data: URL of at most `max_bytes` characters. Blocking; use a thread.

    None if it is bigger, or if its media type is unknown.
    """
    media = sniff_file(path)
    if media is None or path.stat().st_size > room(media, max_bytes):
        return None
    return f"data:{media};base64,{base64.b64encode(path.read_bytes()).decode()}"


def room(media: str, max_bytes: int = INLINE_BYTES) -> int:
    """Return how many bytes a file of this media type may have to fit unchanged."""
    # "data:" + media + ";base64," + 4 characters for every 3 bytes or part of them
    return (max_bytes - len(f"data:{media};base64,") - 4) // 4 * 3
