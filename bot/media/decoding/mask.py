"""Makes and converts masks. White parts are repainted; one family of models needs an inverted mask."""

from pathlib import Path

from PIL import Image, ImageOps

from bot.media.decoding.picture import open_picture, orientation, profile, read_picture

OPAQUE = 255


def alpha_mask(path: Path, into: Path) -> bool:
    """Write a mask made from a picture's transparency, as a PNG: white marks the transparent parts.

    The mask has the size of the upright picture. False, and no file, if the picture is opaque. Raises UnusableFile.
    """
    alpha = read_picture(path).convert("RGBA").getchannel("A")
    if alpha.getextrema()[0] == OPAQUE:
        return False
    ImageOps.invert(alpha).save(into, "PNG")
    return True


def invert_mask(path: Path, into: Path) -> None:
    """Write the mask with black and white swapped, as a PNG. Transparent parts count as black (not marked).

    Raises UnusableFile.
    """
    ImageOps.invert(_marks(path)).save(into, "PNG")


def marks_something(path: Path) -> bool:
    """Return whether a mask has any part that is not black: only such parts are repainted. Raises UnusableFile."""
    return _marks(path).getextrema()[1] != 0


def upright(path: Path, into: Path) -> bool:
    """Write a picture as a PNG that is upright without an EXIF orientation; False, and no file, if it already is.

    A model that ignores EXIF needs a picture and its mask in the same orientation. Raises UnusableFile.
    """
    with open_picture(path) as image:
        if orientation(image) == 1:
            return False
    picture = read_picture(path)
    picture.save(into, "PNG", icc_profile=profile(picture))
    return True


def _marks(path: Path) -> Image.Image:
    """Read a mask as greyscale."""
    mask = read_picture(path).convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", mask.size, "black"), mask).convert("L")
