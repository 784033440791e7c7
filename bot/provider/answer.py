"""A raw HTTP answer from the provider, and the error message that a refusal contains."""

import json
import zlib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace

from bot.provider.inflate import Inflater
from bot.provider.json_values import as_list, as_mapping
from bot.provider.redaction import cleaned, one_line, request_id, shortened

WORD_KEYS = (
    "detail",
    "error",
    "message",
    "msg",
    "errors",
    "error_message",
    "status_msg",
    "base_resp",
    "reason",
    "details",
    "description",
    "failure_reason",
    "fail_reason",
    "failreason",
    "task_status_msg",
    "faultstring",
    "title",
)
"""The keys, in lower case, under which gateways put an error message, the most specific first: `title` is the same
for a whole class of errors ("Input validation failed")."""

WRAPPER_KEYS = ("response", "responsemetadata", "fault", "result", "data", "body")
"""The keys of objects around an error message, as cloud providers use them."""

CODE_KEYS = ("code", "type", "status_code", "error_code")

WORDS_DEPTH, WORDS_MAX = 4, 8
"""How deep error messages are searched for, and how many items of a list are read."""

WRAPPED_DEPTH, WRAPPED_CHARS = 3, 65_536
"""How many times a body may be wrapped as text in another, and how much of a text is searched for one."""

EMPTY = frozenset({b"", b"{}", b"[]", b"null", b"true", b"false"})
"""Bodies that say nothing."""

_PAGE_CHARS = 4_096
_UNZIPPED_BYTES = 8_192
_SUCCESS = 2
_GZIP = b"\x1f\x8b"
_FIRST_ERROR, _LAST_ERROR = 400, 599


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer. `whole` is False if the body broke off or was too long to read."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    whole: bool = True

    @property
    def accepted(self) -> bool:
        """Whether the status is any 2xx: creates return 201, but the official API description also lists 202."""
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

    `text` is short enough to be stored. `words` is for classification: more of the text, and the machine-readable codes
    (`code=insufficient_user_quota`). `status` is the HTTP status that the body itself states, if the answer's own
    status does not count. `fields` describe the inputs that were refused; `retry_after` is the raw value from the body;
    `page` marks an HTML page.
    """

    text: str
    words: str = ""
    status: int | None = None
    fields: tuple[str, ...] = ()
    request_id: str | None = None
    retry_after: object = None
    page: bool = False


def read_complaint(answer: Answer, keys: Collection[str] = ()) -> Complaint:
    """Find the error message in an answer: problem+json, one-api and new-api bodies, plain text or HTML.

    `keys` are secrets that are always hidden. The status that a body states counts only if the answer itself has
    a 2xx status: some gateways answer every refusal with 200.
    """
    payload = answer.payload()
    if isinstance(payload, str):
        return Complaint(one_line(payload, keys), cleaned(payload, keys))
    record = as_mapping(payload) or as_mapping(next(iter(as_list(payload)), None))
    if not record:
        return Complaint("") if answer.body.strip() in EMPTY else _not_json(answer.body, keys)
    complaint = _of_record(record, keys, WRAPPED_DEPTH)
    return complaint if answer.accepted or _wraps(record) else replace(complaint, status=None)


def words_of(value: object, depth: int = WORDS_DEPTH) -> str:
    """Return the error message in a text, in an object under one of WORD_KEYS, or in a list of those; "" if none."""
    if isinstance(value, str):
        return value.strip() and value
    if not depth:
        return ""
    if as_list(value):
        found = (words_of(item, depth - 1) for item in as_list(value)[:WORDS_MAX])
        return "; ".join(part for part in found if part)
    record = lowered(value)
    if not record:
        return ""
    if isinstance(record.get("error"), str) and record.get("message"):
        # `{"error": "Bad Request", "message": "prompt is too long"}`: `error` is only the status in words.
        return words_of(record["message"], depth - 1) or str(record["error"])
    inner = (record.get(key) for key in WORD_KEYS)
    text = next((text for one in inner if (text := words_of(one, depth - 1) or _by_field(one))), "")
    wrapped = (as_mapping(record.get(key)) for key in WRAPPER_KEYS)
    return text or next((text for one in wrapped if (text := words_of(one, depth - 1))), "")


def run_words(value: object) -> str:
    """Return the error message of a run, with its code, even from a body that is wrapped as text; "" if none."""
    record: Mapping[str, object] = as_mapping(value)
    text = words_of(value)
    for _ in range(WRAPPED_DEPTH):
        before, inner = _wrapped(text)
        if inner is None:
            break
        record, text = inner, words_of(inner) or before
    code = next((f"code: {code}" for code in _codes(record, WORDS_DEPTH) if not code.isdecimal()), "")
    if code in text:
        return text
    return f"{text} ({code})" if text else code


def lowered(value: object) -> Mapping[str, object]:
    """Return a JSON object with its keys in lower case: some gateways write `Message`."""
    return {key.lower(): inner for key, inner in as_mapping(value).items()}


def _by_field(value: object) -> str:
    """Return the messages of an object with one message or a list for each input: `{"prompt": ["is too long"]}`."""
    record = lowered(value)
    if not record or any(key in record for key in CODE_KEYS):
        return ""
    found = ((key, words_of(inner, 2)) for key, inner in list(record.items())[:WORDS_MAX])
    return "; ".join(f"{key}: {text}" for key, text in found if text)


def _of_record(record: Mapping[str, object], keys: Collection[str], depth: int) -> Complaint:
    text = words_of(record)
    before, inner = _wrapped(text) if depth else (text, None)
    codes = " ".join(dict.fromkeys(f"code={code}" for code in _codes(record, WORDS_DEPTH)))
    if inner is not None:
        found = _of_record(inner, keys, depth - 1)
        return replace(found, text=found.text or one_line(before, keys), words=f"{found.words} {codes}")
    record = lowered(record)
    error = record.get("error")
    label = error if isinstance(error, str) else ""
    line = cleaned(text, keys)
    return Complaint(
        text=shortened(line),
        words=f"{line} {cleaned(label, keys)} {cleaned(codes, keys)}",
        status=_stated_status(record) or _stated_status(lowered(error)),
        fields=_fields(record, keys),
        request_id=request_id(text),
        retry_after=record.get("retry_after", as_mapping(error).get("retry_after")),
    )


def _wraps(record: Mapping[str, object]) -> bool:
    return _wrapped(words_of(record))[1] is not None


def _wrapped(text: str) -> tuple[str, Mapping[str, object] | None]:
    """Split a text that contains another body as JSON: some gateways put their upstream's answer into `message`."""
    start = text.find("{", 0, WRAPPED_CHARS)
    if start < 0:
        return text, None
    try:
        found, _ = json.JSONDecoder().raw_decode(text[start:WRAPPED_CHARS])
    except (ValueError, RecursionError):
        return text, None
    record = as_mapping(found)
    return (text[:start], record) if words_of(record) else (text, None)


def _codes(value: object, depth: int) -> Iterator[str]:
    if not depth:
        return
    for item in as_list(value)[:WORDS_MAX]:
        yield from _codes(item, depth - 1)
    record = lowered(value)
    for key in CODE_KEYS:
        code = record.get(key)
        if code and isinstance(code, str | int):
            yield str(code)[:100]
    for key in ("error", "detail", "errors", "base_resp", "response", "responsemetadata", "fault"):
        if key in record:  # most answers have none, and following each key to the full depth takes milliseconds
            yield from _codes(record[key], depth - 1)


def _stated_status(record: Mapping[str, object]) -> int | None:
    for key in ("status", "code", "status_code", "statuscode"):
        value = record.get(key)
        number = int(value) if isinstance(value, str) and len(value) == 3 and value.isdecimal() else value  # noqa: PLR2004
        if isinstance(number, int) and _FIRST_ERROR <= number <= _LAST_ERROR:
            return number
    return None


def _fields(record: Mapping[str, object], keys: Collection[str]) -> tuple[str, ...]:
    fields = [as_mapping(field) for field in as_list(record.get("invalid_fields"))[:WORDS_MAX]]
    return tuple(one_line(str(field["description"]), keys) for field in fields if field.get("description"))


def _not_json(body: bytes, keys: Collection[str]) -> Complaint:
    """Return the message of a body that is not JSON.

    The official API answers unknown routes with a gzip-compressed plain-text 404 that declares no compression.
    """
    text = (_unzip(body) if body.startswith(_GZIP) else body[:WRAPPED_CHARS]).decode("utf-8", "replace")
    start = text[:_PAGE_CHARS].lower()
    if "<html" not in start and "<!doctype html" not in start:
        return Complaint(one_line(text, keys), cleaned(text, keys))
    title = _title(text[:_PAGE_CHARS])
    line = one_line(f"an HTML page: {title}" if title else "an HTML page", keys)
    return Complaint(line, line, page=True)


def _title(page: str) -> str:
    start = page.lower().find("<title")
    begin = page.find(">", start) + 1
    end = page.lower().find("</title", begin)
    return page[begin:end] if 0 <= start < begin < end else ""


def _unzip(body: bytes) -> bytes:
    try:
        return next(Inflater("gzip").feed(body), b"")[:_UNZIPPED_BYTES]
    except zlib.error:
        return b""
