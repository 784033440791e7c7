"""Draws in a fraction of the time: on a small canvas that is enlarged at the end, without smooth edges or grain."""

from PIL import Image

from sandbox.provider.drawing.painter import Size

SHARE = 8
"""How many pixels along the side of a sketch correspond to one pixel of its canvas."""


def canvas(size: Size) -> Size:
    """Return the size of the canvas of a sketch."""
    return (max(1, size[0] // SHARE), max(1, size[1] // SHARE))


def reduced(picture: Image.Image) -> Image.Image:
    """Return a picture at the size of a canvas."""
    return picture.resize(canvas(picture.size), Image.Resampling.BOX)


def enlarged(picture: Image.Image, size: Size) -> Image.Image:
    """Enlarge what was drawn on a canvas to the size of the sketch."""
    return picture.resize(size, Image.Resampling.NEAREST)
