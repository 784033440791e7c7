"""A raw HTTP answer of the provider, and the error message that a refusal contains."""

import json
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass

from bot.provider.wire import as_list, as_mapping

DETAIL_CHARS = 300
"""How much of a provider's text is kept: enough to understand, short enough for a log line or a message."""

_REQUEST_ID = re.compile(r"\s*[(（]\s*request[ _-]?id\s*[:：]?\s*([\w.-]+)\s*[)）]", re.IGNORECASE)  # noqa: RUF001 - texts are Chinese too
_SECRET = re.compile(r"\b(?:sk|hk|r8|pk)[-_][\w*.-]{4,}|\bBearer\s+\S+", re.IGNORECASE)
_TITLE = re.compile(r"<title[^>]*>(.{1,200}?)</title>", re.IGNORECASE | re.DOTALL)
_PAGE = re.compile(r"<html|<!doctype html", re.IGNORECASE)
_SUCCESS = 2
_GZIP = b"\x1f\x8b"


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer. `whole` is False if the body broke off or was too long to read."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    whole: bool = True

    @property
    def accepted(self) -> bool:
        """Whether the status is any 2xx: creates answer 201, but the official API description also lists 202."""
        return self.status // 100 == _SUCCESS

    def payload(self) -> object:
        """Parse the body as JSON; return None if it is not JSON."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return None


@dataclass(frozen=True, slots=True)
class Complaint:
    """The error message of a refusal, in one line without secrets.

    `text` is for people and `code` for machines (`insufficient_user_quota`); `fields` describe the inputs that were
    refused; `retry_after` is the raw value from the body; `page` marks an HTML page.
    """

    text: str
    code: str = ""
    fields: tuple[str, ...] = ()
    request_id: str | None = None
    retry_after: object = None
    page: bool = False


def read_complaint(answer: Answer) -> Complaint:
    """Find the error message in an answer: problem+json, one-api and new-api bodies, plain text or HTML."""
    record = as_mapping(answer.payload())
    if not record:
        return _not_json(answer.body)
    error = record.get("error")
    inner = as_mapping(error)
    # The most specific text first: `title` is the same for a whole class of errors ("Input validation failed").
    text = _first_text(record.get("detail"), inner.get("message"), error, record.get("message"), record.get("title"))
    found = _REQUEST_ID.search(text)
    return Complaint(
        text=one_line(text),
        code=" ".join(str(code) for code in (inner.get("code"), inner.get("type"), record.get("code")) if code),
        fields=_fields(record),
        request_id=found[1] if found else None,
        retry_after=record.get("retry_after", inner.get("retry_after")),
    )


def one_line(text: str) -> str:
    """Clean a provider's text for storage: one short line without the request id and anything that looks like a key."""
    # Secrets go first: a key that is cut in half by the length limit would no longer be recognized.
    clean = _SECRET.sub("(hidden)", _REQUEST_ID.sub("", text))
    clean = " ".join(clean.split())
    return clean if len(clean) <= DETAIL_CHARS else clean[: DETAIL_CHARS - 1] + "…"


def _first_text(*values: object) -> str:
    return next((value for value in values if isinstance(value, str) and value.strip()), "")


def _fields(record: Mapping[str, object]) -> tuple[str, ...]:
    fields = [as_mapping(field) for field in as_list(record.get("invalid_fields"))]
    return tuple(str(field["description"]) for field in fields if field.get("description"))


def _not_json(body: bytes) -> Complaint:
    """Return the message of a body that is not JSON.

    The official API answers unknown routes with a gzip-compressed plain-text 404 that declares no compression.
    """
    text = (_unzip(body) if body.startswith(_GZIP) else body).decode("utf-8", "replace")
    if not _PAGE.search(text[:1_024]):
        return Complaint(one_line(text))
    title = _TITLE.search(text)
    return Complaint(one_line(f"an HTML page: {title[1]}" if title else "an HTML page"), page=True)


def _unzip(body: bytes) -> bytes:
    try:
        return zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(body, 8_192)
    except zlib.error:
        return b""
