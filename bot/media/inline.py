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
    """The file as a data: URL of at most `max_bytes` characters; a picture may be re-encoded to fit.

    None where it cannot be done without harm: then a link is the better way. Blocking; use a thread.
    """
    media = sniff_file(path)
    if media is None:
        return None
    # "data:" + media + ";base64," + 4 characters for each 3 bytes begun
    room = (max_bytes - len(f"data:{media};base64,") - 4) // 4 * 3
    if path.stat().st_size <= room:
        return _encode(path, media)
    if not media.startswith("image/") or room <= 0:
        return None
    with tempfile.TemporaryDirectory(prefix="easel-") as folder:
        smaller = _smaller(path, room, Path(folder) / "picture")
        return _encode(smaller, sniff_file(smaller) or media) if smaller else None


def _smaller(path: Path, room: int, into: Path) -> Path | None:
    try:
        return to_fit(path, room, into, smallest=0.5)
    except UnusableFile:
        return None


def _encode(path: Path, media: str) -> str:
    return f"data:{media};base64,{base64.b64encode(path.read_bytes()).decode()}"
