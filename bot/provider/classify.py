"""Mapping of the provider's error messages to Easel's error classes.

The text counts before the status, because gateways answer "out of funds" with 401, 403 or 429. Sources: problem+json
bodies and run errors of the official API, and texts of the one-api and new-api gateways (in Chinese and English), as
recorded or quoted in public repositories.
"""

import re

from bot.errors import (
    ContentFiltered,
    InputRejected,
    ModelFailed,
    ModelUnavailable,
    ProviderBusy,
    ProviderDown,
    ProviderOutOfFunds,
    ProviderUnauthorized,
    RunFailed,
)
from bot.provider.answer import Answer, Complaint, one_line, read_complaint
from bot.provider.retry_after import retry_after_s

_NO_FUNDS = re.compile(
    r"insufficient[ _](?:\w+[ _])?(?:credit|quota|balance|funds)|spend(?:ing)? limit"
    r"|quota (?:is )?(?:exhausted|used up)|out of credits?\b|billing_hard_limit|arrears"
    r"|额度已?用尽|额度不足|额度失败|余额不足|欠费",
    re.IGNORECASE,
)
_NO_MODEL = re.compile(
    r"model_not_found|no available channels?|invalid version or not permitted|version does not exist"
    r"|model .{0,80}(?:does not exist|not found|not supported)|无可用渠道|无权使用模型|无权访问模型|模型不存在",
    re.IGNORECASE,
)
_BAD_KEY = re.compile(
    r"unauthenticated|valid authentication token|(?:invalid|incorrect)[ _](?:api[ _]key|token|access[ _]token)"
    r"|无效的令牌|未提供令牌|令牌已过期|令牌状态不可用|令牌验证失败",
    re.IGNORECASE,
)
_THROTTLED = re.compile(
    r"request was throttled|rate[ _-]?limit|too many requests|负载已饱和|请求过于频繁|请求次数", re.IGNORECASE
)
_FILTERED = re.compile(
    r"\(E005\)|nsfw|flagged as|sensitive[ _](?:content|words?)|content[ _](?:policy|moderation|filter)"
    r"|safety (?:filter|system|checker)|moderation[ _]blocked|prohibited content|responsible ai"
    r"|敏感词|内容违规|违规内容",
    re.IGNORECASE,
)
_BAD_INPUT = re.compile(
    r"\bE9243\b|invalid_request|invalid input|validation (?:failed|error)"
    r"|\bmust be (?:one of|between|at (?:least|most)|less|greater|a)\b"
    r"|\bis required\b|not a valid|cannot identify image|unsupported (?:image|video|audio|file|format)"
    r"|too (?:large|small|long|short)\b",
    re.IGNORECASE,
)
_OUT_OF_MEMORY = re.compile(r"\bE1001\b|out of memory", re.IGNORECASE)
_TRANSIENT = re.compile(
    r"\(code: PA\)|\b(?:E1000|E6716|E8367|E8765|E9825|E9828)\b|\((?:E003|E004)\)|interrupted|high demand|timed? ?out"
    r"|temporarily unavailable|try again later|connection (?:reset|refused|error)|service unavailable|overloaded",
    re.IGNORECASE,
)
# Exception names before an error, and the reference after a moderation text such as "(uIJ6l3ruRD)": both are noise.
_WRAPPING = re.compile(r"^(?:(?:Prediction failed|Async prediction failed|ModelError|Error|Exception)\s*:\s*)+")
_REFERENCE = re.compile(r"\s*\((?!E\d|code:)[A-Za-z0-9]{10,}\)\s*$")

_BY_TEXT: tuple[tuple[re.Pattern[str], type[RunFailed]], ...] = (
    (_NO_FUNDS, ProviderOutOfFunds),
    (_NO_MODEL, ModelUnavailable),
    (_BAD_KEY, ProviderUnauthorized),
    (_FILTERED, ContentFiltered),
    (_THROTTLED, ProviderBusy),
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
}
"""The meaning of a status if the text does not decide. Other 4xx mean InputRejected, everything else ProviderDown."""

_MAY_HAVE_RUN = frozenset({303, 408})
"""The 3xx and 4xx answers after which a run may exist: 303 redirects to the result of a request that was accepted,
and a proxy may send 408 while the request is still being processed behind it."""

_REDIRECTS, _REFUSALS = 3, 4


def classify_answer(answer: Answer, *, now_ms: int) -> RunFailed:
    """Return the error for a refusal or an answer that makes no sense. `now_ms` is the server's time.

    ProviderDown covers everything that no rule recognizes; any other error means that the provider decided not to run.
    """
    complaint = read_complaint(answer)
    detail = "; ".join(complaint.fields) or complaint.text.removeprefix("- ") or f"HTTP {answer.status}"
    if complaint.fields:
        return InputRejected(detail=one_line(detail))
    kind = _kind(answer.status, complaint)
    if kind is not ProviderBusy:
        return kind(detail=detail)
    wait_s = retry_after_s(answer.headers, body=complaint.retry_after, text=complaint.text, now_ms=now_ms)
    return ProviderBusy(detail=detail, retry_after_s=wait_s)


def proves_nothing_runs(answer: Answer, error: RunFailed) -> bool:
    """Tell whether this answer to a create proves, by its text or its status, that no run was started.

    This guards against paying twice: creates have no idempotency key, so only a proven refusal may be repeated.
    """
    if not isinstance(error, ProviderDown):
        return True
    return answer.status // 100 in {_REDIRECTS, _REFUSALS} and answer.status not in _MAY_HAVE_RUN


def classify_failure(text: str | None) -> RunFailed:
    """Return the error for the text of a failed run; ModelFailed has `transient` 1 if a new run is likely to work."""
    words = _REFERENCE.sub("", _WRAPPING.sub("", one_line(text or "")))
    detail = words or "the provider gave no reason"
    if _FILTERED.search(words):
        return ContentFiltered(detail=detail)
    if _NO_FUNDS.search(words):
        return ProviderOutOfFunds(detail=detail)
    if _TRANSIENT.search(words) or _THROTTLED.search(words):
        return ModelFailed(detail=detail, transient=1)
    # "Out of memory ... too large" matches both, but the member did nothing wrong: it is the model's failure.
    if _BAD_INPUT.search(words) and not _OUT_OF_MEMORY.search(words):
        return InputRejected(detail=detail)
    if not words:
        return ModelFailed(detail=detail, reason="gave-no-reason", transient=0)
    return ModelFailed(detail=detail, transient=0)


def _kind(status: int, complaint: Complaint) -> type[RunFailed]:
    words = f"{complaint.text} {complaint.code}"
    by_text = next((kind for pattern, kind in _BY_TEXT if pattern.search(words)), None)
    if by_text is not None:
        return by_text
    if complaint.page and status in {401, 403}:
        return ProviderDown  # an HTML page comes from a CDN that blocks us, and says nothing about the key
    return _BY_STATUS.get(status, InputRejected if status // 100 == _REFUSALS else ProviderDown)
