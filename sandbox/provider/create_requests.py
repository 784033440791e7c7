"""Parse a create request: route, version, headers and webhook."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from aiohttp import web

from sandbox.provider.error_responses import ProviderError, invalid_version, not_found, unprocessable
from sandbox.provider.input_validation import Invalid, has_oversized_data, is_link, validate
from sandbox.provider.model_schemas import Model, Models
from sandbox.provider.prediction import Webhook
from sandbox.provider.webhooks import DEFAULT_EVENTS, EVENTS

COMMON_KEYS = frozenset({"input", "webhook", "webhook_events_filter", "stream"})
LONGEST_WAIT_S = 60
_PREFER = re.compile(r"(?:^|,)\s*wait(?:\s*=\s*(\d+))?\s*(?:$|,|;)")
_DURATION = re.compile(r"(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s?)?")


@dataclass(frozen=True, slots=True)
class Wait:
    """How long a create waits for the end of its run, and the response header that confirms it."""

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
    model = _called(request, body, models) if "owner" in request.match_info else _versioned(body, models)
    run_input = body.get("input")
    if not isinstance(run_input, dict):
        raise unprocessable([Invalid("required", "", "input is required")])
    run_input = cast("dict[str, object]", run_input)
    if has_oversized_data(run_input):
        raise ProviderError(413, "Request Entity Too Large: a data URL must be under 1 MB", code="request_too_large")
    wrong = validate(model, run_input)
    if wrong:
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
    """Reject NaN and Infinity, which Python accepts but JSON does not have."""
    raise ValueError(f"{name} is not JSON")


def _called(request: web.Request, body: Mapping[str, object], models: Models) -> Model:
    _only(body, COMMON_KEYS)
    model = models.called(f"{request.match_info['owner']}/{request.match_info['name']}")
    if model is None:
        raise not_found()
    return model


def _versioned(body: Mapping[str, object], models: Models) -> Model:
    _only(body, COMMON_KEYS | {"version"})
    version = body.get("version")
    if version is None:
        raise unprocessable([Invalid("required", "", "version is required")])
    model = models.versioned(version) if isinstance(version, str) else None
    if model is None:
        raise invalid_version()
    return model


def _only(body: Mapping[str, object], known: frozenset[str]) -> None:
    unknown = [key for key in body if key not in known]
    if unknown:
        kind = "additional_property_not_allowed"
        raise unprocessable(Invalid(kind, "", f"Additional property {key} is not allowed") for key in unknown)


def _webhook(body: Mapping[str, object]) -> Webhook | None:
    url, events = body.get("webhook"), body.get("webhook_events_filter", list(DEFAULT_EVENTS))
    if not isinstance(events, list) or any(event not in EVENTS for event in cast("list[object]", events)):
        choices = ", ".join(EVENTS)
        raise unprocessable([Invalid("enum", "webhook_events_filter", f"Each must be one of {choices}")])
    if url is None:
        return None
    if not isinstance(url, str) or url.startswith("data:") or not is_link(url):
        raise unprocessable([Invalid("format", "webhook", "Does not match format 'uri'")])
    return Webhook(url, tuple(cast("list[str]", events)))


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
