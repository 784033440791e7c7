"""A still picture for what Discord shows badly or not at all: a drawing, a video. Blocking; use a thread."""

import subprocess
import sys
from pathlib import Path

from bot.catalogue.refusals import unusable
from bot.media.inspect import inspect, sniff_file
from bot.media.poster import poster

SIDE = 1_024
"""The longer side of a drawn preview, in pixels."""

FLATTEST = 16
"""No side is drawn shorter than this: very long and thin drawings are squeezed."""

DRAWING_MOST = 20 << 20
RENDER_S = 30.0

RENDERER = Path(__file__).with_name("render_svg.py")


def preview(path: Path, into: Path) -> Path | None:
    """Write a still of an SVG (as PNG, transparency kept) or of a video (as JPEG) beside `into`, with that suffix.

    None for what shows itself. Raises UnusableFile where no still can be made.
    """
    media = sniff_file(path) or ""
    if media == "image/svg+xml":
        made = into.with_suffix(".png")
        made.write_bytes(_drawn(path))
        return made
    if media.startswith("video/"):
        made = into.with_suffix(".jpg")
        poster(path, made)
        return made if made.exists() else None
    return None


def _drawn(path: Path) -> bytes:
    if path.stat().st_size > DRAWING_MOST:
        raise unusable(path.name, "file-larger", DRAWING_MOST >> 20)
    width, height = _sides(path)
    command = [sys.executable, "-I", str(RENDERER), f"{width}x{height}"]
    try:
        with path.open("rb") as drawing:
            done = subprocess.run(command, stdin=drawing, capture_output=True, timeout=RENDER_S, check=True)  # noqa: S603 - ours
    except subprocess.SubprocessError as error:
        raise unusable(path.name, "file-undrawable") from error
    return done.stdout


def _sides(path: Path) -> tuple[int, int]:
    info = inspect(path)
    if not info.width or not info.height:
        return SIDE, SIDE
    scale = SIDE / max(info.width, info.height)
    return max(FLATTEST, round(info.width * scale)), max(FLATTEST, round(info.height * scale))
