"""Makes the poster of a video: its first frame that shows something."""

from itertools import islice
from pathlib import Path
from typing import cast

from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from PIL import Image, ImageStat

from bot.filetype import sniff_file
from bot.media.decoding.clip import moving_picture, open_clip, shown_sides

FRAMES_LOOKED_AT = 90
"""Three seconds at a usual rate: longer fade-ins are rare, and decoding is not free."""

DARK, FLAT = 24.0, 6.0
"""Mean brightness below which a frame counts as black, and deviation below which it counts as empty (of 255)."""


def poster(path: Path, into: Path) -> None:
    """Write a video's first good frame (otherwise its very first), upright, as PNG or JPEG to match `into`.

    Raises UnusableFile for a file that is not a video or cannot be decoded.
    """
    first: Image.Image | None = None
    with open_clip(path, sniff_file(path) or "video/mp4") as container:
        stream = moving_picture(container)
        if stream is None:
            raise ValueError("it has no picture")
        for frame in islice(container.decode(stream), FRAMES_LOOKED_AT):
            image = upright(stream, frame)
            if shows_something(image):
                image.save(into)
                return
            first = first or image
    if first is not None:
        first.save(into)


def upright(stream: VideoStream, frame: VideoFrame) -> Image.Image:
    """Turn a frame by its rotation (in PyAV, degrees counterclockwise), with square pixels."""
    image = cast("Image.Image", frame.to_image())  # pyright: ignore[reportUnknownMemberType] - no stub
    turned = image.rotate(frame.rotation, expand=True) if frame.rotation else image
    return turned.resize(shown_sides(stream, frame))  # pyright: ignore[reportUnknownMemberType] - its stub wants numpy


def shows_something(image: Image.Image) -> bool:
    """Return whether a frame is neither black nor empty."""
    grey = ImageStat.Stat(image.convert("L").reduce(4))
    return grey.mean[0] >= DARK and grey.stddev[0] >= FLAT
