"""Repairs pictures that browsers show but strict decoders reject, because most models use such a decoder.

No pixel changes. `bot.media.decoding.inspect` has already decided that the picture is complete.
"""

from pathlib import Path

from PIL import Image

from bot.filetype import sniff_file
from bot.media.decoding.picture import BROKEN, JPEG_END
from bot.media.decoding.png_chunks import readable_png
from bot.media.decoding.webp_end import readable_webp

TAIL_BYTES = 65_536
"""How far from its end a JPEG is searched for the end marker: cameras and editors append their own data."""


def repair(path: Path, into: Path) -> bool:
    """Write a complete picture without the faults that browsers overlook; False, and no file, if it has none."""
    media = sniff_file(path)
    repaired = REPAIRS[media](path) if media in REPAIRS else None
    if repaired is None:
        return False
    into.write_bytes(repaired)
    return True


def _png(path: Path) -> bytes | None:
    readable = readable_png(path)
    if isinstance(readable, Path) or _passes(path):
        return None
    return readable.getvalue()


def _passes(path: Path) -> bool:
    """Return whether a strict decoder reads this PNG."""
    try:
        with Image.open(path, formats=("PNG",)) as image:
            image.load()
    except BROKEN:
        return False
    return True


def _jpeg(path: Path) -> bytes | None:
    data = path.read_bytes()
    return None if JPEG_END in data[-TAIL_BYTES:] else data.removesuffix(JPEG_END[:1]) + JPEG_END


def _webp(path: Path) -> bytes | None:
    readable = readable_webp(path)
    return None if isinstance(readable, Path) else readable.getvalue()


REPAIRS = {"image/png": _png, "image/jpeg": _jpeg, "image/webp": _webp}
