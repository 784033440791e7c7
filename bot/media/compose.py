"""Putting a cut-out on a plain colour."""

from pathlib import Path

from PIL import Image

from bot.media.picture import read_picture


def on_colour(path: Path, colour: str, into: Path) -> None:
    """Write the picture with its transparent parts filled with `colour` (`#rrggbb`), as a PNG.

    Raises UnusableFile for a picture that cannot be read, ValueError for what is no colour.
    """
    cut_out = read_picture(path).convert("RGBA")
    ground = Image.new("RGBA", cut_out.size, colour)
    Image.alpha_composite(ground, cut_out).convert("RGB").save(into, "PNG")
