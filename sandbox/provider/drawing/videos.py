"""Makes short videos (H.264 in MP4, or GIF) from a function that draws the frame at a given time."""

import io
import math
import tempfile
from array import array
from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import cache
from pathlib import Path

import av
from av.video.reformatter import Interpolation
from PIL import Image, ImageOps

from sandbox.provider.drawing.caption import Lettering
from sandbox.provider.drawing.painter import Size, finish, paint
from sandbox.provider.drawing.scenes import compose

FPS = 10
SKETCHED_FPS = 4
PAINTED_FPS = 2.5
SOUND_RATE = 24_000
SOUND_BLOCK = 1_024
"""The number of samples in a block of sound, as AAC encodes it."""
MURMUR_S = 4
"""The sound of a video repeats after this many seconds, into which each of its waves fits a whole number of times."""
Frame = Callable[[float], Image.Image]
"""A function that draws the frame at a given time in seconds."""


def mp4(draw: Frame, size: Size, seconds: float, *, with_sound: bool = False, fps: int = FPS) -> bytes:
    """Encode a video as MP4; frames of another size are enlarged."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "video.mp4"
        _write(place, draw, size, seconds, with_sound=with_sound, fps=fps)
        return place.read_bytes()


def _write(place: Path, draw: Frame, size: Size, seconds: float, *, with_sound: bool, fps: int) -> None:
    with av.open(str(place), "w", options={"movflags": "+faststart"}) as container:
        stream = container.add_stream("libx264", rate=fps, options={"preset": "ultrafast", "crf": "27"})
        stream.width, stream.height, stream.pix_fmt = size[0], size[1], "yuv420p"
        sound = container.add_stream("aac", rate=SOUND_RATE) if with_sound else None
        for index in range(max(1, round(seconds * fps))):
            frame = av.VideoFrame.from_image(draw(index / fps))
            frame.pts, frame.time_base = index, Fraction(1, fps)
            how = None if (frame.width, frame.height) == size else Interpolation.POINT
            container.mux(stream.encode(frame.reformat(*size, format="yuv420p", interpolation=how)))
        container.mux(stream.encode(None))
        if sound is not None:
            for packet in _murmur(seconds):
                container.mux(sound.encode(packet))
            container.mux(sound.encode(None))


def _murmur(seconds: float) -> Iterator[av.AudioFrame]:
    """Make quiet two-tone audio, in blocks."""
    loop = _murmur_loop()
    for start in range(0, int(seconds * SOUND_RATE), SOUND_BLOCK):
        first = start % len(loop)
        frame = av.AudioFrame(format="s16", layout="mono", samples=SOUND_BLOCK)
        frame.planes[0].update((loop[first:] + loop)[:SOUND_BLOCK].tobytes())
        frame.sample_rate, frame.pts, frame.time_base = SOUND_RATE, start, Fraction(1, SOUND_RATE)
        yield frame


@cache
def _murmur_loop() -> "array[int]":
    loop = array("h")
    for index in range(MURMUR_S * SOUND_RATE):
        at = index / SOUND_RATE
        swell = 0.5 + 0.5 * math.sin(math.tau * at / MURMUR_S)
        loop.append(int(3_000 * swell * (math.sin(math.tau * 146.75 * at) + 0.6 * math.sin(math.tau * 220 * at))))
    return loop


def gif(draw: Frame, size: Size, seconds: float, fps: int) -> bytes:
    """Encode a video as a looping GIF of at most 60 frames; frames of another size are enlarged."""
    count = max(2, min(60, round(seconds * fps)))
    drawn = (draw(seconds * index / count).convert("P", palette=Image.Palette.ADAPTIVE) for index in range(count))
    frames = [frame.resize(size, Image.Resampling.NEAREST) for frame in drawn]
    made = io.BytesIO()
    delay = max(20, round(1_000 * seconds / count))
    frames[0].save(made, "GIF", save_all=True, append_images=frames[1:], duration=delay, loop=0)
    return made.getvalue()


class MovingScene:
    """Draws the animated scene of a prompt: it paints a few frames per second and, if not sketched, blends them."""

    def __init__(self, prompt: str, seed: int, size: Size, lettering: Lettering, *, sketched: bool = False) -> None:
        self._prompt, self._seed, self._size, self._lettering = prompt, seed, size, lettering
        self._sketched = sketched
        self._painted: dict[int, Image.Image] = {}

    def __call__(self, t: float) -> Image.Image:
        """Draw the frame at a given time."""
        index, share = divmod(t * PAINTED_FPS, 1)
        picture = self._key(int(index))
        if share and not self._sketched:
            picture = Image.blend(picture, self._key(int(index) + 1), share)
        return self._lettering.write(picture)

    def _key(self, index: int) -> Image.Image:
        if index not in self._painted:
            self._painted = {key: picture for key, picture in self._painted.items() if key == index - 1}
            scene = compose(self._prompt, self._seed, self._size[0] / self._size[1], index / PAINTED_FPS)
            self._painted[index] = paint(scene, self._size, fine=False)
        return self._painted[index]


def moving_picture(picture: Image.Image, size: Size, seconds: float) -> Frame:
    """Return a drawing function that starts with the picture and slowly zooms in."""
    full = cover(picture.convert("RGB"), size)

    def draw(t: float) -> Image.Image:
        near = 1 - 0.16 * t / max(seconds, 0.1)
        wide, high = size[0] * near, size[1] * near
        left = (size[0] - wide) * (0.5 + 0.3 * math.sin(t * 0.6))
        top = (size[1] - high) * 0.45
        return full.resize(size, Image.Resampling.BILINEAR, box=(left, top, left + wide, top + high))

    return draw


def morph(one: Frame, other: Frame, seconds: float) -> Frame:
    """Return a drawing function that blends from one video to another."""

    def draw(t: float) -> Image.Image:
        return Image.blend(one(t), other(t), min(1.0, t / max(seconds, 0.1)))

    return draw


def cover(picture: Image.Image, size: Size) -> Image.Image:
    """Scale and crop a picture to fill this size."""
    return ImageOps.fit(picture, size, Image.Resampling.LANCZOS)


def still(prompt: str, seed: int, size: Size, *, sketched: bool = False) -> Image.Image:
    """Paint the scene of a prompt as a still picture; a sketch has hard edges and no grain."""
    scene = compose(prompt, seed, size[0] / size[1])
    return paint(scene, size, fine=False) if sketched else finish(paint(scene, size))


def first_frame(data: bytes) -> Image.Image:
    """Return the first frame of a video."""
    with av.open(io.BytesIO(data), "r") as container:
        return next(container.decode(video=0)).to_image()
