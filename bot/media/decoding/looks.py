"""Describes what pictures look like, so that the same picture is recognised after re-encoding or scaling.

A look is a perceptual hash of 128 bits: 64 that compare neighbouring areas of brightness (dHash), and 64 from the
lowest frequencies (pHash). Either alone confuses simple pictures; together they do not. The threshold is in
bot/media/look_comparison.py.
https://www.hackerfactor.com/blog/index.php?/archives/432-Looks-Like-It.html and its sequel, 529-Kind-of-Like-That
"""

import math
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from PIL import Image, ImageStat

from bot.filetype import sniff_file
from bot.media.decoding.clip import has_moving_picture, moving_picture, open_clip
from bot.media.decoding.picture import as_srgb, read_picture
from bot.media.decoding.poster import shows_something, upright
from bot.media.decoding.preview import preview

SIDE = 32
"""Side of the brightness map that frequencies are computed from."""

LOW = 8
"""How many of the lowest frequencies are used in each direction."""

FLAT = 2.0
"""The deviation of brightness (of 255) below which a picture shows nothing that could be compared."""

FRAMES = 5
"""How many frames of a video are described, spread over its length."""

BEHIND = (128, 128, 128)
"""The colour behind transparent parts: their own colour cannot be seen."""

_COSINES = [[math.cos((2 * x + 1) * u * math.pi / (2 * SIDE)) for x in range(SIDE)] for u in range(LOW)]


def looks(path: Path, into: Path) -> list[str]:
    """Return the looks of a picture, or of some frames of a video; none if it shows nothing that could be compared.

    `into` is a path for a temporary file. Raises UnusableFile if the file cannot be read.
    """
    media = sniff_file(path) or ""
    if media == "image/svg+xml":
        return _drawn(path, into)
    if media.startswith("image/"):
        return _listed([as_srgb(read_picture(path))])
    if media.startswith("video/") and has_moving_picture(path, media):
        return _listed(_frames(path, media))
    return []


def look(image: Image.Image) -> str | None:
    """Return the look of a picture; None if it is too flat to be compared."""
    grey = _grey(image)
    if ImageStat.Stat(grey.resize((SIDE, SIDE), Image.Resampling.BOX)).stddev[0] < FLAT:  # pyright: ignore[reportUnknownMemberType] - its stub wants numpy
        return None
    return f"{_differences(grey):016x}{_frequencies(grey):016x}"


def _drawn(path: Path, into: Path) -> list[str]:
    still = preview(path, into)
    if still is None:
        return []
    try:
        return _listed([as_srgb(read_picture(still))])
    finally:
        still.unlink()


def _listed(images: Sequence[Image.Image]) -> list[str]:
    return list(dict.fromkeys(found for image in images if (found := look(image)) is not None))


def _frames(path: Path, media: str) -> list[Image.Image]:
    """Return some frames that show something: the first after each of several points in time."""
    found: list[Image.Image] = []
    with open_clip(path, media) as container:
        stream = moving_picture(container)
        if stream is None:
            return []
        length = (container.duration or 0) / 1_000_000
        due = [length * part / FRAMES for part in range(FRAMES)]
        for frame in container.decode(stream):
            if not due:
                break
            at = frame.time or 0.0
            if at < due[0]:
                continue
            image = upright(stream, frame)
            if shows_something(image):
                found.append(image)
                due = [one for one in due if one > at]
    return found


def _grey(image: Image.Image) -> Image.Image:
    if image.mode == "RGBA":
        ground = Image.new("RGB", image.size, BEHIND)
        ground.paste(image, mask=image.getchannel("A"))
        image = ground
    return image.convert("L")


def _differences(grey: Image.Image) -> int:
    """Return a bit for each area that is darker than the one to its right."""
    small = _levels(grey, 9, 8)
    bits = [left < right for row in small for left, right in pairwise(row)]
    return _number(bits)


def _frequencies(grey: Image.Image) -> int:
    """Return a bit for each of the lowest frequencies that is above their median."""
    rows = _levels(grey, SIDE, SIDE)
    across = [[sum(map(_times, row, wave)) for wave in _COSINES] for row in rows]
    columns = list(zip(*across, strict=True))
    found = [sum(map(_times, column, wave)) for wave in _COSINES for column in columns]
    middle = sorted(found[1:])[len(found) // 2]  # without the mean brightness, which says nothing about the picture
    return _number([value > middle for value in found])


def _levels(grey: Image.Image, width: int, height: int) -> list[list[int]]:
    small = grey.resize((width, height), Image.Resampling.LANCZOS)  # pyright: ignore[reportUnknownMemberType] - its stub wants numpy
    levels = list(small.tobytes())
    return [levels[begin : begin + width] for begin in range(0, len(levels), width)]


def _times(one: float, other: float) -> float:
    return one * other


def _number(bits: Sequence[bool]) -> int:
    return int("".join("1" if bit else "0" for bit in bits), 2)
