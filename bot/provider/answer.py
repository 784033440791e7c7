"""An answer of the provider as it came: status, headers, body; and the complaint that a refusing one carries."""

import json
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass

from bot.provider.wire import as_list, as_mapping

DETAIL_CHARS = 300
"""As much of a provider's words as is kept: enough to read, short enough for a log line and a message."""

_REQUEST_ID = re.compile(r"\s*[(（]\s*request[ _-]?id\s*[:：]?\s*([\w.-]+)\s*[)）]", re.IGNORECASE)  # noqa: RUF001 - texts are Chinese too
_SECRET = re.compile(r"\b(?:sk|hk|r8|pk)[-_][\w*.-]{4,}|\bBearer\s+\S+", re.IGNORECASE)
_TITLE = re.compile(r"<title[^>]*>(.{1,200}?)</title>", re.IGNORECASE | re.DOTALL)
_PAGE = re.compile(r"<html|<!doctype html", re.IGNORECASE)
_SUCCESS = 2
_GZIP = b"\x1f\x8b"


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP answer. `whole` is False where the body broke off or was too long to read."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    whole: bool = True

    @property
    def accepted(self) -> bool:
        """Whether the status says yes."""
        return self.status // 100 == _SUCCESS

    def payload(self) -> object:
        """The JSON value of the body; None where it is not JSON."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return None


@dataclass(frozen=True, slots=True)
class Complaint:
    """What a refusing answer says, in one line without secrets.

    `text` is for people, `code` the machine words that came with it (`insufficient_user_quota`), `fields` the
    descriptions of the inputs that were refused, `retry_after` as it stood in the body. `page` marks an
    HTML page.
    """

    text: str
    code: str = ""
    fields: tuple[str, ...] = ()
    request_id: str | None = None
    retry_after: object = None
    page: bool = False


def read_complaint(answer: Answer) -> Complaint:
    """Find the complaint in an answer: problem+json, one-api and new-api bodies, plain text or HTML."""
    record = as_mapping(answer.payload())
    if not record:
        return _wordless(answer.body)
    error = record.get("error")
    inner = as_mapping(error)
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
    """A provider's words made fit to keep: one line, no request id, nothing that looks like a key, not too long."""
    clean = _SECRET.sub("(hidden)", _REQUEST_ID.sub("", text))
    clean = " ".join(clean.split())
    return clean if len(clean) <= DETAIL_CHARS else clean[: DETAIL_CHARS - 1] + "…"


def _first_text(*values: object) -> str:
    return next((value for value in values if isinstance(value, str) and value.strip()), "")


def _fields(record: Mapping[str, object]) -> tuple[str, ...]:
    fields = [as_mapping(field) for field in as_list(record.get("invalid_fields"))]
    return tuple(str(field["description"]) for field in fields if field.get("description"))


def _wordless(body: bytes) -> Complaint:
    """What a body that is no JSON says. Some 404s are compressed without a header that says so."""
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
