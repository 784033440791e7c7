"""Parses a request body into its JSON payload and the uploaded files."""

import asyncio
import re
from dataclasses import dataclass, field
from typing import cast

from aiohttp import web

from sandbox.discord.rules.error_codes import Code
from sandbox.discord.rules.uploads import Upload
from sandbox.discord.world.state import Json
from sandbox.json_text import parse_json

FORM = "application/x-www-form-urlencoded"
"""The content type with which some clients send `payload_json` when a message has no files."""

_FILE_FIELD = re.compile(r"files\[(\d{1,4})\]")


@dataclass(frozen=True, slots=True)
class ReceivedFile:
    """A file that was uploaded as `files[index]`."""

    index: int
    filename: str
    content: bytes

    @property
    def upload(self) -> Upload:
        """The facts about the file that the rules check."""
        return Upload(self.index, self.filename, len(self.content))


@dataclass(frozen=True, slots=True)
class Sent:
    """A payload and its files."""

    payload: Json
    files: tuple[ReceivedFile, ...] = field(default=())

    @property
    def uploads(self) -> tuple[Upload, ...]:
        """The facts about the files that the rules check."""
        return tuple(file.upload for file in self.files)

    def inner(self, key: str) -> "Sent":
        """Return an object inside the payload, with the same files."""
        inner: object = self.payload.get(key)
        return Sent(cast("Json", inner) if isinstance(inner, dict) else {}, self.files)


def read_query(request: web.Request) -> Json:
    """Read the query like a payload: digits become numbers, as the rules expect."""
    return {key: int(text) if text.isdigit() else text for key, text in request.query.items()}


async def read_json(request: web.Request) -> object:
    """Read a JSON body of any shape; an empty one becomes None.

    Raises:
        DiscordError: 50109 if it is not JSON.

    """
    return _parse(await request.read())


async def read_sent(request: web.Request) -> Sent:
    """Read a body that is an object, with or without files.

    Raises:
        DiscordError: 50109 if it is not JSON, 50035 if it is not an object.

    """
    if request.content_type.startswith("multipart/") or request.content_type == FORM:
        return await _read_form(request)
    payload = _parse(await request.read())
    return Sent(_as_object(payload))


async def _read_form(request: web.Request) -> Sent:
    payload: Json = {}
    files: list[ReceivedFile] = []
    for name, value in (await request.post()).items():
        place = _FILE_FIELD.fullmatch(name)
        if isinstance(value, web.FileField) and place:
            content = await asyncio.to_thread(value.file.read)
            files.append(ReceivedFile(int(place[1]), value.filename, content))
        elif name == "payload_json":
            payload = _as_object(_parse(_bytes_of(value)))
    return Sent(payload, tuple(files))


def _bytes_of(value: object) -> bytes:
    if isinstance(value, web.FileField):
        return value.file.read()
    return value.encode() if isinstance(value, str) else bytes(cast("bytes", value))


def _parse(raw: bytes) -> object:
    if not raw:
        return None
    try:
        return parse_json(raw)
    except ValueError as error:
        raise Code.INVALID_JSON.error() from error


def _as_object(payload: object) -> Json:
    if payload is None:
        return {}
    if not isinstance(payload, dict):
        raise Code.INVALID_FORM_BODY.error(
            {"_errors": [{"code": "MODEL_TYPE_CONVERT", "message": "Only dictionaries may be used in a ModelType"}]}
        )
    return cast("Json", payload)
