"""A still picture that stands for a video: its first frame that shows something."""

from itertools import islice
from pathlib import Path
from typing import cast

from PIL import Image, ImageStat

from bot.media.clip import open_clip
from bot.media.inspect import sniff_file

FRAMES_LOOKED_AT = 90
"""Three seconds at a usual rate: longer fade-ins are rare, and decoding is not free."""

DARK, FLAT = 24.0, 6.0
"""Mean brightness below which a frame counts as black, and deviation below which it shows nothing (of 255)."""


def poster(path: Path, into: Path) -> None:
    """Write a video's first good frame, or its very first where none is, as PNG or JPEG by the name of `into`.

    Raises UnusableFile for what is no video or cannot be decoded.
    """
    first: Image.Image | None = None
    with open_clip(path, sniff_file(path) or "video/mp4") as container:
        for frame in islice(container.decode(video=0), FRAMES_LOOKED_AT):
            image = cast("Image.Image", frame.to_image())  # pyright: ignore[reportUnknownMemberType] - no stub
            if _shows_something(image):
                image.save(into)
                return
            first = first or image
    if first is not None:
        first.save(into)


def _shows_something(image: Image.Image) -> bool:
    grey = ImageStat.Stat(image.convert("L").reduce(4))
    return grey.mean[0] >= DARK and grey.stddev[0] >= FLAT
