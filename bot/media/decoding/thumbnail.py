"""Makes the thumbnails that show results in lists: of a picture, video or drawing, or a symbol for sound."""

from pathlib import Path

from PIL import Image, ImageDraw

from bot.filetype import sniff_file
from bot.media.decoding.picture import as_srgb, read_picture
from bot.media.decoding.preview import preview

SIDE = 256
"""The longer side of a thumbnail, in pixels: Discord shows it at about a third of that."""

QUALITY = 80

GROUND, INK = "#2b2d42", "#c7cbff"


def thumbnail(path: Path, into: Path) -> Path | None:
    """Write a thumbnail of a file next to `into`: WebP if it has transparency, else JPEG. None if it shows nothing.

    Raises UnusableFile if the file cannot be read.
    """
    image = _picture(path, into)
    if image is None:
        return None
    image.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)  # pyright: ignore[reportUnknownMemberType] - its stub wants numpy
    if image.mode == "RGBA":
        made = into.with_suffix(".webp")
        image.save(made, "WEBP", quality=QUALITY)
    else:
        made = into.with_suffix(".jpg")
        image.save(made, "JPEG", quality=QUALITY)
    return made


def _picture(path: Path, into: Path) -> Image.Image | None:
    media = sniff_file(path) or ""
    if media.startswith("audio/"):
        return _symbol()
    if media.startswith("image/") and media != "image/svg+xml":
        return as_srgb(read_picture(path))
    still = preview(path, into.with_name(f"{into.name}-still"))
    if still is None:
        return _symbol() if media.startswith("video/") else None
    try:
        return as_srgb(read_picture(still))
    finally:
        still.unlink()


def _symbol() -> Image.Image:
    """Draw the note that stands for a sound, which has no picture."""
    image = Image.new("RGB", (SIDE, SIDE), GROUND)
    pen = ImageDraw.Draw(image)
    pen.line([(100, 176), (100, 76), (186, 58), (186, 156)], fill=INK, width=14, joint="curve")
    pen.ellipse((56, 156, 107, 196), fill=INK)
    pen.ellipse((142, 136, 193, 176), fill=INK)
    return image
