"""Looking into a file: what it really is, how big, how long, and whether it is whole. Blocking; use a thread."""

import re
from dataclasses import dataclass
from pathlib import Path

from av.container import InputContainer
from av.video.stream import VideoStream
from PIL import Image, ImageSequence

from bot.catalogue.refusals import unusable
from bot.filetype import HEAD_BYTES, sniff
from bot.media.clip import open_clip
from bot.media.picture import BROKEN, PIXELS_MAX, has_alpha, open_picture

FRAME_PIXELS_MAX = 1_000_000_000
"""Pixels of all frames of an animation together: some seconds of decoding."""

WHOLE_SHARE = 0.9
"""A clip that ends before this part of the length that it claims has been cut off."""

_MAY_BE_SOUND = frozenset({"video/mp4", "video/quicktime"})
_SVG_SIDE = r'<svg\b[^>]*?\s{}\s*=\s*["\']\s*(\d+(?:\.\d+)?)\s*(?:px)?\s*["\']'
_SVG_BOX = re.compile(r'<svg\b[^>]*?\sviewBox\s*=\s*["\']\s*[-\d.]+[\s,]+[-\d.]+[\s,]+([\d.]+)[\s,]+([\d.]+)')


@dataclass(frozen=True, slots=True)
class Caps:
    """The most that is looked into: bytes of the file, pixels of one frame, seconds of a clip."""

    size: int = 512 << 20
    pixels: int = PIXELS_MAX
    seconds: int = 900


@dataclass(frozen=True, slots=True)
class MediaInfo:
    """A file's facts: its kind by content, sides in pixels, length in milliseconds; None where it has no such thing."""

    media: str
    width: int | None
    height: int | None
    duration_ms: int | None
    has_alpha: bool


def inspect(path: Path, *, caps: Caps | None = None, name: str = "") -> MediaInfo:
    """Look into a picture, clip or sound. `name` is what people call it, for the error.

    Raises UnusableFile for a kind we do not handle, and for what is empty, too big, too long, cut off or broken.
    """
    caps = caps or Caps()
    name = name or path.name
    size = path.stat().st_size
    if size > caps.size:
        raise unusable(name, "file-larger", caps.size >> 20)
    media = sniff_file(path)
    if media is None:
        raise unusable(name, "empty" if size == 0 else "file-unknown")
    if media == "image/svg+xml":
        return _inspect_svg(path)
    look = _inspect_picture if media.startswith("image/") else _inspect_clip
    info = look(path, media, caps, name)
    if (info.duration_ms or 0) > caps.seconds * 1_000:
        raise unusable(name, "file-longer", caps.seconds)
    return info


def sniff_file(path: Path) -> str | None:
    """The media type of a file by its first bytes, or None."""
    with path.open("rb") as file:
        return sniff(file.read(HEAD_BYTES))


def _inspect_picture(path: Path, media: str, caps: Caps, name: str) -> MediaInfo:
    with open_picture(path, name=name, pixels_max=caps.pixels) as image:
        frames: int = getattr(image, "n_frames", 1)
        if frames * image.width * image.height > FRAME_PIXELS_MAX:
            raise unusable(name, "file-frames")
        transparent = has_alpha(image)
        try:
            length = _play(image) if frames > 1 else None
            image.load()
        except BROKEN as error:
            raise unusable(name, "file-damaged") from error
        return MediaInfo(media, image.width, image.height, length, transparent)


def _play(image: Image.Image) -> int:
    """Decode all frames; how long they take together, in milliseconds."""
    length = 0
    for frame in ImageSequence.Iterator(image):
        frame.load()
        length += int(frame.info.get("duration", 0))
    return length


def _inspect_clip(path: Path, media: str, caps: Caps, name: str) -> MediaInfo:
    with open_clip(path, media, name=name) as container:
        if media in _MAY_BE_SOUND and not container.streams.video:
            media = "audio/mp4"  # recorders often label their sound as video
        stream = container.streams.video[0] if media.startswith("video/") else container.streams.audio[0]
        index = stream.index
        sides = (stream.width, stream.height) if isinstance(stream, VideoStream) else (None, None)
        if (sides[0] or 0) * (sides[1] or 0) > caps.pixels:
            raise unusable(name, "file-megapixels", caps.pixels // 1_000_000)
        # One frame must really come out: headers alone prove nothing.
        next(container.decode(stream))
    with open_clip(path, media, name=name) as container:
        length = _length_ms(container, index, exact_claim=media not in {"audio/mpeg", "audio/ogg"}, name=name)
    return MediaInfo(media, *sides, length, has_alpha=False)


def _length_ms(container: InputContainer, stream: int, *, exact_claim: bool, name: str) -> int:
    """The length of what is really there, found by reading through all packets (nothing is decoded)."""
    first, last = None, 0.0
    for packet in container.demux(container.streams[stream]):
        if packet.pts is None:
            continue
        begin = float(packet.pts * packet.time_base)
        first = begin if first is None else min(first, begin)
        last = max(last, begin + float((packet.duration or 0) * packet.time_base))
    length = last - (first or 0.0)
    claimed = (container.duration or 0) / 1_000_000
    if length <= 0 or (exact_claim and length < WHOLE_SHARE * claimed):
        raise unusable(name, "file-damaged")
    return round(length * 1_000)


def _inspect_svg(path: Path) -> MediaInfo:
    """Sizes are read by pattern: an XML parser would follow what a hostile file tells it to."""
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES).decode("utf-8", "replace")
    sides = [re.search(_SVG_SIDE.format(side), head) for side in ("width", "height")]
    if all(sides):
        width, height = (round(float(side[1])) for side in sides if side)
        return MediaInfo("image/svg+xml", width, height, None, has_alpha=True)
    box = _SVG_BOX.search(head)
    width, height = (round(float(box[1])), round(float(box[2]))) if box else (None, None)
    return MediaInfo("image/svg+xml", width, height, None, has_alpha=True)
