"""Fault injection: delays the next matching requests, gives them an injected response, or cuts their connection.

A fault is `{"method", "path", "times", "status", "body", "headers", "delay_s", "drop"}`; all fields are optional.

- `method` and `path` (a glob over the path without its query) choose the requests; each matches all by default.
- `times`: how many requests it applies to, 1 by default; null means until it is removed.
- `delay_s`: seconds on the sandbox's clock before anything else happens.
- `status` (with `body`: text or JSON; and `headers`): this response is sent and the request is not carried out.
- `drop`: "before" cuts the connection instead of carrying the request out; "after" carries it out, then cuts.
"""

import contextlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Literal, cast

from aiohttp import web

from sandbox.clock import SandboxClock
from sandbox.control_http import CONTROL, Handler, answer, read_json, refuse

Drop = Literal["before", "after"]


class FaultAnswer(web.Response):
    """The response of a fault, which the exchange log distinguishes from the sandbox's own."""

    cut = False
    """Whether the connection was cut, so that this response was not sent."""


@dataclass(slots=True)
class Fault:
    """One fault; `times` counts down unless it is None."""

    method: str = "*"
    path: str = "*"
    times: int | None = 1
    status: int | None = None
    body: object = None
    headers: Mapping[str, str] | None = None
    delay_s: float = 0.0
    drop: Drop | None = None

    def matches(self, request: web.Request) -> bool:
        """Return whether this fault applies to the request."""
        return fnmatchcase(request.method, self.method.upper()) and fnmatchcase(request.path, self.path)

    def response(self) -> FaultAnswer:
        """Make the fault's response: text as HTML, as a proxy would send it, anything else as JSON."""
        status = self.status or 500
        if isinstance(self.body, str):
            made = FaultAnswer(status=status, text=self.body, content_type="text/html")
        elif self.body is None:
            made = FaultAnswer(status=status)
        else:
            made = FaultAnswer(status=status, body=json.dumps(self.body).encode())
            made.headers["Content-Type"] = "application/json"
        made.headers.update(self.headers or {})
        return made


def parse(wanted: object) -> Fault:
    """Read one fault from JSON; raise a 400 response that explains an invalid one."""
    if not isinstance(wanted, dict):
        raise refuse("each fault must be a JSON object")
    fields = cast("dict[str, object]", wanted)
    unknown = sorted(set(fields) - set(Fault.__slots__))
    if unknown:
        raise refuse(f"unknown fields in a fault: {', '.join(unknown)}; known are {', '.join(Fault.__slots__)}")
    problem = _problem(fields)
    if problem:
        raise refuse(problem)
    return Fault(**fields)  # pyright: ignore[reportArgumentType] - checked above


def _problem(fields: Mapping[str, object]) -> str | None:
    if not all(isinstance(fields.get(name, ""), str) for name in ("method", "path")):
        return "method and path must be texts"
    times = fields.get("times", 1)
    if times is not None and (not _whole(times) or cast("int", times) < 1):
        return "times must be 1 or more, or null for every time"
    status = fields.get("status")
    if status is not None and (not _whole(status) or status not in range(200, 600)):
        return "status must be an HTTP status from 200 to 599"
    delay = fields.get("delay_s", 0)
    if isinstance(delay, bool) or not isinstance(delay, int | float) or not 0 <= delay < float("inf"):
        return "delay_s must be 0 or more seconds"
    return _clash(fields)


def _clash(fields: Mapping[str, object]) -> str | None:
    drop, status = fields.get("drop"), fields.get("status")
    if drop not in (None, "before", "after"):
        return 'drop must be "before" or "after"'
    if drop is not None and status is not None:
        return "a fault either answers with a status or drops the connection"
    if status is None and (fields.get("body") is not None or fields.get("headers") is not None):
        return "body and headers need a status"
    headers: object = fields.get("headers") or {}
    texts = cast("dict[str, object]", headers).values() if isinstance(headers, dict) else [None]
    if not all(isinstance(value, str) for value in texts):
        return "headers must be an object of texts"
    if status is None and drop is None and not fields.get("delay_s"):
        return "a fault needs at least one of status, delay_s and drop"
    return None


def _whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def cut(request: web.Request) -> FaultAnswer:
    """Cut a request's connection; the returned response is only recorded."""
    if request.transport is not None:
        request.transport.abort()
    made = FaultAnswer(status=500)
    made.cut = True
    return made


class Faults:
    """The pending faults; the first that matches a request is used."""

    def __init__(self, clock: SandboxClock) -> None:
        self._clock = clock
        self._waiting: list[Fault] = []

    def add(self, fault: Fault) -> None:
        """Add a fault after those already pending."""
        self._waiting.append(fault)

    def clear(self) -> None:
        """Remove all faults."""
        self._waiting.clear()

    def routes(self) -> list[web.RouteDef]:
        """List the control routes."""
        return [web.post(f"{CONTROL}/faults", self._post), web.delete(f"{CONTROL}/faults", self._delete)]

    @web.middleware
    async def middleware(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Apply the first matching fault to a request."""
        fault = None if request.path.startswith(CONTROL) else self._take(request)
        if fault is None:
            return await handler(request)
        await self._clock.sleep(fault.delay_s)
        if fault.status is not None:
            return fault.response()
        if fault.drop == "before":
            return cut(request)
        if fault.drop == "after":
            with contextlib.suppress(web.HTTPException):
                await handler(request)
            return cut(request)
        return await handler(request)

    def _take(self, request: web.Request) -> Fault | None:
        for fault in self._waiting:
            if fault.matches(request):
                if fault.times is not None:
                    fault.times -= 1
                    if fault.times == 0:
                        self._waiting.remove(fault)
                return fault
        return None

    async def _post(self, request: web.Request) -> web.Response:
        wanted = await read_json(request)
        parsed = [parse(each) for each in (cast("list[object]", wanted) if isinstance(wanted, list) else [wanted])]
        self._waiting.extend(parsed)
        return answer({"waiting": len(self._waiting)})

    async def _delete(self, _: web.Request) -> web.Response:
        self.clear()
        return answer({"waiting": 0})
