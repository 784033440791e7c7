"""Creates small real files for the tests."""

import zlib
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from PIL import Image, ImageDraw

NOISE = 60


def noise(size: tuple[int, int], mode: str = "RGB") -> Image.Image:
    """Create a picture that does not compress well."""
    grey = Image.effect_noise(size, NOISE)
    return Image.merge(mode, [grey.rotate(90 * number) for number in range(len(mode))]) if len(mode) > 1 else grey


def cut_out(size: tuple[int, int] = (600, 400)) -> Image.Image:
    """Create a noisy ellipse on a transparent background."""
    picture = noise((size[0], size[0])).resize(size).convert("RGBA")
    shape = Image.new("L", size, 0)
    ImageDraw.Draw(shape).ellipse((size[0] // 4, size[1] // 4, 3 * size[0] // 4, 3 * size[1] // 4), fill=255)
    picture.putalpha(shape)
    return picture


def save(image: Image.Image, path: Path, **more: Any) -> Path:
    image.save(path, **more)
    return path


def video(
    path: Path, *, seconds: float = 1, size: tuple[int, int] = (320, 180), sound: bool = False, dark: int = 0
) -> Path:
    """Create a noisy clip with 24 frames per second; the first `dark` frames are black."""
    rate = 24
    with av.open(str(path), "w") as target:
        stream = target.add_stream("libvpx" if path.suffix == ".webm" else "libx264", rate=rate)
        stream.width, stream.height, stream.pix_fmt, stream.bit_rate = *size, "yuv420p", 4_000_000
        if path.suffix != ".webm":
            stream.options = {"preset": "ultrafast"}  # noise is hard to encode, and no test looks at its quality
        voice = target.add_stream("aac", rate=48_000) if sound else None
        for number in range(round(seconds * rate)):
            picture = Image.new("RGB", size) if number < dark else noise(size)
            target.mux(stream.encode(VideoFrame.from_image(picture)))
        target.mux(stream.encode(None))
        if voice is not None:
            _sing(target, voice, seconds)
    return path


def sound(path: Path, *, seconds: float = 1) -> Path:
    codecs = {
        ".wav": "pcm_s16le",
        ".mp3": "libmp3lame",
        ".ogg": "libopus",
        ".m4a": "aac",
        ".aac": "aac",
        ".flac": "flac",
    }
    with av.open(str(path), "w", format="ipod" if path.suffix == ".m4a" else None) as target:
        stream = target.add_stream(codecs.get(path.suffix, "aac"), rate=48_000)
        assert isinstance(stream, AudioStream)
        _sing(target, stream, seconds)
    return path


def _sing(target: OutputContainer, stream: AudioStream, seconds: float) -> None:
    samples = round(seconds * 48_000)
    for begin in range(0, samples, 1_024):
        frame = AudioFrame(format="s16", layout="mono", samples=min(1_024, samples - begin))
        frame.sample_rate, frame.pts = 48_000, begin
        for plane in frame.planes:
            plane.update(noise((64, 64), "L").tobytes()[: plane.buffer_size].ljust(plane.buffer_size, b"\0"))
        target.mux(stream.encode(frame))
    target.mux(stream.encode(None))


def bomb(path: Path, side: int = 50_000) -> Path:
    """Create a PNG of a few kilobytes that claims to have `side` times `side` pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4) + kind + data + zlib.crc32(kind + data).to_bytes(4)

    header = side.to_bytes(4) * 2 + bytes([8, 2, 0, 0, 0])
    rows = zlib.compress(bytes(1_000_000), 9)
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b""))
    return path


def cut(path: Path, share: float = 0.6) -> Path:
    """Cut off the end of a file, and return its path."""
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    return path


def png(path: Path, width: int, height: int, *more: tuple[bytes, bytes]) -> Path:
    """Create a black PNG of this size, with more chunks before its pixels."""
    header = width.to_bytes(4) + height.to_bytes(4) + bytes([8, 0, 0, 0, 0])
    rows = zlib.compress(bytes((width + 1) * height), 9)
    chunks = [(b"IHDR", header), *more, (b"IDAT", rows), (b"IEND", b"")]
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*each) for each in chunks))
    return path


def chunk(kind: bytes, data: bytes) -> bytes:
    return len(data).to_bytes(4) + kind + data + zlib.crc32(kind + data).to_bytes(4)


def clip(
    path: Path,
    times: list[float],
    *,
    sound_s: float = 0,
    last_s: float = 0.04,
    rotation: int = 0,
    size: tuple[int, int] = (64, 48),
    codec: str | None = None,
    sar: Fraction | None = None,
    live: bool = False,
) -> Path:
    """Create a clip with frames at these times and audio of this length; its upper left corner is red."""
    picture = Image.new("RGB", size, "navy")
    picture.paste("red", (0, 0, size[0] // 2, size[1] // 2))
    with av.open(str(path), "w", options={"live": "1"} if live else {}) as target:
        stream = target.add_stream(codec or ("libvpx" if path.suffix == ".webm" else "libx264"), rate=25)
        assert isinstance(stream, VideoStream)
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        stream.codec_context.time_base = Fraction(1, 1_000)
        stream.options = {"bf": "0", "g": "250"}
        if rotation:
            stream.set_display_rotation(rotation)
        if sar:
            stream.codec_context.sample_aspect_ratio = sar
        voice = target.add_stream("libopus" if path.suffix == ".webm" else "aac", rate=48_000) if sound_s else None
        for number, time in enumerate(times):
            frame = VideoFrame.from_image(picture)
            frame.pts, frame.time_base = round(time * 1_000), Fraction(1, 1_000)
            following = times[number + 1] if number + 1 < len(times) else time + last_s
            for packet in stream.encode(frame):
                packet.duration = round((following - time) / packet.time_base)
                target.mux(packet)
        target.mux(stream.encode(None))
        if voice is not None:
            for begin in range(0, round(sound_s * 48_000), 960):
                frame = AudioFrame(format="s16", layout="mono", samples=960)
                frame.sample_rate, frame.pts = 48_000, begin
                frame.planes[0].update(bytes(frame.planes[0].buffer_size))
                target.mux(voice.encode(frame))
            target.mux(voice.encode(None))
    return path
