"""Opening pictures without being hurt by them: sizes are checked before anything is decoded."""

import warnings
from pathlib import Path

from PIL import Image, ImageOps

from bot.catalogue.refusals import unusable

PIXELS_MAX = 64_000_000
"""A decoded picture takes four bytes a pixel; the largest results known (8 000 x 8 000) still pass."""

FORMATS = ("PNG", "JPEG", "WEBP", "GIF")

_TO_8_BITS = 1 / 257

# What Pillow raises for files that are cut, broken, or made to hurt.
BROKEN = (OSError, SyntaxError, ValueError, IndexError, EOFError, Image.DecompressionBombError)


def open_picture(path: Path, *, name: str = "", pixels_max: int = PIXELS_MAX) -> Image.Image:
    """Open a picture and look at its size only; the caller closes it. Raises UnusableFile."""
    name = name or path.name
    try:
        with warnings.catch_warnings():
            # Pillow's own limit only warns in its first half; the check below is the one that holds.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            image = Image.open(path, formats=FORMATS)
    except BROKEN as error:
        raise unusable(name, "file-no-picture") from error
    if image.width * image.height > pixels_max:
        image.close()
        raise unusable(name, "file-megapixels", pixels_max // 1_000_000)
    return image


def read_picture(path: Path, *, name: str = "", pixels_max: int = PIXELS_MAX) -> Image.Image:
    """Read a picture whole (of an animation the first frame), turned the right way up, as RGB or RGBA.

    Raises UnusableFile if it is cut off, broken or too big.
    """
    with open_picture(path, name=name, pixels_max=pixels_max) as image:
        try:
            image.load()
            upright = ImageOps.exif_transpose(image)
        except BROKEN as error:
            raise unusable(name or path.name, "file-damaged") from error
        return as_rgb(upright)


def as_rgb(image: Image.Image) -> Image.Image:
    """The picture in 8 bits a channel: RGBA where it has transparency, RGB where it has none."""
    if image.mode.startswith("I") or image.mode == "F":
        # 16-bit grey would be clipped to white by a plain conversion.
        image = image.convert("F").point(lambda level: level * _TO_8_BITS).convert("L")  # pyright: ignore[reportUnknownMemberType] - its stub wants numpy
    return image.convert("RGBA" if has_alpha(image) else "RGB")


def has_alpha(image: Image.Image) -> bool:
    """Whether a picture can have transparent parts."""
    return image.has_transparency_data
