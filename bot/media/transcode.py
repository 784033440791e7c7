"""Re-encoding video and sound to a size: H.264 and AAC in MP4, Opus in Ogg. Blocking, and bounded in time."""
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# PyAV leaves its packets' type parameter open.

import time
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import InputContainer, OutputContainer
from av.packet import Packet
from av.stream import Stream
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from bot.media.clip import open_clip

TIME_LIMIT_S = 120.0
"""All attempts at one file together. A ten-second clip takes a few seconds on one core."""

FILL = 0.93
"""The part of the room that is planned for: containers and bursts take the rest."""

ATTEMPTS = (1.0, 0.8, 0.6)
"""What each attempt takes of the computed bit rate: encoders overshoot on short clips."""

HEIGHTS = (1080, 720, 540, 480, 360, 240)
FAIR_BITS_PER_PIXEL, LEAST_BITS_PER_PIXEL = 0.05, 0.02
"""Below the first a smaller picture looks better; below the second, at the least height, nothing does."""

SOUND_BPS = 96_000
LEAST_SOUND_BPS, MOST_SOUND_BPS = 24_000, 160_000
CLOCK = Fraction(1, 90_000)


@dataclass(frozen=True, slots=True)
class _Shape:
    """How a video is encoded: sides in pixels, rates in bits a second (0: no sound)."""

    width: int
    height: int
    rate: Fraction
    picture_bps: int
    sound_bps: int


def fit_video(path: Path, media: str, max_bytes: int, into: Path, *, limit_s: float = TIME_LIMIT_S) -> bool:
    """Write an H.264 copy of at most `max_bytes`; False where no fair one fits or time runs out.

    Raises UnusableFile if the original cannot be decoded.
    """
    ends_s = time.monotonic() + limit_s
    for share in ATTEMPTS:
        with open_clip(path, media) as source:
            shape = _shape(source, max_bytes * share)
            if shape is None or not _encode_video(source, into, shape, ends_s):
                return False
        if into.stat().st_size <= max_bytes:
            return True
    return False


def fit_sound(path: Path, media: str, max_bytes: int, into: Path, *, limit_s: float = TIME_LIMIT_S) -> bool:
    """Write an Opus copy of at most `max_bytes`; False where no fair one fits or time runs out.

    Raises UnusableFile if the original cannot be decoded.
    """
    ends_s = time.monotonic() + limit_s
    for share in ATTEMPTS:
        with open_clip(path, media) as source:
            bps = _bits_per_second(source, max_bytes * share)
            if bps < LEAST_SOUND_BPS or not _encode_sound(source, into, min(bps, MOST_SOUND_BPS), ends_s):
                return False
        if into.stat().st_size <= max_bytes:
            return True
    return False


def _bits_per_second(source: InputContainer, max_bytes: float) -> int:
    seconds = (source.duration or 0) / 1_000_000
    return int(max_bytes * 8 * FILL / seconds) if seconds > 0 else 0


def _shape(source: InputContainer, max_bytes: float) -> _Shape | None:
    stream = source.streams.video[0]
    total = _bits_per_second(source, max_bytes)
    sound = min(SOUND_BPS, total // 4) if source.streams.audio else 0
    rate = stream.average_rate or Fraction(25)
    for height in (stream.height, *HEIGHTS):
        if height > stream.height:
            continue
        width = round(stream.width * height / stream.height)
        density = (total - sound) / (width * height * float(rate))
        if density >= (LEAST_BITS_PER_PIXEL if height <= HEIGHTS[-1] else FAIR_BITS_PER_PIXEL):
            return _Shape(width // 2 * 2, height // 2 * 2, rate, total - sound, sound)
    return None


def _encode_video(source: InputContainer, into: Path, shape: _Shape, ends_s: float) -> bool:
    """Encode it all; False if the time ran out."""
    streams = [source.streams.video[0], *source.streams.audio[:1]]
    with av.open(str(into), "w", format="mp4", options={"movflags": "+faststart"}) as target:
        picture = _add_picture(target, shape)
        sound = target.add_stream("aac", rate=48_000, bit_rate=shape.sound_bps) if shape.sound_bps else None
        for packet in source.demux(streams):
            if time.monotonic() > ends_s:
                return False
            _encode_packet(target, packet, picture, sound)
        target.mux(picture.encode(None))
        if sound is not None:
            target.mux(sound.encode(None))
    return True


def _add_picture(target: OutputContainer, shape: _Shape) -> VideoStream:
    stream = target.add_stream("libx264", rate=shape.rate, bit_rate=shape.picture_bps)
    stream.width, stream.height = shape.width, shape.height
    stream.pix_fmt = "yuv420p"
    stream.codec_context.time_base = CLOCK
    limit = str(shape.picture_bps)
    stream.options = {"preset": "veryfast", "maxrate": limit, "bufsize": limit}
    return stream


def _encode_packet(
    target: OutputContainer, packet: "Packet[Stream]", picture: VideoStream, sound: AudioStream | None
) -> None:
    for frame in packet.decode():
        if isinstance(frame, VideoFrame):
            fitted = frame.reformat(width=picture.width, height=picture.height, format="yuv420p")
            target.mux(picture.encode(fitted))
        elif isinstance(frame, AudioFrame) and sound is not None:
            target.mux(sound.encode(frame))


def _encode_sound(source: InputContainer, into: Path, bps: int, ends_s: float) -> bool:
    """Encode it all; False if the time ran out."""
    with av.open(str(into), "w", format="ogg") as target:
        sound = target.add_stream("libopus", rate=48_000, bit_rate=bps)
        for frame in source.decode(audio=0):
            if time.monotonic() > ends_s:
                return False
            target.mux(sound.encode(frame))
        target.mux(sound.encode(None))
    return True
