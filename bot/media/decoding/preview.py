"""Makes still pictures of files that Discord shows badly or not at all: drawings and videos."""

from pathlib import Path

from bot.catalogue.refusals import unusable
from bot.filetype import sniff_file
from bot.media.decoding.clip import has_moving_picture
from bot.media.decoding.drawing import draw, drawing_sides
from bot.media.decoding.poster import poster

SIDE = 1_024
"""The longer side of a drawn preview, in pixels."""

FLATTEST = 16
"""No side is drawn shorter than this: very long and thin drawings are distorted."""

DRAWING_MOST = 20 << 20


def preview(path: Path, into: Path) -> Path | None:
    """Write a still of an SVG (PNG, transparency kept) or of a video (JPEG) next to `into`, with the format's suffix.

    Returns None for a file that needs no still, and for an empty drawing. Raises UnusableFile if it cannot be made.
    """
    media = sniff_file(path) or ""
    if media == "image/svg+xml":
        return _draw(path, into.with_suffix(".png"))
    if media.startswith("video/") and has_moving_picture(path, media):
        made = into.with_suffix(".jpg")
        poster(path, made)
        return made if made.exists() else None
    return None


def _draw(path: Path, into: Path) -> Path | None:
    if path.stat().st_size > DRAWING_MOST:
        raise unusable(path.name, "file-larger", DRAWING_MOST >> 20)
    try:
        image = draw(path, *_sides(path))
    except ValueError as error:
        raise unusable(path.name, "file-undrawable") from error
    if image.has_transparency_data and image.getchannel("A").getbbox() is None:
        return None
    image.save(into, "PNG")
    return into


def _sides(path: Path) -> tuple[int, int]:
    width, height = drawing_sides(path)
    if not width or not height:
        return SIDE, SIDE
    scale = SIDE / max(width, height)
    return max(FLATTEST, round(width * scale)), max(FLATTEST, round(height * scale))
