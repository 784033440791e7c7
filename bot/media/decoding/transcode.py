"""Re-encodes video and audio to a given file size in bounded time: H.264 and AAC in MP4, Opus in Ogg."""
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
from av.filter import Graph
from av.packet import Packet
from av.stream import Stream
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from bot.media.decoding.clip import THREADS, moving_picture, open_clip, playing_s, shown_sides, sound

TIME_LIMIT_S = 120.0
"""The time for all attempts at one file together. A ten-second clip needs a few seconds on one core."""

FILL = 0.93
"""The share of the limit that is planned for: containers and bursts need the rest."""

ATTEMPTS = (1.0, 0.8, 0.6)
"""The share of the computed bit rate that each attempt uses: encoders overshoot on short clips."""

HEIGHTS = (1080, 720, 540, 480, 360, 240)
FAIR_BITS_PER_PIXEL, LEAST_BITS_PER_PIXEL = 0.05, 0.02
"""Below the first, a smaller picture looks better; below the second, at the smallest height, no copy is acceptable."""

SOUND_BPS = 96_000
LEAST_SOUND_BPS, MOST_SOUND_BPS = 24_000, 160_000
CLOCK = Fraction(1, 90_000)
SLOWEST, FASTEST = Fraction(1), Fraction(60)
"""The bounds of the frame rate that bits are planned for, in frames per second: a container may claim any rate."""

TURNS = {90: ("cclock",), 180: ("clock", "clock"), 270: ("clock",)}
"""Filters that turn a frame counterclockwise, keyed by the number of degrees."""


@dataclass(frozen=True, slots=True)
class _Shape:
    """The parameters of an encoded video: sides in pixels, bit rates (0: no audio), and the frames' rotation."""

    width: int
    height: int
    rate: Fraction
    picture_bps: int
    sound_bps: int
    rotation: int


def fit_video(path: Path, media: str, max_bytes: int, into: Path, *, limit_s: float = TIME_LIMIT_S) -> bool:
    """Write an H.264 copy of at most `max_bytes`; False if no acceptable copy fits or time runs out.

    Raises UnusableFile if the original cannot be decoded.
    """
    ends_s, length_s = time.monotonic() + limit_s, _length_s(path, media)
    for share in ATTEMPTS:
        with open_clip(path, media) as source:
            shape = _shape(source, _bits_per_second(length_s, max_bytes * share))
        if shape is None:
            return False
        # Opened again, because a seek goes to the first picture and would skip the sound before it.
        with open_clip(path, media) as source:
            if not _encode_video(source, into, shape, ends_s):
                return False
        if not into.exists():  # not a single frame was decoded
            return False
        if into.stat().st_size <= max_bytes:
            return True
    return False


def fit_sound(path: Path, media: str, max_bytes: int, into: Path, *, limit_s: float = TIME_LIMIT_S) -> bool:
    """Write an Opus copy of at most `max_bytes`; False if no acceptable copy fits or time runs out.

    Raises UnusableFile if the original cannot be decoded.
    """
    ends_s, length_s = time.monotonic() + limit_s, _length_s(path, media)
    for share in ATTEMPTS:
        with open_clip(path, media) as source:
            bps = _bits_per_second(length_s, max_bytes * share)
            if bps < LEAST_SOUND_BPS or not _encode_sound(source, into, min(bps, MOST_SOUND_BPS), ends_s):
                return False
        if not into.exists():  # not a single frame was decoded
            return False
        if into.stat().st_size <= max_bytes:
            return True
    return False


def _length_s(path: Path, media: str) -> float:
    """Return a clip's duration in seconds. Browser recordings do not state one."""
    with open_clip(path, media) as source:
        return max(playing_s(source), (source.duration or 0) / 1_000_000)


def _bits_per_second(seconds: float, max_bytes: float) -> int:
    return int(max_bytes * 8 * FILL / seconds) if seconds > 0 else 0


def _shape(source: InputContainer, total: int) -> _Shape | None:
    stream = moving_picture(source)
    if stream is None:
        return None
    frame = next(source.decode(stream))
    shown_width, shown_height = shown_sides(stream, frame)
    voice_bps = min(SOUND_BPS, total // 4) if sound(source) is not None else 0
    rate = min(max(stream.average_rate or Fraction(25), SLOWEST), FASTEST)
    for height in (shown_height, *HEIGHTS):
        if height > shown_height:
            continue
        width = max(2, round(shown_width * height / shown_height))
        density = (total - voice_bps) / (width * height * float(rate))
        if density >= (LEAST_BITS_PER_PIXEL if height <= HEIGHTS[-1] else FAIR_BITS_PER_PIXEL):
            sides = width // 2 * 2, max(2, height // 2 * 2)
            return _Shape(*sides, rate, total - voice_bps, voice_bps, frame.rotation)
    return None


def _encode_video(source: InputContainer, into: Path, shape: _Shape, ends_s: float) -> bool:
    """Encode the whole video; False if the time ran out."""
    streams = [each for each in (moving_picture(source), sound(source)) if each is not None]
    with av.open(str(into), "w", format="mp4", options={"movflags": "+faststart"}) as target:
        picture = _add_picture(target, shape)
        voice = target.add_stream("aac", rate=48_000, bit_rate=shape.sound_bps) if shape.sound_bps else None
        turn = _Turn(shape.rotation)
        for packet in source.demux(streams):
            if time.monotonic() > ends_s:
                return False
            _encode_packet(target, packet, picture, voice, turn)
        target.mux(picture.encode(None))
        if voice is not None:
            target.mux(voice.encode(None))
    return True


def _add_picture(target: OutputContainer, shape: _Shape) -> VideoStream:
    stream = target.add_stream("libx264", rate=shape.rate, bit_rate=shape.picture_bps)
    stream.width, stream.height = shape.width, shape.height
    stream.pix_fmt = "yuv420p"
    stream.codec_context.time_base = CLOCK
    stream.codec_context.thread_count = THREADS
    limit = str(shape.picture_bps)
    stream.options = {"preset": "veryfast", "maxrate": limit, "bufsize": limit}
    return stream


def _encode_packet(
    target: OutputContainer, packet: "Packet[Stream]", picture: VideoStream, voice: AudioStream | None, turn: "_Turn"
) -> None:
    for frame in packet.decode():
        if isinstance(frame, VideoFrame):
            target.mux(picture.encode(turn.upright(frame, picture.width, picture.height)))
        elif isinstance(frame, AudioFrame) and voice is not None:
            target.mux(voice.encode(frame))


class _Turn:
    """Turns frames upright by their rotation, and scales them to the size of the copy."""

    def __init__(self, rotation: int) -> None:
        """`rotation` is in degrees counterclockwise, a multiple of 90; for other angles, frames stay as they are."""
        self._filters = TURNS.get(rotation % 360, ())
        self._graph: Graph | None = None

    def upright(self, frame: VideoFrame, width: int, height: int) -> VideoFrame:
        """Return the frame upright and at this size."""
        sideways = len(self._filters) == 1
        sides = (height, width) if sideways else (width, height)
        fitted = frame.reformat(width=sides[0], height=sides[1], format="yuv420p")
        if not self._filters:
            return fitted
        graph = self._graph = self._graph or self._built(fitted)
        graph.push(fitted)
        turned = graph.pull()
        if not isinstance(turned, VideoFrame):
            raise ValueError("the filter gave no picture")  # noqa: TRY004 - damaged, as far as anyone can tell
        turned.pts, turned.time_base = frame.pts, frame.time_base
        return turned

    def _built(self, frame: VideoFrame) -> Graph:
        graph = Graph()
        source = graph.add_buffer(
            width=frame.width, height=frame.height, format=frame.format, time_base=frame.time_base or CLOCK
        )
        filters = [graph.add("transpose", f"dir={each}") for each in self._filters]
        graph.link_nodes(source, *filters, graph.add("buffersink")).configure()
        return graph


def _encode_sound(source: InputContainer, into: Path, bps: int, ends_s: float) -> bool:
    """Encode all of the audio; False if the time ran out."""
    voice = sound(source)
    if voice is None:
        raise ValueError("it has no sound")
    with av.open(str(into), "w", format="ogg") as target:
        copy = target.add_stream("libopus", rate=48_000, bit_rate=bps)
        for frame in source.decode(voice):
            if time.monotonic() > ends_s:
                return False
            target.mux(copy.encode(frame))
        target.mux(copy.encode(None))
    return True
