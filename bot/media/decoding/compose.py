"""Fills the transparent parts of a picture with a plain colour."""

from pathlib import Path

from PIL import Image

from bot.media.decoding.picture import as_srgb, read_picture


def on_colour(path: Path, colour: str, into: Path) -> None:
    """Write the picture with its transparent parts filled with `colour` (`#rrggbb` in sRGB), as a PNG in sRGB.

    Raises UnusableFile for a picture that cannot be read, ValueError if `colour` is not a colour.
    """
    cut_out = as_srgb(read_picture(path)).convert("RGBA")
    ground = Image.new("RGBA", cut_out.size, colour)
    Image.alpha_composite(ground, cut_out).convert("RGB").save(into, "PNG")
