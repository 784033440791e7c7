"""Validates an input as strictly as the provider does, without converting anything."""

import base64
import binascii
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import urlsplit

from sandbox.provider.model_schemas import Field, Model

TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "array": (list,),
}
JSON_NAMES: Mapping[type, str] = {
    str: "string",
    int: "integer",
    float: "number",
    bool: "boolean",
    list: "array",
    dict: "object",
}
MAX_DATA_URL = 1_000_000
"""The maximum length of a `data:` URL, in characters (Replicate's page on input files: under 1 MB)."""


@dataclass(frozen=True, slots=True)
class Invalid:
    """One problem, as an entry of the response's `invalid_fields`."""

    type: str
    field: str
    description: str


def validate(model: Model, run_input: Mapping[str, object]) -> tuple[Invalid, ...]:
    """Return all problems of an input: missing names, unknown names, then invalid values in the schema's order."""
    required = [name for name, field in model.inputs.items() if field.required]
    wrong = list(check_names("input", run_input, required=required, known=model.inputs))
    for name, field in model.inputs.items():
        if name in run_input:
            wrong += _check(field, run_input[name])
    return tuple(wrong or _across(model, run_input))


def check_names(
    where: str, given: Mapping[str, object], *, required: Iterable[str], known: Container[str]
) -> Iterator[Invalid]:
    """Yield the names that an object lacks, then those that are unknown; `where` is its path, empty for the body."""
    for name in required:
        if name not in given:
            yield Invalid("required", where, f"{name} is required")
    for name in given:
        if name not in known:
            yield Invalid("additional_property_not_allowed", where, f"Additional property {name} is not allowed")


def _check(field: Field, value: object) -> Iterator[Invalid]:
    where = f"input.{field.name}"
    if not _is(value, field.type):
        yield wrong_type(where, value, field.type)
    elif field.is_link:
        yield from _check_links(where, value)
    elif field.enum and value not in field.enum:
        choices = ", ".join(f'"{choice}"' if isinstance(choice, str) else str(choice) for choice in field.enum)
        yield Invalid("enum", where, f"{field.name} must be one of the following: {choices}")
    elif field.minimum is not None and cast("float", value) < field.minimum:
        yield Invalid("number_gte", where, f"Must be greater than or equal to {field.minimum}")
    elif field.maximum is not None and cast("float", value) > field.maximum:
        yield Invalid("number_lte", where, f"Must be less than or equal to {field.maximum}")


def _check_links(where: str, value: object) -> Iterator[Invalid]:
    if isinstance(value, list):
        for number, link in enumerate(cast("list[object]", value)):
            yield from _check_links(f"{where}.{number}", link)
    elif not isinstance(value, str):
        yield wrong_type(where, value, "string")
    elif not is_link(value):
        yield Invalid("format", where, "Does not match format 'uri'")


def wrong_type(where: str, value: object, expected: str) -> Invalid:
    """Return the problem for a value whose type is not the one in the schema."""
    actual = JSON_NAMES.get(type(value), "null")
    return Invalid("invalid_type", where, f"Invalid type. Expected: {expected}, given: {actual}")


def _is(value: object, name: str) -> bool:
    return isinstance(value, TYPES[name]) and (not isinstance(value, bool) or name == "boolean")


def is_link(text: str) -> bool:
    """Return whether a string is an http(s) URL or a well-formed base64 data URL."""
    if text.startswith("data:"):
        return decode_data_url(text) is not None
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and not any(c.isspace() for c in text)


def decode_data_url(text: str) -> bytes | None:
    """Decode `data:…;base64,…`; None if the text is not a data URL."""
    head, comma, data = text.partition(",")
    if not comma or not head.endswith(";base64"):
        return None
    try:
        return base64.b64decode(data, validate=True)
    except binascii.Error:
        return None


def has_oversized_data(value: object) -> bool:
    """Return whether an input contains a data URL above the limit."""
    if isinstance(value, dict):
        return any(has_oversized_data(each) for each in cast("dict[str, object]", value).values())
    if isinstance(value, list):
        return any(has_oversized_data(each) for each in cast("list[object]", value))
    return isinstance(value, str) and value.startswith("data:") and len(value) > MAX_DATA_URL


def _across(model: Model, run_input: Mapping[str, object]) -> list[Invalid]:
    """Apply the rules that involve several fields, which the schemas do not contain."""
    problems = [
        rule(model, run_input) for rule in (_lip_sync, _needs_picture, _needs_prompt, _hailuo, _kontext, _masks)
    ]
    return [Invalid("invalid", "input", problem) for problem in problems if problem]


def _lip_sync(model: Model, run_input: Mapping[str, object]) -> str | None:
    if model.id != "kwaivgi/kling-lip-sync":
        return None
    for pair in (("video_url", "video_id"), ("audio_file", "text")):
        if sum(bool(run_input.get(name)) for name in pair) != 1:
            return f"exactly one of {pair[0]} and {pair[1]} is required"
    link = run_input.get("video_url")
    if isinstance(link, str) and (link.startswith("data:") or not is_link(link)):
        return "video_url must be an http or https URL"
    return None


NEED_ONE_OF: Mapping[str, tuple[str, ...]] = {
    "cjwbw/rembg": ("image",),
    "kwaivgi/kling-v1.6-pro": ("start_image", "end_image"),
}
"""Models whose schema marks every picture as optional although a run needs one."""


def _needs_picture(model: Model, run_input: Mapping[str, object]) -> str | None:
    names = NEED_ONE_OF.get(model.id, ())
    if not names or any(run_input.get(name) for name in names):
        return None
    return f"{' or '.join(names)} is required"


def _needs_prompt(model: Model, run_input: Mapping[str, object]) -> str | None:
    if model.id == "google/veo-2" and not (run_input.get("prompt") or run_input.get("image")):
        return "prompt or image is required"
    return None


def _hailuo(model: Model, run_input: Mapping[str, object]) -> str | None:
    if not model.id.startswith("minimax/hailuo"):
        return None
    requested = (model.value(run_input, "duration"), model.value(run_input, "resolution"))
    return (
        "a duration of 10 seconds is only available at 768p"
        if requested[0] == LONG and requested[1] != "768p"
        else None
    )


LONG = 10
"""The length of Hailuo's longer clip, in seconds."""
MAX_TOLERANCE_WITH_IMAGE = 2


def _kontext(model: Model, run_input: Mapping[str, Any]) -> str | None:
    if (
        "input_image" not in model.inputs
        or not run_input.get("input_image")
        or run_input.get("safety_tolerance", 0) <= MAX_TOLERANCE_WITH_IMAGE
    ):
        return None
    return "safety_tolerance can be at most 2 when an input image is used"


def _masks(model: Model, run_input: Mapping[str, object]) -> str | None:
    mask = model.roles["mask"]
    image = model.image_fields[0] if model.image_fields else None
    if mask == "mask" and image and run_input.get(mask) and not run_input.get(image):
        return f"{image} is required when a mask is given"
    if model.id == "ideogram-ai/ideogram-v2-turbo" and run_input.get("image") and not run_input.get("mask"):
        return "mask is required when an image is given"
    return None
