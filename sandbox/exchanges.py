"""Records every HTTP exchange of a sandbox in memory and, if wanted, in a file of JSON lines.

A line has `method, path, query, content_type, files, request, status, response`. The line of an injected fault also has
`fault: true` and is left out of the file, whose purpose is to check the sandbox's own responses.
"""

import json
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from sandbox.control_http import CONTROL, Handler
from sandbox.faults import FaultAnswer
from sandbox.json_text import parse_json

KEPT = 20_000
"""How many exchanges are kept in memory; the oldest are dropped first."""

RecordedBody = tuple[object, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class _Text:
    """JSON that is parsed only when someone reads the record, because most records are never read."""

    text: str

    def value(self) -> object:
        return _json_or_text(self.text)


class ExchangeLog:
    """Records the exchanges whose path begins with one of the prefixes in `under`."""

    def __init__(self, *, under: tuple[str, ...] = ("/",), record: Path | None = None) -> None:
        self._under = under
        self._lines: deque[dict[str, object]] = deque(maxlen=KEPT)
        self._file = record.open("a", encoding="utf-8", errors="replace") if record else None

    @property
    def exchanges(self) -> tuple[Mapping[str, object], ...]:
        """Return the recorded exchanges, oldest first."""
        return tuple(map(_parsed, self._lines))

    def close(self) -> None:
        """Close the file, if there is one."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def routes(self) -> list[web.RouteDef]:
        """List the control routes."""
        return [web.get(f"{CONTROL}/exchanges", self._get)]

    @web.middleware
    async def middleware(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Record one exchange. Handlers must read a multipart body with `request.post()`, as this does."""
        if request.path.startswith(CONTROL) or not request.path.startswith(self._under):
            return await handler(request)
        sent, files = await read_body(request)
        try:
            response = await handler(request)
        except web.HTTPException as error:
            self._keep(request, sent, files, error)
            raise
        self._keep(request, sent, files, response)
        return response

    def _keep(self, request: web.Request, sent: object, files: Mapping[str, str], response: web.StreamResponse) -> None:
        fault = isinstance(response, FaultAnswer)
        cut = isinstance(response, FaultAnswer) and response.cut
        line: dict[str, object] = {
            "method": request.method,
            "path": request.path,
            "query": dict(request.query),
            "content_type": request.content_type if request.body_exists else None,
            "files": dict(files),
            "request": sent,
            "status": None if cut else response.status,
            "response": None if cut else answered(response),
        }
        if fault:
            line["fault"] = True
        self._lines.append(line)
        if self._file is not None and not fault:
            self._file.write(json.dumps(_parsed(line), ensure_ascii=False) + "\n")
            self._file.flush()

    async def _get(self, _: web.Request) -> web.Response:
        lines = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in self.exchanges)
        return web.Response(body=lines.encode(errors="replace"), headers={"Content-Type": "application/x-ndjson"})


async def read_body(request: web.Request) -> RecordedBody:
    """Read a request's body for the record: (JSON or text, perhaps not parsed yet; file names by field)."""
    if request.content_type.startswith(("multipart/", "application/x-www-form-urlencoded")):
        return await _read_multipart(request)
    if not request.body_exists:
        return None, {}
    return _Text((await request.read()).decode(errors="replace")), {}


async def _read_multipart(request: web.Request) -> RecordedBody:
    fields: dict[str, object] = {}
    files: dict[str, str] = {}
    for name, value in (await request.post()).items():
        if isinstance(value, web.FileField):
            files[name] = value.filename
        else:
            fields[name] = value if isinstance(value, str) else bytes(value).decode(errors="replace")
    payload = fields.pop("payload_json", None)
    return (_json_or_text(str(payload)) if payload is not None else fields or None), files


def answered(response: web.StreamResponse) -> object:
    """Return the JSON of a response, not parsed yet; None if it has no JSON (a file, a stream)."""
    if not isinstance(response, web.Response) or "json" not in response.content_type:
        return None
    return _Text(response.text or "")


def _parsed(line: Mapping[str, object]) -> dict[str, object]:
    return {key: value.value() if isinstance(value, _Text) else value for key, value in line.items()}


def _json_or_text(text: str) -> object:
    try:
        return parse_json(text) if text else None
    except ValueError:
        return text
