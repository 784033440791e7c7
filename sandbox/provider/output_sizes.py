"""Computes an output's size from its aspect ratio, size, resolution or input picture."""

import math
import re
from collections.abc import Mapping

from sandbox.provider.model_schemas import Model

Size = tuple[int, int]
MEGAPIXELS: Mapping[str, float] = {"1": 1.0, "0.25": 0.25, "1K": 1.0, "2K": 4.0}
VIDEO_SIDES: Mapping[str, int] = {"512p": 512, "768p": 720, "720p": 720, "1080p": 720}
"""The shorter side of a video; drawing more than 720 pixels would take too long."""
LARGEST = 2_048


def picture_size(model: Model, run_input: Mapping[str, object], sent: Size | None) -> Size:
    """Return the size of a picture; `sent` is the size of the first input picture."""
    resolution = _pair(str(model.value(run_input, "resolution")))
    if resolution is not None:
        return resolution
    exact = _exact(model, run_input)
    aspect = str(model.value(run_input, "aspect"))
    if exact is not None and (aspect in ("None", "Not set", "custom") or model.roles["aspect"] is None):
        return exact
    pixels = MEGAPIXELS.get(str(model.value(run_input, "resolution")), 1.0) * 1_048_576
    ratio = _ratio(aspect)
    if ratio is None or (sent is not None and "image" in model.image_fields and not _asks(model, run_input)):
        ratio = sent[0] / sent[1] if sent else 1.0
    return _rounded(math.sqrt(pixels * ratio), math.sqrt(pixels / ratio), 16)


def _asks(model: Model, run_input: Mapping[str, object]) -> bool:
    name = model.roles["aspect"]
    return name is not None and name in run_input


def _exact(model: Model, run_input: Mapping[str, object]) -> Size | None:
    values = [run_input.get(name, model.inputs[name].default) for name in model.size_fields]
    if len(values) == 1:
        return _pair(str(values[0]))
    wide_high = [value for value in values if isinstance(value, int)]
    return (wide_high[0], wide_high[1]) if len(wide_high) == 2 else None  # noqa: PLR2004 - width and height


def _pair(text: str) -> Size | None:
    found = re.fullmatch(r"(\d+)[x*](\d+)", text)
    return (int(found[1]), int(found[2])) if found else None


def _ratio(text: str) -> float | None:
    found = re.fullmatch(r"(\d+):(\d+)", text)
    return int(found[1]) / int(found[2]) if found else None


def _rounded(wide: float, high: float, step: int) -> Size:
    shrink = min(1.0, LARGEST / max(wide, high))
    return max(step, round(wide * shrink / step) * step), max(step, round(high * shrink / step) * step)


def video_size(model: Model, run_input: Mapping[str, object], sent: Size | None) -> Size:
    """Return the size of a video; a start picture determines its aspect."""
    exact = _exact(model, run_input)
    if exact is not None:
        return exact
    short = 480 if "480p" in model.id else 512 if "animate-diff" in model.id else 720
    short = VIDEO_SIDES.get(str(model.value(run_input, "resolution")), short)
    ratio = _ratio(str(model.value(run_input, "aspect"))) or (1.0 if "animate-diff" in model.id else 16 / 9)
    if sent is not None:
        ratio = min(2.4, max(1 / 2.4, sent[0] / sent[1]))
    wide, high = (short * ratio, short) if ratio >= 1 else (short, short / ratio)
    return _rounded(wide, high, 16)
