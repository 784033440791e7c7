"""Maps the provider's error messages to Easel's error classes.

The text outranks the status, because gateways answer "out of funds" with 401, 403 or 429. The words themselves
are in `bot.provider.error_wording`.
"""

import re
from collections.abc import Collection
from urllib.parse import urlsplit

from bot.errors import (
    ContentFiltered,
    InputRejected,
    ModelFailed,
    ModelUnavailable,
    ProviderBusy,
    ProviderDown,
    ProviderMisconfigured,
    ProviderOutOfFunds,
    ProviderUnauthorized,
    RunFailed,
)
from bot.provider import error_wording
from bot.provider.answer import Answer, Complaint, read_complaint
from bot.provider.redaction import TECHNICAL, cleaned, for_members, one_line, shortened
from bot.provider.retry_after import retry_after_s

_BY_TEXT: tuple[tuple[re.Pattern[str], type[RunFailed]], ...] = (
    (error_wording.NO_FUNDS, ProviderOutOfFunds),
    (error_wording.WRONG_ADDRESS, ProviderMisconfigured),
    (error_wording.NO_MODEL, ModelUnavailable),
    (error_wording.BAD_KEY, ProviderUnauthorized),
    (error_wording.FILTERED, ContentFiltered),
    (error_wording.THROTTLED, ProviderBusy),
    (re.compile(r"invalid_request"), InputRejected),
)
"""Patterns in order of precedence: the first one found in an answer decides.

Lack of funds comes first because gateways report it as a bad key or as throttling: a retry would then never help.
"""

_BY_STATUS: dict[int, type[RunFailed]] = {
    401: ProviderUnauthorized,
    402: ProviderOutOfFunds,
    403: ProviderUnauthorized,
    404: ModelUnavailable,
    405: ModelUnavailable,
    408: ProviderDown,
    409: ProviderBusy,
    425: ProviderBusy,
    429: ProviderBusy,
    451: ContentFiltered,
}
"""The meaning of a status if the text does not decide. Other 4xx mean InputRejected, everything else ProviderDown."""

LOCATION_CHARS = 2_000

_MAY_HAVE_RUN = frozenset({303, 408})
"""The 3xx and 4xx answers after which a run may exist: 303 redirects to the result of a request that was accepted,
and a proxy may send 408 while the request is still being processed behind it."""

_MOVED = frozenset({301, 302, 307, 308})

_REDIRECTS, _REFUSALS = 3, 4


def classify_answer(answer: Answer, *, now_ms: int, keys: Collection[str] = ()) -> RunFailed:
    """Return the error for a refusal or an incomprehensible answer.

    `now_ms` is the server's time, `keys` are secrets to hide. ProviderDown covers everything that no rule recognizes;
    any other error means that the provider decided not to start a run.
    """
    complaint = read_complaint(answer, keys)
    if answer.status in _MOVED and (target := _target(answer.headers.get("Location", ""))):
        # The key is for this host only, so redirects are not followed; the operator decides whether to use the target.
        return ProviderMisconfigured(detail=f"it redirects to {one_line(target, keys)}")
    if complaint.fields:
        return _input_rejected("; ".join(complaint.fields))
    detail = complaint.text.removeprefix("- ") or f"HTTP {answer.status}"
    kind = _kind(complaint.status or answer.status, complaint)
    if kind is InputRejected:
        return _input_rejected(detail)
    if kind is not ProviderBusy:
        return kind(detail=detail)
    wait_s = retry_after_s(answer.headers, body=complaint.retry_after, text=complaint.text, now_ms=now_ms)
    return ProviderBusy(detail=detail, retry_after_s=wait_s)


def proves_nothing_runs(answer: Answer, error: RunFailed) -> bool:
    """Return whether this answer to a create proves, by its text or its status, that no run was started.

    This guards against paying twice: creates have no idempotency key, so only a proven refusal may be repeated.
    """
    if not isinstance(error, ProviderDown):
        return True
    return answer.status // 100 in {_REDIRECTS, _REFUSALS} and answer.status not in _MAY_HAVE_RUN


def classify_failure(text: str | None) -> RunFailed:
    """Return the error for the text of a failed run; ModelFailed has `transient` 1 if a new run is likely to work."""
    words = error_wording.REFERENCE.sub("", error_wording.WRAPPING.sub("", cleaned(text or "")))
    if not words:
        return ModelFailed(detail="the provider gave no reason", reason="gave-no-reason", transient=0)
    if error_wording.FILTERED.search(words):
        return ContentFiltered(detail=shortened(words))
    if error_wording.NO_FUNDS.search(words):
        return ProviderOutOfFunds(detail=shortened(words))
    if error_wording.TRANSIENT.search(words) or error_wording.THROTTLED.search(words):
        return _model_failed(words, transient=True)
    # "Out of memory ... too large" matches both, but the member did nothing wrong: it is the model's failure.
    if error_wording.BAD_INPUT.search(words) and not error_wording.OUT_OF_MEMORY.search(words):
        return _input_rejected(words)
    return _model_failed(words, transient=False)


def _input_rejected(line: str) -> InputRejected:
    plain = for_members(line)
    if plain is None:
        return InputRejected(detail=TECHNICAL, reason="technical")
    return InputRejected(detail=shortened(plain))


def _model_failed(line: str, *, transient: bool) -> ModelFailed:
    plain = for_members(line)
    if plain is None:
        return ModelFailed(detail=TECHNICAL, reason="technical", transient=int(transient))
    return ModelFailed(detail=shortened(plain), transient=int(transient))


def _target(location: str) -> str:
    """Return where a redirect leads, without a password or a query."""
    try:
        address = urlsplit(location[:LOCATION_CHARS])
        port = f":{address.port}" if address.port else ""
    except ValueError:
        return ""
    host = f"{address.scheme or 'https'}://{address.hostname}{port}" if address.hostname else ""
    return f"{host}{address.path}"


def _kind(status: int, complaint: Complaint) -> type[RunFailed]:
    by_text = next((kind for pattern, kind in _BY_TEXT if pattern.search(complaint.words)), None)
    if by_text is InputRejected and status in {404, 405}:
        # `invalid_request_error`, but the inputs were not read: the address is wrong, or the run is not known.
        return ModelUnavailable if error_wording.NO_RUN.search(complaint.words) else ProviderMisconfigured
    if by_text is not None:
        return by_text
    if complaint.page and status in {401, 403}:
        return ProviderDown  # an HTML page comes from a CDN that blocks Easel; it says nothing about the key
    return _BY_STATUS.get(status, InputRejected if status // 100 == _REFUSALS else ProviderDown)
