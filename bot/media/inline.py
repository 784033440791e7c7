"""A file as a data: URL, for providers that take small inputs in the request itself."""

import base64
import tempfile
from pathlib import Path

from bot.errors import UnusableFile
from bot.media.inspect import sniff_file
from bot.media.shrink import to_fit

INLINE_BYTES = 256_000
"""The documented limit for data: URLs is 256 kB, taken here as decimal and for the whole URL."""


def data_url(path: Path, max_bytes: int = INLINE_BYTES) -> str | None:
    """The file as it is, as a data: URL of at most `max_bytes` characters. Blocking; use a thread.

    None where it is bigger, or of no kind that is known here.
    """
    media = sniff_file(path)
    if media is None or path.stat().st_size > room(media, max_bytes):
        return None
    return _encode(path, media)


def smaller_data_url(path: Path, max_bytes: int = INLINE_BYTES) -> str | None:
    """A picture re-encoded, and scaled down to a half at most, until it fits; anything else as it is, if it fits.

    This can be seen, so it is for where no link can be given. None where it cannot be done. Blocking; use a thread.
    """
    exact = data_url(path, max_bytes)
    media = sniff_file(path) or ""
    if exact or not media.startswith("image/") or room(media, max_bytes) <= 0:
        return exact
    with tempfile.TemporaryDirectory(prefix="easel-") as folder:
        smaller = _smaller(path, room(media, max_bytes), Path(folder) / "picture")
        return _encode(smaller, sniff_file(smaller) or media) if smaller else None


def room(media: str, max_bytes: int = INLINE_BYTES) -> int:
    """How many bytes a file of this kind may have to fit as it is."""
    # "data:" + media + ";base64," + 4 characters for each 3 bytes begun
    return (max_bytes - len(f"data:{media};base64,") - 4) // 4 * 3


def _smaller(path: Path, room: int, into: Path) -> Path | None:
    try:
        return to_fit(path, room, into, smallest=0.5)
    except UnusableFile:
        return None


def _encode(path: Path, media: str) -> str:
    return f"data:{media};base64,{base64.b64encode(path.read_bytes()).decode()}"
