"""Parses a create request: route, version, headers and webhook."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import cast
from urllib.parse import urlsplit

from aiohttp import web

from sandbox.control_http import is_loopback
from sandbox.provider.error_responses import ProviderError, invalid_version, not_found, unprocessable
from sandbox.provider.input_validation import (
    Invalid,
    check_names,
    has_oversized_data,
    is_link,
    validate,
    wrong_type,
)
from sandbox.provider.model_schemas import Model, Models
from sandbox.provider.prediction import Webhook
from sandbox.provider.webhooks import DEFAULT_EVENTS, EVENTS

COMMON_KEYS = frozenset({"input", "webhook", "webhook_events_filter", "stream"})
LONGEST_WAIT_S = 60
_PREFER = re.compile(r"(?:^|,)\s*wait(?:\s*=\s*(\d+))?\s*(?:$|,|;)")
_DURATION = re.compile(r"(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s?)?")


@dataclass(frozen=True, slots=True)
class Wait:
    """The time that a create waits for the end of its run, and the response header that confirms it."""

    seconds: float
    applied: str


@dataclass(frozen=True, slots=True)
class Create:
    """A valid create request."""

    model: Model
    input: Mapping[str, object]
    webhook: Webhook | None
    wait: Wait | None
    cancel_after_s: float | None


async def read_create(request: web.Request, models: Models) -> Create:
    """Read and check a create by either route; raises ProviderError."""
    body = await _read_body(request)
    if has_oversized_data(body.get("input")):
        raise ProviderError(413, "Request Entity Too Large: a data URL must be under 1 MB", code="request_too_large")
    is_called = "owner" in request.match_info
    # The whole body is checked before the model is looked up: all faults are reported together, and before an unknown
    # version.
    wrong = list(_check_body(body, required=("input",) if is_called else ("version", "input")))
    if wrong:
        raise unprocessable(wrong)
    model = _called(request, models) if is_called else _versioned(str(body["version"]), models)
    run_input = cast("dict[str, object]", body["input"])
    if wrong := validate(model, run_input):
        raise unprocessable(wrong)
    return Create(model, run_input, _webhook(body), read_prefer(request), read_cancel_after(request))


async def _read_body(request: web.Request) -> Mapping[str, object]:
    try:
        body = json.loads(await request.text(), parse_constant=_no_constant)
    except ValueError as error:
        raise ProviderError(400, "The request body is not valid JSON.") from error
    if not isinstance(body, dict):
        raise ProviderError(400, "The request body must be a JSON object.")
    return cast("dict[str, object]", body)


def _no_constant(name: str) -> None:
    """Reject NaN and Infinity, which Python accepts although JSON does not."""
    raise ValueError(f"{name} is not JSON")


def _check_body(body: Mapping[str, object], *, required: tuple[str, ...]) -> Iterator[Invalid]:
    yield from check_names("", body, required=required, known={*COMMON_KEYS, *required})
    for name, kind, expected in (("version", str, "string"), ("input", dict, "object")):
        if name in required and name in body and not isinstance(body[name], kind):
            yield wrong_type(name, body[name], expected)
    yield from _check_webhook(body)


def _check_webhook(body: Mapping[str, object]) -> Iterator[Invalid]:
    url, events = body.get("webhook"), body.get("webhook_events_filter", list(DEFAULT_EVENTS))
    if url is not None and (not isinstance(url, str) or url.startswith("data:") or not is_link(url)):
        yield Invalid("format", "webhook", "Does not match format 'uri'")
    elif isinstance(url, str) and not _is_secure(url):
        yield Invalid("format", "webhook", "webhook must be an HTTPS URL")
    if not isinstance(events, list):
        yield wrong_type("webhook_events_filter", events, "array")
        return
    choices = ", ".join(f'"{event}"' for event in EVENTS)
    for number, event in enumerate(cast("list[object]", events)):
        place = f"webhook_events_filter.{number}"
        if not isinstance(event, str):
            yield wrong_type(place, event, "string")
        elif event not in EVENTS:
            yield Invalid("enum", place, f"{place} must be one of the following: {choices}")


def _is_secure(url: str) -> bool:
    """Return whether a webhook is sent encrypted or stays on this machine."""
    address = urlsplit(url)
    return address.scheme == "https" or address.hostname == "localhost" or is_loopback(address.hostname)


def _called(request: web.Request, models: Models) -> Model:
    model = models.by_name(f"{request.match_info['owner']}/{request.match_info['name']}")
    if model is None:
        raise not_found()
    return model


def _versioned(version: str, models: Models) -> Model:
    model = models.by_version(version)
    if model is None:
        raise invalid_version()
    return model


def _webhook(body: Mapping[str, object]) -> Webhook | None:
    url = body.get("webhook")
    if url is None:
        return None
    return Webhook(cast("str", url), tuple(cast("list[str]", body.get("webhook_events_filter", DEFAULT_EVENTS))))


def read_prefer(request: web.Request) -> Wait | None:
    """Read `Prefer: wait` or `wait=n` with n from 1 to 60; anything else means no waiting."""
    found = _PREFER.search(request.headers.get("Prefer", ""))
    if found is None:
        return None
    if found[1] is None:
        return Wait(LONGEST_WAIT_S, "wait")
    seconds = int(found[1])
    return Wait(seconds, f"wait={seconds}") if 1 <= seconds <= LONGEST_WAIT_S else None


def read_cancel_after(request: web.Request) -> float | None:
    """Read `Cancel-After`, e.g. `90s`, `6m` or `1h30m`, in seconds."""
    text = request.headers.get("Cancel-After")
    if text is None:
        return None
    found = _DURATION.fullmatch(text.strip())
    hours, minutes, seconds = (int(part or 0) for part in found.groups()) if found else (0, 0, 0)
    total = hours * 3_600 + minutes * 60 + seconds
    if total <= 0:
        raise ProviderError(422, f"Cancel-After: {text!r} is not a duration such as 90s or 6m")
    return float(total)
