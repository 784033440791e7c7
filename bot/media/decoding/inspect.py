"""Inspects a file: its true type, its size and duration, and whether it is complete."""

from pathlib import Path

from av.container import InputContainer
from PIL import Image

from bot.catalogue.refusals import unusable
from bot.filetype import sniff_file
from bot.media.decoding.clip import moving_picture, open_clip, playing_s, shown_sides, sound
from bot.media.decoding.container_size import is_cut_off
from bot.media.decoding.drawing import drawing_sides
from bot.media.decoding.picture import BROKEN, has_alpha, is_sideways, load, open_picture, shown_ms
from bot.media.media_info import FRAMES_MAX, SIDE_MAX, Caps, MediaInfo

FRAME_PIXELS_MAX = 1_000_000_000
"""The most pixels in all frames of an animation together: a few seconds of decoding."""

WHOLE_SHARE = 0.9
"""Audio that ends before this share of its stated length has been cut off."""

CLAIMS_EXACTLY = frozenset({"audio/wav", "audio/flac"})
"""Audio formats whose stated length cannot exceed the actual one."""

SOUND_OF = {"video/mp4": "audio/mp4", "video/quicktime": "audio/mp4", "video/webm": "audio/webm"}
"""The media type of a container that has no moving picture: recorders often label audio as video."""

CONTAINERS_OF_STILLS = frozenset({*SOUND_OF, *SOUND_OF.values()})
"""Containers whose last frame is shown until their stated end: it may be a still, or the frame rate may vary."""


def inspect(path: Path, *, caps: Caps | None = None, name: str = "") -> MediaInfo:
    """Inspect a picture, video, audio file or drawing. `name` is its display name, for the error.

    Raises UnusableFile if its type is not supported, or if it is empty, too big, too long, cut off or damaged.
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
        return MediaInfo(media, *drawing_sides(path), None, has_alpha=True)
    look = _inspect_picture if media.startswith("image/") else _inspect_clip
    info = look(path, media, caps, name)
    if (info.duration_ms or 0) > caps.seconds * 1_000:
        raise unusable(name, "file-longer", caps.seconds)
    return info


def _inspect_picture(path: Path, media: str, caps: Caps, name: str) -> MediaInfo:
    with open_picture(path, name=name, pixels_max=caps.pixels) as image:
        transparent, (width, height) = has_alpha(image), image.size
        try:
            load(image, path)
            if is_sideways(image):
                width, height = height, width
            length = _play(image, name) if getattr(image, "is_animated", False) else None
        except BROKEN as error:
            raise unusable(name, "file-damaged") from error
        return MediaInfo(media, width, height, length, transparent)


def _play(image: Image.Image, name: str) -> int:
    """Decode all frames, and return their total duration in milliseconds. Raises UnusableFile if there are too many.

    Frames are counted while they are read, because Pillow's own count reads the whole file first.
    """
    length, frames = 0, 0
    while True:
        try:
            image.seek(frames)
        except EOFError:
            return length
        frames += 1
        if frames > FRAMES_MAX or frames * image.width * image.height > FRAME_PIXELS_MAX:
            raise unusable(name, "file-frames")
        image.load()
        length += shown_ms(image)


def _inspect_clip(path: Path, media: str, caps: Caps, name: str) -> MediaInfo:
    with open_clip(path, media, name=name) as container:
        picture = moving_picture(container) if media.startswith("video/") else None
        sides = (None, None)
        if picture is not None:
            _check_sides(picture.width, picture.height, caps, name)
            # At least one frame must be decoded: headers alone prove nothing.
            sides = shown_sides(picture, next(container.decode(picture)))
        else:
            media = SOUND_OF.get(media, media)
            voice = sound(container)
            if voice is None:
                raise ValueError("nothing in it plays")
            next(container.decode(voice))
    with open_clip(path, media, name=name) as container:
        return MediaInfo(media, *sides, _length_ms(container, path, media, name), has_alpha=False)


def _check_sides(width: int, height: int, caps: Caps, name: str) -> None:
    if width * height > caps.pixels:
        raise unusable(name, "file-megapixels", caps.pixels // 1_000_000)
    if max(width, height) > SIDE_MAX:
        raise unusable(name, "file-sides", SIDE_MAX)


def _length_ms(container: InputContainer, path: Path, media: str, name: str) -> int:
    """Return the clip's duration. Raises UnusableFile if it is cut off."""
    length_s = playing_s(container)
    claimed_s = (container.duration or 0) / 1_000_000
    is_short = media in CLAIMS_EXACTLY and length_s < WHOLE_SHARE * claimed_s
    if length_s <= 0 or is_short or is_cut_off(path, media, container):
        raise unusable(name, "file-damaged")
    if media not in CONTAINERS_OF_STILLS:
        return round(length_s * 1_000)
    return round(max(length_s, claimed_s) * 1_000)
