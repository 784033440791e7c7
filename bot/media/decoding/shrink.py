"""Makes smaller copies of results that are too big for their destination, in bounded time."""

import math
from pathlib import Path

from PIL import Image

from bot.catalogue.refusals import unusable
from bot.filetype import sniff_file
from bot.media.decoding.clip import has_moving_picture
from bot.media.decoding.picture import BROKEN, as_rgb, open_picture, profile, read_picture, shown_ms
from bot.media.decoding.transcode import fit_sound, fit_video

STEPS = ((1.0, 90), (1.0, 75), (0.75, 80), (0.5, 80), (0.35, 75), (0.25, 70))
"""Scale and quality of each attempt: first changes that nobody sees, then visible ones."""

ANIMATED_STEPS = ((1.0, 75), (0.6, 70), (0.4, 60), (0.25, 50))
FRAMES_MAX = 240
ANIMATED_PIXELS_MAX = 100_000_000
"""The most pixels in all frames together: they are kept in memory, four bytes each."""

START_PIXELS = 16_000_000
"""Larger pictures are scaled down to this size before the first attempt: each attempt takes time for every pixel."""


WEBP_SIDE_MAX = 16_383
"""The longest side that WebP can have (RFC 9649, section 2.6)."""


def to_fit(path: Path, max_bytes: int, into: Path, *, smallest: float = 0.25) -> Path | None:
    """Write a copy of at most `max_bytes` to `into` (its type may differ from the original's: sniff it).

    Returns the original itself if it already fits, None if no acceptable copy fits. `smallest` is the smallest scale
    for pictures. Transparency and colour profiles are kept. Raises UnusableFile if the original cannot be read.
    """
    if path.stat().st_size <= max_bytes:
        return path
    media = sniff_file(path) or ""
    if media in {"image/gif", "image/webp", "image/png"} and _is_animated(path):
        fits = _fit_animation(path, max_bytes, into, smallest)
    elif media.startswith("image/") and media != "image/svg+xml":
        fits = _fit_picture(path, max_bytes, into, smallest)
    elif media.startswith("video/") and has_moving_picture(path, media):
        fits = fit_video(path, media, max_bytes, into)
    elif media.startswith(("audio/", "video/")):
        fits = fit_sound(path, media, max_bytes, into)
    else:
        fits = False
    if not fits:
        into.unlink(missing_ok=True)
    return into if fits else None


def _fit_picture(path: Path, max_bytes: int, into: Path, smallest: float) -> bool:
    image = read_picture(path)
    image = _scaled(image, _start_scale(image.width, image.height))
    for scale, quality in STEPS:
        if scale < smallest:
            break
        copy = _scaled(image, scale)
        # Every client shows JPEG; only WebP is small and also keeps transparency.
        if copy.mode == "RGBA":
            copy.save(into, "WEBP", quality=quality, icc_profile=profile(image))
        else:
            copy.save(into, "JPEG", quality=quality, optimize=True, icc_profile=profile(image))
        if into.stat().st_size <= max_bytes:
            return True
    return False


def _start_scale(width: int, height: int) -> float:
    """Return the scale, at most 1, of the first attempt to encode a picture."""
    return min(1.0, math.sqrt(START_PIXELS / (width * height)), WEBP_SIDE_MAX / max(width, height))


def _fit_animation(path: Path, max_bytes: int, into: Path, smallest: float) -> bool:
    with open_picture(path) as image:
        try:
            found = _read_frames(image)
        except BROKEN as error:
            raise unusable(path.name, "file-damaged") from error
    if found is None:
        return False
    frames, durations = found
    start = _start_scale(*frames[0].size)
    for scale, quality in ANIMATED_STEPS:
        if scale < smallest:
            break
        first, *others = [_scaled(frame, scale * start) for frame in frames]
        first.save(
            into,
            "WEBP",
            save_all=True,
            append_images=others,
            duration=durations,
            loop=0,
            quality=quality,
            icc_profile=profile(frames[0]),
        )
        if into.stat().st_size <= max_bytes:
            return True
    return False


def _read_frames(image: Image.Image) -> tuple[list[Image.Image], list[int]] | None:
    """Read all frames and their durations in milliseconds; None if there are too many."""
    frames: list[Image.Image] = []
    durations: list[int] = []
    while True:
        try:
            image.seek(len(frames))
        except EOFError:
            return frames, durations
        if len(frames) == FRAMES_MAX or (len(frames) + 1) * image.width * image.height > ANIMATED_PIXELS_MAX:
            return None
        frame = as_rgb(image.copy())
        # Pillow enlarges the canvas for a frame that extends beyond it; players crop the frame.
        frames.append(frame.crop((0, 0, *frames[0].size)) if frames and frame.size != frames[0].size else frame)
        durations.append(shown_ms(image))


def _is_animated(path: Path) -> bool:
    with open_picture(path) as image:
        return getattr(image, "is_animated", False)


def _scaled(image: Image.Image, scale: float) -> Image.Image:
    if scale == 1:
        return image
    sides = max(1, round(image.width * scale)), max(1, round(image.height * scale))
    return image.resize(sides, Image.Resampling.LANCZOS)  # pyright: ignore[reportUnknownMemberType] - its stub wants numpy
