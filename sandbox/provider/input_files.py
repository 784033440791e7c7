"""Fetches and decodes the files that an input links to; an unusable file makes the run fail."""

import asyncio
import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, cast

import aiohttp
import av
from av.error import FFmpegError
from PIL import Image

from sandbox.provider.input_validation import decode_data_url
from sandbox.provider.model_schemas import Model

Kind = Literal["picture", "video", "audio"]
FETCH_TIMEOUT_S = 30
MB = 1_000_000


class UnusableInput(Exception):
    """Raised if an input file cannot be fetched or the model does not accept it; the text becomes the run's error."""


@dataclass(frozen=True, slots=True)
class InputFile:
    """One input file."""

    field: str
    kind: Kind
    data: bytes

    def picture(self) -> Image.Image:
        """Decode the file as an upright picture in RGBA."""
        with Image.open(io.BytesIO(self.data)) as opened:
            return opened.convert("RGBA")


async def fetch(http: aiohttp.ClientSession, model: Model, run_input: Mapping[str, object]) -> tuple[InputFile, ...]:
    """Fetch and check all files that the input links to, in the order of the model's fields.

    Raises UnusableInput.
    """
    wanted = list(_links(model, run_input))
    found = [InputFile(field, kind, await _read(http, field, link)) for field, kind, link in wanted]
    if found:
        await asyncio.to_thread(_check_all, model, found)
    return tuple(found)


def _links(model: Model, run_input: Mapping[str, object]) -> list[tuple[str, Kind, str]]:
    wanted: list[tuple[str, Kind, str]] = []
    for name, field in model.inputs.items():
        value = run_input.get(name)
        if value and (field.is_link or name == model.roles["video"]):
            links = cast("list[object]", value) if isinstance(value, list) else [value]
            wanted.extend((name, _kind(model, name), str(link)) for link in links)
    return wanted


def _kind(model: Model, name: str) -> Kind:
    if name == model.roles["video"] or name == "src_mask":
        return "video"
    return "audio" if name == model.roles["audio"] else "picture"


async def _read(http: aiohttp.ClientSession, field: str, link: str) -> bytes:
    if link.startswith("data:"):
        return decode_data_url(link) or b""
    try:
        async with http.get(link, timeout=aiohttp.ClientTimeout(FETCH_TIMEOUT_S)) as answer:
            if answer.status != 200:  # noqa: PLR2004 - only this response has the file
                raise UnusableInput(f"Could not download input.{field}: {answer.status} {answer.reason} (E9243)")
            return await answer.read()
    except (aiohttp.ClientError, TimeoutError, ValueError) as error:
        raise UnusableInput(f"Could not download input.{field}: the link does not load (E9243)") from error


def _check_all(model: Model, files: list[InputFile]) -> None:
    for each in files:
        if each.kind == "picture" or (each.field == "src_mask" and _is_picture(each)):
            _check_picture(model, each)
        elif each.kind == "video":
            _check_video(model, each)
        else:
            _check_audio(model, each)


def _is_picture(file: InputFile) -> bool:
    try:
        file.picture()
    except OSError:
        return False
    return True


RECRAFT_TOOLS = ("recraft-ai/recraft-remove-background", "recraft-ai/recraft-vectorize")
RECRAFT_BYTES, RECRAFT_PIXELS, RECRAFT_SIDES = 5 * MB, 16_000_000, (256, 4096)


def _check_picture(model: Model, file: InputFile) -> None:
    try:
        picture = file.picture()
    except (OSError, Image.DecompressionBombError, SyntaxError, ValueError) as error:
        raise UnusableInput(f"cannot identify image file '/tmp/{file.field}' (E9243)") from error
    if model.id in RECRAFT_TOOLS:
        _check_recraft(file, picture)


def _check_recraft(file: InputFile, picture: Image.Image) -> None:
    low, high = RECRAFT_SIDES
    if len(file.data) > RECRAFT_BYTES or picture.width * picture.height > RECRAFT_PIXELS:
        raise UnusableInput("image: at most 5 MB and 16 MP are supported")
    if not low <= min(picture.size) <= max(picture.size) <= high:
        raise UnusableInput(f"image: sides must be between {low} and {high} px, got {picture.width}x{picture.height}")


LIP_SYNC = "kwaivgi/kling-lip-sync"
LIP_SYNC_SECONDS, LIP_SYNC_SIDES, LIP_SYNC_BYTES = (2, 10), (720, 1920), 100 * MB
LIP_SYNC_AUDIO_BYTES = 5 * MB


def _check_video(model: Model, file: InputFile) -> None:
    seconds, width, height = probe_video(file)
    if model.id != LIP_SYNC:
        return
    low, high = LIP_SYNC_SECONDS
    if not low <= round(seconds, 1) <= high or len(file.data) > LIP_SYNC_BYTES:
        raise UnusableInput(f"{file.field}: a video of {low} to {high} seconds under 100 MB is required")
    least, most = LIP_SYNC_SIDES
    if not least <= min(width, height) <= max(width, height) <= most:
        raise UnusableInput(f"{file.field}: sides must be between {least} and {most} px, got {width}x{height}")


def probe_video(file: InputFile) -> tuple[float, int, int]:
    """Return (seconds, width, height); raise UnusableInput if no frame can be decoded."""
    try:
        with av.open(io.BytesIO(file.data), "r") as container:
            stream = container.streams.video[0]
            frame = next(container.decode(stream))
            seconds = float(container.duration or 0) / av.time_base
            return seconds, frame.width, frame.height
    except (FFmpegError, IndexError, StopIteration) as error:
        raise UnusableInput(f"{file.field}: the file is not a video (E9243)") from error


def _check_audio(model: Model, file: InputFile) -> None:
    try:
        with av.open(io.BytesIO(file.data), "r") as container:
            next(container.decode(container.streams.audio[0]))
    except (FFmpegError, IndexError, StopIteration) as error:
        raise UnusableInput(f"{file.field}: the file is not audio (E9243)") from error
    if model.id == LIP_SYNC and len(file.data) > LIP_SYNC_AUDIO_BYTES:
        raise UnusableInput(f"{file.field}: audio under 5 MB is required")
