"""Masks: white parts are repainted. One family of models repaints the black ones, so its mask is turned over."""

from pathlib import Path

from PIL import Image, ImageOps

from bot.media.picture import read_picture

OPAQUE = 255


def alpha_mask(path: Path, into: Path) -> bool:
    """Write the mask that a picture's transparency makes, as a PNG: white where nothing is. False where it is opaque.

    Raises UnusableFile.
    """
    alpha = read_picture(path).convert("RGBA").getchannel("A")
    if alpha.getextrema()[0] == OPAQUE:
        return False
    ImageOps.invert(alpha).save(into, "PNG")
    return True


def invert_mask(path: Path, into: Path) -> None:
    """Write the mask with black and white exchanged, as a PNG. Transparent parts count as black: not marked.

    Raises UnusableFile.
    """
    mask = read_picture(path).convert("RGBA")
    unmarked = Image.new("RGBA", mask.size, "black")
    ImageOps.invert(Image.alpha_composite(unmarked, mask).convert("L")).save(into, "PNG")
