"""The facts about a media file, and the limits within which files are read."""

from dataclasses import dataclass

PIXELS_MAX = 64_000_000
"""A decoded picture needs four bytes per pixel; the largest known results (8 000 x 8 000) still pass."""

SIDE_MAX = 32_767
"""The longest side that is read, in pixels; browsers show no more. Libraries need memory for each row."""

FRAMES_MAX = 10_000
"""The most frames in an animation: a few minutes at any usual rate."""


@dataclass(frozen=True, slots=True)
class Caps:
    """Limits for reading a file: bytes of the file, pixels of one frame, seconds of a clip."""

    size: int = 512 << 20
    pixels: int = PIXELS_MAX
    seconds: int = 900


@dataclass(frozen=True, slots=True)
class MediaInfo:
    """Facts about a media file: its type by content, sides in pixels, length in milliseconds.

    None means that the file has no such property: audio has no sides, a still picture has no length.
    """

    media: str
    width: int | None
    height: int | None
    duration_ms: int | None
    has_alpha: bool
