"""Tests that untrusted text takes linear time: a large hostile text must not block the bot's event loop."""

import io
import json
import time
from collections.abc import Callable
from contextlib import suppress

import pytest

from bot.catalogue.advanced import scan
from bot.chat.ordering.advanced_suggestions import suggestions
from bot.chat.texts.escaping import fenced, plain, quoted, tidy
from bot.chat.texts.texts import Texts
from bot.errors import EaselError
from bot.filetype import sniff
from bot.jobs.ids import parse_short_id
from bot.media.decoding.drawing import without_entities, without_links
from bot.media.provenance.label_content import Malformed, Mark
from bot.media.provenance.svg import pieces
from bot.provider.answer import Answer, read_complaint, run_words, words_of
from bot.provider.budget import RateBudget
from bot.provider.classify import classify_answer, classify_failure
from bot.provider.destinations import parse_address
from bot.provider.download import decode_data_url
from bot.provider.logs import read_logs
from bot.provider.redaction import cleaned, for_members, one_line, request_id
from bot.provider.retry_after import retry_after_s
from bot.provider.wire import find_outputs, parse_prediction, parse_time_ms
from tests.manual_clock import ManualClock

SAY = Texts.load().speech("en-US")
MARK = Mark("a/model", "j", "K7QF-2M")
SMALL, LARGE = 250_000, 1_000_000
IDLE_S = 0.05
"""The time that an idle machine may take for the large text."""

WORST_RATIO = 8
"""Four times the text may take this many times as long; quadratic code takes 16 times as long, or has not ended."""

TRIES = 4

NASTY = {
    "blanks": " ",
    "line breaks": "\n",
    "letters": "a",
    "digits": "7",
    "brackets": "(request id:",
    "open tags": "<title",
    "comments": "<!--",
    "empty comments": "<!---->",
    "instructions": "<?",
    "document types": '<!DOCTYPE"',
    "comments in document types": "<!DOCTYPE svg [<!--",
    "xml": "<?xml ?> ",
    "bars": "1%|",
    "bars and blanks": "99%|##|    ",
    "seeds": "seed   ",
    "objects": '{"a":',
    "lists": "[",
    "quotes": '"',
    "backslashes": "\\",
    "wrapped": '{"error": {"message": "',
    "keys": "sk-",
    "paths": "/a",
    "frames": 'File "',
    "calls": "at a(",
    "addresses": "http://a.b/",
    "mentions": "<@1>",
    "Chinese": "额度不",
    "words": "violates the ",
    "waits": "reset ~ ",
    "mixed": "aB3-",
    "joiners": "\u200d",
}


def http_body(text: str) -> Answer:
    return Answer(500, {}, text.encode())


def json_body(text: str) -> Answer:
    return Answer(500, {}, json.dumps({"message": text}).encode())


def run(text: str) -> object:
    return parse_prediction(
        {"id": text, "status": text, "error": text, "logs": text, "output": text, "created_at": text}
    ) or parse_prediction({"id": "a", "status": text, "error": [text], "logs": text, "output": [text], "model": text})


READERS: dict[str, Callable[[str], object]] = {
    "read_complaint of a page": lambda text: read_complaint(http_body(text)),
    "read_complaint of an object": lambda text: read_complaint(json_body(text)),
    "classify_answer of a page": lambda text: classify_answer(http_body(text), now_ms=0),
    "classify_answer of an object": lambda text: classify_answer(json_body(text), now_ms=0),
    "classify_failure": classify_failure,
    "cleaned": lambda text: cleaned(text, ["hk-key"]),
    "one_line": one_line,
    "for_members": lambda text: for_members(cleaned(text)),
    "request_id": request_id,
    "words_of": words_of,
    "run_words": run_words,
    "read_logs": read_logs,
    "parse_prediction": run,
    "parse_time_ms": parse_time_ms,
    "parse_time_ms with digits": lambda text: parse_time_ms("2025-01-15T10:00:00." + text),
    "find_outputs": find_outputs,
    "retry_after_s in the text": lambda text: retry_after_s({}, body=text, text=text, now_ms=0),
    "retry_after_s in the header": lambda text: retry_after_s({"Retry-After": text}, body=None, text="", now_ms=0),
    "budget": lambda text: RateBudget(ManualClock()).observe({"ratelimit-remaining": text, "ratelimit-reset": text}),
    "parse_address": lambda text: refused(parse_address, "https://a.example/" + text),
    "decode_data_url": lambda text: refused(lambda url: decode_data_url(url, max_bytes=100), "data:" + text),
    "sniff": lambda text: sniff(text.encode()),
    "tidy": lambda text: tidy(text, 300),
    "plain": plain,
    "quoted": quoted,
    "fenced": fenced,
    "parse_short_id": parse_short_id,
    "advanced scan": scan,
    "advanced scan of a value": lambda text: scan("steps=" + text),
    "advanced suggestions": lambda text: suggestions((), text, SAY),
    "without_links": without_links,
    "without_links of a link": lambda text: without_links('<svg href="' + text),
    "without_entities": lambda text: unreadable(without_entities, f"<svg>{text}</svg>"),
    "without_entities of a document type": lambda text: unreadable(without_entities, f"<!DOCTYPE svg [{text}]><svg/>"),
    "without_entities of an entity": lambda text: unreadable(
        without_entities, f"<!DOCTYPE svg [<!ENTITY a '{text}'>]><svg>&a;</svg>"
    ),
    "label of a drawing": lambda text: unreadable(labelled, f"<svg {text}></svg>".encode()),
}


def labelled(drawing: bytes) -> object:
    return list(pieces(io.BytesIO(drawing), MARK))


def unreadable(read: Callable[..., object], document: str | bytes) -> None:
    with suppress(ValueError, Malformed):
        read(document)


def refused(read: Callable[[str], object], text: str) -> None:
    with pytest.raises(EaselError):
        raise EaselError(found=str(read(text)))


def duration_s(read: Callable[[str], object], text: str) -> float:
    began_s = time.thread_time()
    read(text)
    return time.thread_time() - began_s


def repeated(unit: str, length: int) -> str:
    return (unit * (length // len(unit) + 1))[:length]


def too_slow(read: Callable[[str], object], unit: str) -> str | None:
    """Describe the times if they grow faster than the text.

    Only the fastest of several calls tells how long code takes, because slower ones had to wait for the machine. The
    small text is read twice from the start: if it alone had to wait, slow code would pass.
    """
    small, large = repeated(unit, SMALL), repeated(unit, LARGE)
    large_s = duration_s(read, large)
    if large_s < IDLE_S:
        return None
    small_s = min(duration_s(read, small) for _ in range(2))
    for _ in range(TRIES):
        if large_s < small_s * WORST_RATIO:
            return None
        small_s, large_s = min(small_s, duration_s(read, small)), min(large_s, duration_s(read, large))
    return f"{small_s:.3f} s, then {large_s:.3f} s"


@pytest.mark.parametrize("reader", READERS)
def test_large_text_takes_at_most_linear_time(reader: str) -> None:
    found = {kind: too_slow(READERS[reader], unit) for kind, unit in NASTY.items()}
    assert {kind: times for kind, times in found.items() if times} == {}


def test_error_without_words_is_searched_once() -> None:
    def ten_s() -> float:
        began_s = time.thread_time()
        for _ in range(10):
            assert not words_of({"error": " ", "detail": [{}], "data": {"message": ""}})
        return time.thread_time() - began_s

    assert min(ten_s() for _ in range(TRIES)) < IDLE_S
