"""Masks. Most models repaint the white parts; one family repaints the black ones, so its mask is turned over."""

from pathlib import Path

from PIL import Image, ImageOps

from bot.media.picture import read_picture


def invert_mask(path: Path, into: Path) -> None:
    """Write the mask with black and white exchanged, as a PNG. Transparent parts count as black: not marked.

    Raises UnusableFile.
    """
    mask = read_picture(path).convert("RGBA")
    unmarked = Image.new("RGBA", mask.size, "black")
    ImageOps.invert(Image.alpha_composite(unmarked, mask).convert("L")).save(into, "PNG")
