"""Opens and reads pictures as browsers show them: complete, upright, with their colours. Limits are checked first."""

import hashlib
import io
import warnings
from pathlib import Path

from PIL import Image, ImageCms, JpegImagePlugin

from bot.catalogue.refusals import unusable
from bot.filetype import sniff_file
from bot.media.decoding.png_chunks import readable_png
from bot.media.decoding.webp_end import readable_webp
from bot.media.media_info import PIXELS_MAX, SIDE_MAX

FORMATS = ("PNG", "WEBP", "GIF")
BROKEN = (OSError, SyntaxError, ValueError, IndexError, EOFError, Image.DecompressionBombError)
"""The exceptions that Pillow raises for files that are cut off, damaged or malicious."""

ORIENTATION = 0x0112
"""EXIF tag: how to turn the picture to see it upright (CIPA DC-008, table of orientations)."""

TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
SIDEWAYS = frozenset({5, 6, 7, 8})

JPEG_END = b"\xff\xd9"
FILLING = b"\x55\xaa\x33" * 64

SHORTEST_MS, INSTEAD_MS = 10, 100
"""Browsers show a frame that claims 10 ms or less for 100 ms, in every format."""

READABLE = {"image/png": readable_png, "image/webp": readable_webp}
"""Functions that return a file, or a copy of it in memory without faults that only browsers overlook."""

_TO_8_BITS = 1 / 257


def open_picture(path: Path, *, name: str = "", pixels_max: int = PIXELS_MAX) -> Image.Image:
    """Open a picture and check its size; nothing is decoded. The caller closes it. Raises UnusableFile."""
    name = name or path.name
    try:
        with warnings.catch_warnings():
            # Up to twice its limit, Pillow only warns; the check below decides. Damaged EXIF only warns too.
            warnings.simplefilter("ignore")
            image = _open(path)
    except Image.DecompressionBombError as error:  # it has more than twice as many pixels as Pillow's own limit
        raise unusable(name, "file-megapixels", pixels_max // 1_000_000) from error
    except BROKEN as error:
        raise unusable(name, "file-no-picture") from error
    problem = _size_problem(image, pixels_max)
    if problem is not None:
        image.close()
        raise unusable(name, *problem)
    return image


def read_picture(path: Path, *, name: str = "", pixels_max: int = PIXELS_MAX) -> Image.Image:
    """Read a complete picture (the first frame of an animation), turned upright, as RGB or RGBA.

    Its colour profile is in `info["icc_profile"]`. Raises UnusableFile if it is cut off, damaged or too big.
    """
    with open_picture(path, name=name, pixels_max=pixels_max) as image:
        try:
            whole = load(image, path)
            turn = TURNS.get(orientation(image))
            return as_rgb(whole.transpose(turn) if turn is not None else whole)
        except BROKEN as error:
            raise unusable(name or path.name, "file-damaged") from error


def load(image: Image.Image, path: Path) -> Image.Image:
    """Decode an opened picture. One of `BROKEN` is raised if any part of it is missing.

    A JPEG that lacks only its end marker counts as complete: cameras and downloads lose the marker, and browsers ignore
    that.
    """
    try:
        image.load()
    except OSError:
        if image.format != "JPEG":
            raise
        return _without_end(path.read_bytes())
    return image


def orientation(image: Image.Image) -> int:
    """Return the EXIF orientation, 1 to 8; 1 if there is none or it cannot be read.

    To find it in a PNG, Pillow decodes the picture, and ignores what is wrong with it: `load` must be called first.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = image.getexif().get(ORIENTATION, 1)
    except Exception:  # noqa: BLE001 - a damaged EXIF block may raise anything, and is ignored
        return 1
    return found if found in TURNS else 1


def is_sideways(image: Image.Image) -> bool:
    """Return whether turning the picture upright swaps width and height."""
    return orientation(image) in SIDEWAYS


def shown_ms(image: Image.Image) -> int:
    """Return for how many milliseconds browsers show the current frame of an animation."""
    claimed_ms = int(image.info.get("duration", 0))
    return claimed_ms if claimed_ms > SHORTEST_MS else INSTEAD_MS


def as_rgb(image: Image.Image) -> Image.Image:
    """Return the picture with 8 bits per channel: RGBA if it has transparency, otherwise RGB.

    An RGB colour profile is kept; colours with any other profile (CMYK, grey) are converted to sRGB.
    """
    if image.mode.startswith("I") or image.mode == "F":
        # 16-bit grey would be clipped to white by a plain conversion.
        image = image.convert("F").point(lambda level: level * _TO_8_BITS).convert("L")  # pyright: ignore[reportUnknownMemberType] - its stub wants numpy
    if "icc_profile" in image.info and image.mode not in {"RGB", "RGBA", "P"}:
        image = _converted(image)
    return image.convert("RGBA" if has_alpha(image) else "RGB")


def as_srgb(image: Image.Image) -> Image.Image:
    """Return an RGB or RGBA picture with its colours converted from its profile to sRGB."""
    if "icc_profile" not in image.info:
        return image
    if image.mode == "RGB":
        return _converted(image)
    colours = _converted(image.convert("RGB"))
    colours.putalpha(image.getchannel("A"))
    return colours


def profile(image: Image.Image) -> bytes | None:
    """Return the colour profile to be saved with a copy of this picture."""
    found = image.info.get("icc_profile")
    return found if isinstance(found, bytes) else None


def has_alpha(image: Image.Image) -> bool:
    """Return whether a picture can have transparent parts."""
    return image.has_transparency_data


def _open(path: Path) -> Image.Image:
    media = sniff_file(path)
    if media == "image/jpeg":
        # Not with Image.open, which would treat the pictures of a camera's MPO file as an animation. The first one is
        # the photo.
        return JpegImagePlugin.JpegImageFile(path)
    readable = READABLE.get(media or "")
    return Image.open(readable(path) if readable else path, formats=FORMATS)


def _size_problem(image: Image.Image, pixels_max: int) -> tuple[str, int] | None:
    if image.width * image.height > pixels_max:
        return "file-megapixels", pixels_max // 1_000_000
    if max(image.size) > SIDE_MAX:
        return "file-sides", SIDE_MAX
    return None


def _without_end(data: bytes) -> Image.Image:
    """Decode a JPEG without an end marker. Raises OSError if more than that marker is missing.

    A decoder reads missing data from the bits that follow. Two different fillings give the same picture only if neither
    was read.
    """
    begun = data.removesuffix(JPEG_END[:1])
    plain, filled = (_decoded(begun + tail + JPEG_END) for tail in (b"", FILLING))
    if _digest(plain) != _digest(filled):
        raise OSError("the picture is cut off")
    return plain


def _decoded(data: bytes) -> Image.Image:
    image = JpegImagePlugin.JpegImageFile(io.BytesIO(data))
    image.load()
    return image


def _digest(image: Image.Image) -> bytes:
    return hashlib.blake2b(image.tobytes()).digest()


def _converted(image: Image.Image) -> Image.Image:
    """Convert to sRGB, and drop the profile. Colours with an unusable profile are left unchanged."""
    found = image.info.pop("icc_profile")
    transparency = image.info.get("transparency")
    try:
        target = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType] - no stub
        made = ImageCms.profileToProfile(image, io.BytesIO(found), target, outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return image
    if made is None or transparency is not None or image.mode == "LA":
        return image
    made.info.pop("icc_profile", None)
    return made
