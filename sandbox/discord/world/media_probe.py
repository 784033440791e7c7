"""Inspects uploaded files as Discord does: type by name, size and duration of pictures and videos."""

import io
import mimetypes
from dataclasses import dataclass

import av
from av.error import FFmpegError
from PIL import Image


@dataclass(frozen=True, slots=True)
class MediaFacts:
    """A file's media type, size in pixels and length in seconds, if known.

    Discord leaves the type out if the file's name does not reveal it.
    """

    content_type: str | None
    width: int | None = None
    height: int | None = None
    duration_s: float | None = None


def probe(filename: str, content: bytes) -> MediaFacts:
    """Inspect a file (blocking); one that cannot be decoded has no size, as on Discord."""
    kind = mimetypes.guess_type(filename)[0]
    if kind is None:
        return MediaFacts(None)
    if kind.startswith("image/") and kind != "image/svg+xml":
        return _picture(kind, content)
    if kind.startswith(("video/", "audio/")):
        return _recording(kind, content)
    return MediaFacts(kind)


def _picture(kind: str, content: bytes) -> MediaFacts:
    try:
        with Image.open(io.BytesIO(content)) as picture:
            return MediaFacts(kind, *picture.size)
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        return MediaFacts(kind)


def _recording(kind: str, content: bytes) -> MediaFacts:
    try:
        with av.open(io.BytesIO(content), "r") as container:
            seconds = round(container.duration / av.time_base, 3) if container.duration else None
            stream = next(iter(container.streams.video), None)
            return MediaFacts(kind, stream.width if stream else None, stream.height if stream else None, seconds)
    except (FFmpegError, OSError, ValueError):
        return MediaFacts(kind)
