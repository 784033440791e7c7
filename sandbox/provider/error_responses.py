"""Builds error responses: problem+json on the official host, one-api bodies behind a gateway."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from sandbox.provider.input_validation import Invalid

Json = dict[str, Any]


@dataclass
class ProviderError(Exception):
    """An error, whose format depends on the host that responds."""

    status: int
    detail: str
    title: str | None = None
    code: str = "invalid_request_error"
    """The gateway's error code."""
    more: Json = field(default_factory=dict[str, Any])


def unauthenticated() -> ProviderError:
    """Return the error for a missing or wrong key."""
    detail = "You did not pass a valid authentication token"
    return ProviderError(401, detail, "Unauthenticated", code="invalid_token")


def no_money() -> ProviderError:
    """Return the error for a create that exceeds the credit."""
    detail = (
        "You have insufficient credit to run this model. Go to https://replicate.com/account/billing#billing "
        "to purchase credit. Once you purchase credit, please wait a few minutes before trying again."
    )
    return ProviderError(402, detail, "Insufficient credit", code="insufficient_user_quota")


def not_found() -> ProviderError:
    """Return the error for an unknown id or model."""
    return ProviderError(404, "The requested resource could not be found.", code="model_not_found")


def throttled(detail: str, wait_s: float) -> ProviderError:
    """Return the error for a rate-limited call."""
    return ProviderError(429, detail, code="rate_limit_exceeded", more={"retry_after": max(1, round(wait_s))})


def invalid_version() -> ProviderError:
    """Return the error for an unknown version."""
    detail = "The specified version does not exist (or perhaps you don't have permission to use it?)"
    return ProviderError(422, detail, "Invalid version or not permitted", code="model_not_found")


def unprocessable(fields: Iterable[Invalid]) -> ProviderError:
    """Return the error for an invalid input."""
    found = list(fields)
    detail = "".join(f"- {wrong.field}{': ' if wrong.field else ''}{wrong.description}\n" for wrong in found)
    rows = [{"type": wrong.type, "field": wrong.field, "description": wrong.description} for wrong in found]
    return ProviderError(422, detail, "Input validation failed", more={"invalid_fields": rows})


def official(problem: ProviderError) -> web.Response:
    """Format an error as the official host does: problem+json with a newline at the end."""
    body: Json = {"detail": problem.detail, "status": problem.status, **problem.more}
    if problem.title:
        body["title"] = problem.title
    text = json.dumps(body, ensure_ascii=False) + "\n"
    return web.Response(status=problem.status, text=text, content_type="application/problem+json")


BAD_KEY = "无效的令牌"
NO_QUOTA = "该令牌额度已用尽"
"""The messages of errors with status 401: an invalid token, and a token whose quota is used up."""


def one_api(problem: ProviderError, request_id: str, *, as_200: bool) -> web.Response:
    """Format an error as gateways of the one-api family do; some use status 200 with an error object."""
    status, message = problem.status, problem.detail
    if problem.code == "insufficient_user_quota":
        status, message = 401, NO_QUOTA
    elif problem.code == "invalid_token":
        message = BAD_KEY
    error = {"message": f"{message} (request id: {request_id})", "type": "one_api_error", "code": problem.code}
    text = json.dumps({"error": error}, ensure_ascii=False)
    return web.Response(status=200 if as_200 else status, text=text, content_type="application/json")
