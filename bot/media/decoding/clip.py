"""Opens video and audio files with the demuxer that fits their bytes.

The demuxer is chosen here instead of by PyAV, because some demuxers (playlists, concatenations) open other files and
addresses.
"""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import av
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.error import FFmpegError
from av.stream import Disposition, Stream
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from bot.catalogue.refusals import unusable
from bot.media.media_info import PIXELS_MAX, SIDE_MAX

DEMUXERS = {
    "image/gif": "gif",
    "video/mp4": "mov",
    "video/quicktime": "mov",
    "video/webm": "matroska",
    "audio/mp4": "mov",
    "audio/webm": "matroska",
    "audio/wav": "wav",
    "audio/mpeg": "mp3",
    "audio/aac": "aac",
    "audio/ogg": "ogg",
    "audio/flac": "flac",
}

_S = TypeVar("_S", VideoStream, AudioStream)

BROKEN = (FFmpegError, ValueError, IndexError, StopIteration)
THREADS = 2
"""Threads of one decoder: each reserves memory, and the machine has other work."""


@contextmanager
def open_clip(path: Path, media: str, *, name: str = "") -> Generator[InputContainer]:
    """Open a clip for reading. Errors that damaged data causes inside the block are raised as UnusableFile."""
    try:
        with av.open(f"file:{path}", format=DEMUXERS[media], options={"protocol_whitelist": "file"}) as container:
            yield container
    except BROKEN as error:
        raise unusable(name or path.name, "file-damaged") from error


def moving_picture(container: InputContainer) -> VideoStream | None:
    """Return the video stream; None for audio, whose cover art is a still picture."""
    for stream in container.streams.video:
        if not stream.disposition & Disposition.attached_pic:
            return _decodable(stream)
    return None


def has_moving_picture(path: Path, media: str) -> bool:
    """Return whether a clip has moving pictures. Video containers may contain only sound. Raises UnusableFile."""
    with open_clip(path, media) as container:
        return moving_picture(container) is not None


def sound(container: InputContainer) -> AudioStream | None:
    """Return the audio stream; None if there is none, or if its codec is unknown: players skip it."""
    for stream in container.streams.audio:
        if _has_codec(stream):
            return _decodable(stream)
    return None


def shown_sides(stream: VideoStream, frame: VideoFrame) -> tuple[int, int]:
    """Return width and height as a player shows them: upright, with square pixels.

    A pixel aspect ratio that would make the picture enormous is ignored.
    """
    ratio = stream.sample_aspect_ratio
    width = max(1, round(frame.width * ratio)) if ratio else frame.width
    if width > SIDE_MAX or width * frame.height > PIXELS_MAX:
        width = frame.width
    return (frame.height, width) if frame.rotation % 180 else (width, frame.height)


def playing_s(container: InputContainer) -> float:
    """Return how many seconds of the clip a player plays; the container is read to its end.

    Edit lists and encoder delays make players skip packets. Nothing is decoded.
    """
    streams: list[Stream] = [each for each in (moving_picture(container), sound(container)) if each is not None]
    first, last = None, 0.0
    for packet in container.demux(streams):
        if packet.pts is None or packet.is_discard:
            continue
        begin = float(packet.pts * packet.time_base)
        end = begin + float((packet.duration or 0) * packet.time_base)
        if end <= 0 < -begin:
            continue
        begin = max(begin, 0.0)
        first = begin if first is None else min(first, begin)
        last = max(last, end)
    return last - (first or 0.0)


def _has_codec(stream: VideoStream | AudioStream) -> bool:
    return stream.codec_context is not None  # pyright: ignore[reportUnnecessaryComparison] - its stub is wrong


def _decodable(stream: _S) -> _S:
    # PyAV 17 crashes the process when it decodes a stream of an unknown codec (PyAV issue 2344).
    if not _has_codec(stream):
        raise ValueError("the codec is unknown")
    if not stream.codec_context.is_open:
        stream.codec_context.thread_count = THREADS
    return stream
