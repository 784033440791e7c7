"""Parses the provider's prediction objects into typed records.

Values may be absent, null or of an undocumented type (gateways rewrite answers), so each field is read on its
own and a bad one counts as absent. Only the id is required. Sources: recorded traffic and the HTTP reference of
replicate.com/docs.
"""

import base64
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from enum import StrEnum
from functools import lru_cache

from bot.filetype import HEAD_BYTES, svg_prolog
from bot.provider.answer import run_words, words_of
from bot.provider.json_values import as_list, as_mapping, as_text
from bot.provider.logs import LogFacts, Phase, read_logs

OUTPUTS_MAX = 64
"""More results than any model makes; limits how many downloads a broken answer can cause."""

DEPTH_MAX = 8
"""How deep outputs are searched; the deepest known output is an object of lists."""

PREDICTION_ID = re.compile(r"(?!\.{1,2}\Z)[A-Za-z0-9._~:-]{1,128}")
"""Ids are opaque and have no fixed form, but they become part of a path, so nothing that could leave it is allowed."""

_TIME = re.compile(r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(?:\.(\d{1,30}))?\s{0,9}(Z|z|[+-]\d\d:?\d\d)?")

_FIRST_ERROR = 400


class RunStatus(StrEnum):
    """The status of a run.

    An unknown status counts as running until the deadline, because providers add new ones: clients that did not know
    `aborted`, added in 2025, either polled forever or crashed. An output alone does not end a run, because runs
    also have previews and partial results; an output or an error together with an end time does.
    """

    STARTING = "starting"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def ended(self) -> bool:
        """Whether the run has ended."""
        return self in {RunStatus.SUCCEEDED, RunStatus.FAILED, RunStatus.CANCELLED}


_STATUSES = {
    "starting": RunStatus.STARTING,
    "queued": RunStatus.STARTING,
    "pending": RunStatus.STARTING,
    "submitted": RunStatus.STARTING,
    "processing": RunStatus.RUNNING,
    "succeeded": RunStatus.SUCCEEDED,
    "failed": RunStatus.FAILED,
    "canceled": RunStatus.CANCELLED,
    "cancelled": RunStatus.CANCELLED,
    "aborted": RunStatus.CANCELLED,
    "stopped": RunStatus.CANCELLED,
    "deleted": RunStatus.CANCELLED,
}

_SUCCESS_NAMES = frozenset(
    {"completed", "complete", "success", "successful", "succeed", "finished", "done", "ready", "ok"}
    | {"partially_succeeded", "partially_completed", "partial_success"}
)
_FAILURES_WITHOUT_REASON = frozenset(
    {"error", "errored", "failure", "fail", "crashed", "killed", "terminated", "unsuccessful"}
)
_FAILURE_NAMES = _FAILURES_WITHOUT_REASON | {
    "timeout", "timed_out", "timedout", "time_out", "expired", "rejected", "blocked", "banned", "filtered", "moderated",
    "content_policy_violation", "nsfw", "out_of_memory",
}  # fmt: skip
"""Other names for a failure, as gateways and the models' makers use them. Some of them also state the reason."""


@dataclass(frozen=True, slots=True)
class ProviderPrediction:
    """A run at the provider.

    Times are in milliseconds since the Unix epoch by the provider's clock, and never decrease from created to started
    to completed. `outputs` are http(s) and data: URLs in the order of the answer. `model` and `version` may differ from
    those requested (the official API substitutes models), so nothing may depend on them. `seed`, `step`,
    `steps`, `phase`, `safe_images` and `images` (how many of how many passed the safety filter) come from the logs.
    """

    id: str
    status: RunStatus
    raw_status: str
    input: Mapping[str, object]
    outputs: tuple[str, ...]
    error: str | None
    seed: int | None
    step: int | None
    steps: int | None
    created_ms: int | None
    started_ms: int | None
    completed_ms: int | None
    data_removed: bool
    model: str | None
    version: str | None
    safe_images: int | None = None
    images: int | None = None
    phase: Phase | None = None

    @property
    def expired(self) -> bool:
        """Whether the run succeeded but was read too late: results are removed one hour after the end."""
        return self.status is RunStatus.SUCCEEDED and not self.outputs and self.data_removed


def parse_prediction(payload: object) -> ProviderPrediction | None:
    """Parse a prediction object; return None if this is not one (not an object, or without a usable id)."""
    record = as_mapping(payload)
    name = as_text(record.get("id"))
    if name is None or not PREDICTION_ID.fullmatch(name):
        return None
    raw_status = as_text(record.get("status")) or ""
    outputs = find_outputs(record.get("output"))
    status, error = _end(record, raw_status, outputs)
    created, started, completed = _times(record)
    logs: LogFacts = read_logs(as_text(record.get("logs")) or "")
    return ProviderPrediction(
        id=name,
        status=status,
        raw_status=raw_status,
        input=as_mapping(record.get("input")),
        outputs=outputs,
        error=error,
        seed=logs.seed,
        step=logs.step,
        steps=logs.steps,
        safe_images=logs.safe_images,
        images=logs.images,
        phase=logs.phase,
        created_ms=created,
        started_ms=started,
        completed_ms=completed,
        data_removed=_removed(record, status),
        model=as_text(record.get("model")),
        version=as_text(record.get("version")),
    )


def is_refusal(payload: object) -> bool:
    """Return whether this is an error body despite its id, which then identifies the request and not a run."""
    record = as_mapping(payload)
    if isinstance(record.get("status"), str):
        return False
    stated = [record.get(key) for key in ("status", "code")]
    return bool(words_of(record.get("error"))) or any(isinstance(code, int) and code >= _FIRST_ERROR for code in stated)


def find_outputs(value: object) -> tuple[str, ...]:
    """Collect the results in an output of any shape, in order and once each: URLs, data: URLs, and SVG text."""
    found = dict.fromkeys(_walk(value, DEPTH_MAX))
    return tuple(found)[:OUTPUTS_MAX]


def parse_time_ms(text: object) -> int | None:
    """Parse an RFC 3339 time and return it in whole milliseconds since the Unix epoch; None if it cannot be parsed.

    A time without a zone counts as UTC, whereas `datetime.fromisoformat` would assume the local zone. Recorded answers
    have 3, 6, 8 or 9 fraction digits; digits beyond milliseconds are dropped.
    """
    match = _TIME.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        return None
    day, time, fraction, zone = match.groups()
    seconds = _seconds(f"{day}T{time}", zone)
    if seconds is None:
        return None
    return seconds * 1_000 + int((fraction or "0")[:3].ljust(3, "0"))


@lru_cache(maxsize=4_096)  # the times of thousands of runs repeat the same few seconds
def _seconds(time: str, zone: str | None) -> int | None:
    try:
        return int(datetime.fromisoformat(time).replace(tzinfo=_zone(zone)).timestamp())
    except (ValueError, OverflowError):
        return None


def _end(record: Mapping[str, object], raw_status: str, outputs: tuple[str, ...]) -> tuple[RunStatus, str | None]:
    """Return the status and the error message.

    Gateways use other names for the end of a run. `completed` or `success` may also mean that a request was accepted,
    so it only counts as the end if an output, an error or an end time came with it.
    """
    words = run_words(record.get("error"))
    name = _plain(raw_status)
    if name in _STATUSES:
        status = _STATUSES[name]
        return status, (words or (_words_elsewhere(record) if status is RunStatus.FAILED else "")) or None
    if name in _SUCCESS_NAMES:
        if words and not outputs:
            return RunStatus.FAILED, words
        ended = bool(record.get("output")) or _moment(record, "completed_at") is not None
        return (RunStatus.SUCCEEDED if ended else RunStatus.RUNNING), words or None
    if name in _FAILURE_NAMES or name.endswith("_moderated"):
        told = words or _words_elsewhere(record)
        return RunStatus.FAILED, told or (raw_status if name not in _FAILURES_WITHOUT_REASON else None)
    if _moment(record, "completed_at") is not None and (outputs or words):
        return (RunStatus.SUCCEEDED if outputs else RunStatus.FAILED), words or None
    return RunStatus.RUNNING, words or None


def is_known(raw_status: str) -> bool:
    """Return whether this is a status, or another name for one, that Easel knows."""
    name = _plain(raw_status)
    return name in _STATUSES or name in _SUCCESS_NAMES or name in _FAILURE_NAMES or name.endswith("_moderated")


def _plain(raw_status: str) -> str:
    return raw_status.strip().lower().replace(" ", "_").replace("-", "_").removeprefix("task_status_")


def _words_elsewhere(record: Mapping[str, object]) -> str:
    """Return the reason for a failure whose `error` is empty: gateways write it under other keys, or as the output."""
    return run_words({**record, "error": None}) or run_words(as_mapping(record.get("output")))


def _zone(text: str | None) -> timezone:
    if text is None or text in {"Z", "z"}:
        return UTC
    hours, minutes = int(text[1:3]), int(text[-2:])
    ahead = timedelta(hours=hours, minutes=minutes)
    return timezone(-ahead if text[0] == "-" else ahead)


def _moment(record: Mapping[str, object], key: str) -> int | None:
    """Return a time of a run; None also for the zero times of Go and Unix, by which gateways mean "not yet"."""
    moment = parse_time_ms(record.get(key))
    return moment if moment is not None and moment > 0 else None


def _times(record: Mapping[str, object]) -> tuple[int | None, int | None, int | None]:
    """Return created, started and completed, each raised to the preceding one if necessary.

    In recorded answers `started_at` is up to 28 ms before `created_at`, which would give negative durations.
    """
    times: list[int | None] = []
    latest = 0
    for key in ("created_at", "started_at", "completed_at"):
        moment = _moment(record, key)
        latest = max(latest, moment or 0)
        times.append(None if moment is None else latest)
    return times[0], times[1], times[2]


def _removed(record: Mapping[str, object], status: RunStatus) -> bool:
    """Return whether the provider has removed the results.

    Afterwards `output` is null, even in older records, which lack the flag. If the flag is false, the run had no
    output. A missing `output` key means the same.
    """
    if isinstance(record.get("data_removed"), bool):
        return record["data_removed"] is True
    return status is RunStatus.SUCCEEDED and "output" in record and record["output"] is None


def _walk(value: object, depth: int) -> Iterator[str]:
    if isinstance(value, str):
        yield from _link(value.strip())
    elif depth:
        parts = as_list(value) or as_mapping(value).values()
        for part in parts:
            yield from _walk(part, depth - 1)


def _link(text: str) -> Iterator[str]:
    if text[:8].lower().startswith(("https://", "http://", "data:")):
        yield text
    elif text.startswith("<") and svg_prolog(text[:HEAD_BYTES].encode()):
        yield "data:image/svg+xml;base64," + base64.b64encode(text.encode()).decode()
