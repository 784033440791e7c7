"""Makes output files of one colour or tone, without drawing; each size, length and media type is made only once.

They are for measuring clients: drawing would take more CPU time than the client.
"""

from functools import lru_cache

from PIL import Image

from sandbox.provider.drawing import music, videos
from sandbox.provider.drawing.encoding import encode
from sandbox.provider.drawing.painter import Size

COLOUR = (90, 120, 150)
HALF = 128
"""The opacity of a picture with a transparent background."""
FPS = 1
KEPT = 64

TONE = (music.Note(0, music.SECONDS, 220, 0.5),)


@lru_cache(KEPT)
def picture(size: Size, media: str, *, transparent: bool = False) -> bytes:
    """Return a picture of one colour."""
    return encode(Image.new("RGBA", size, (*COLOUR, HALF)) if transparent else _colour(size), media, fast=True)


@lru_cache(KEPT)
def vector(size: Size) -> bytes:
    """Return a vector graphic of one colour."""
    wide, high = size
    shape = f'<rect width="{wide}" height="{high}" fill="rgb{COLOUR}"/>'
    box = f'width="{wide}" height="{high}" viewBox="0 0 {wide} {high}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {box}>{shape}</svg>'.encode()


@lru_cache(KEPT)
def video(size: Size, seconds: float, media: str, *, with_sound: bool) -> bytes:
    """Return a video or an animation of one colour."""
    frame = _colour(size)
    if media == "image/gif":
        return videos.gif(lambda _: frame, size, seconds, FPS)
    return videos.mp4(lambda _: frame, size, seconds, with_sound=with_sound, fps=FPS)


@lru_cache(KEPT)
def tone(media: str) -> bytes:
    """Return a tone or its spectrogram."""
    return music.wav(list(TONE)) if media == "audio/wav" else encode(music.spectrogram(list(TONE)), media)


def _colour(size: Size) -> Image.Image:
    return Image.new("RGB", size, COLOUR)
