"""A plain picture, and typed access to a picture's pixels, for which Pillow's own types depend on the mode."""

import io

from PIL import Image


def picture(colour: str = "red", **how: object) -> bytes:
    """Return the bytes of a PNG of one colour."""
    file = io.BytesIO()
    Image.new("RGB", (320, 320), colour).save(file, "PNG", **how)
    return file.getvalue()


def pixel(image: Image.Image, at: tuple[int, int]) -> tuple[int, ...]:
    """Return the channels of a pixel of a picture with several channels."""
    value = image.getpixel(at)
    assert isinstance(value, tuple)
    return value


def brightest(image: Image.Image, channel: int = 0) -> float:
    """Return the highest value of a channel."""
    value = image.getchannel(channel).getextrema()[1]
    assert isinstance(value, int | float)
    return value


def colour_count(image: Image.Image) -> int:
    """Return the number of different colours."""
    # `getcolors` returns None above its maximum number of colours, so the maximum is one per pixel.
    colours = image.getcolors(image.width * image.height)
    assert colours is not None
    return len(colours)
