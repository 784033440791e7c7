"""A smaller copy of a result that is too big for where it has to go. Blocking and bounded; use a thread."""

import math
from pathlib import Path

from PIL import Image, ImageSequence

from bot.media.inspect import sniff_file
from bot.media.picture import as_rgb, open_picture, read_picture
from bot.media.transcode import fit_sound, fit_video

STEPS = ((1.0, 90), (1.0, 75), (0.75, 80), (0.5, 80), (0.35, 75), (0.25, 70))
"""Scale and quality of each attempt: first what nobody sees, then what few mind."""

ANIMATED_STEPS = ((1.0, 75), (0.6, 70), (0.4, 60), (0.25, 50))
FRAMES_MAX = 240
START_PIXELS = 16_000_000
"""Larger pictures are brought down to this before the first attempt: each attempt costs time by the pixel."""


def to_fit(path: Path, max_bytes: int, into: Path, *, smallest: float = 0.25) -> Path | None:
    """A copy of at most `max_bytes`, written to `into` (its kind may differ from the original's: sniff it).

    The original itself where it fits already; None where no fair copy fits. `smallest` is the least scale for
    pictures. Transparency is kept. Raises UnusableFile if the original cannot be read.
    """
    if path.stat().st_size <= max_bytes:
        return path
    media = sniff_file(path) or ""
    if media in {"image/gif", "image/webp"} and _frames(path) > 1:
        fits = _fit_animation(path, max_bytes, into, smallest)
    elif media.startswith("image/") and media != "image/svg+xml":
        fits = _fit_picture(path, max_bytes, into, smallest)
    elif media.startswith("video/"):
        fits = fit_video(path, media, max_bytes, into)
    elif media.startswith("audio/"):
        fits = fit_sound(path, media, max_bytes, into)
    else:
        fits = False
    if not fits:
        into.unlink(missing_ok=True)
    return into if fits else None


def _fit_picture(path: Path, max_bytes: int, into: Path, smallest: float) -> bool:
    image = read_picture(path)
    pixels = image.width * image.height
    if pixels > START_PIXELS:
        image = _scaled(image, math.sqrt(START_PIXELS / pixels))
    for scale, quality in STEPS:
        if scale < smallest:
            break
        copy = _scaled(image, scale)
        # JPEG shows everywhere; only WebP is small and keeps transparency.
        if copy.mode == "RGBA":
            copy.save(into, "WEBP", quality=quality)
        else:
            copy.save(into, "JPEG", quality=quality, optimize=True)
        if into.stat().st_size <= max_bytes:
            return True
    return False


def _fit_animation(path: Path, max_bytes: int, into: Path, smallest: float) -> bool:
    with open_picture(path) as image:
        if _count(image) > FRAMES_MAX:
            return False
        frames, durations = _read_frames(image)
    for scale, quality in ANIMATED_STEPS:
        if scale < smallest:
            break
        first, *others = [_scaled(frame, scale) for frame in frames]
        first.save(into, "WEBP", save_all=True, append_images=others, duration=durations, loop=0, quality=quality)
        if into.stat().st_size <= max_bytes:
            return True
    return False


def _read_frames(image: Image.Image) -> tuple[list[Image.Image], list[int]]:
    frames: list[Image.Image] = []
    durations: list[int] = []
    for frame in ImageSequence.Iterator(image):
        frames.append(as_rgb(frame.copy()))
        durations.append(int(frame.info.get("duration", 100)))
    return frames, durations


def _frames(path: Path) -> int:
    with open_picture(path) as image:
        return _count(image)


def _count(image: Image.Image) -> int:
    return getattr(image, "n_frames", 1)


def _scaled(image: Image.Image, scale: float) -> Image.Image:
    if scale == 1:
        return image
    sides = max(1, round(image.width * scale)), max(1, round(image.height * scale))
    return image.resize(sides, Image.Resampling.LANCZOS)  # pyright: ignore[reportUnknownMemberType] - its stub wants numpy
