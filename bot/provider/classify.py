"""From a provider's words to one of our errors. Text decides before the status: gateways answer 401 for "no money".

Sources: problem+json bodies and run errors of the official API, and the texts of the one-api and new-api gateways
(in Chinese and English), as recorded or quoted in public repositories.
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
# Wrappers in front, and the reference that follows a moderation text: of use to nobody who reads it.
_WRAPPING = re.compile(r"^(?:(?:Prediction failed|Async prediction failed|ModelError|Error|Exception)\s*:\s*)+")
_REFERENCE = re.compile(r"\s*\((?!E\d|code:)[A-Za-z0-9]{10,}\)\s*$")

_WORDS: tuple[tuple[re.Pattern[str], type[RunFailed]], ...] = (
    (_NO_FUNDS, ProviderOutOfFunds),
    (_NO_MODEL, ModelUnavailable),
    (_BAD_KEY, ProviderUnauthorized),
    (_FILTERED, ContentFiltered),
    (_THROTTLED, ProviderBusy),
    (re.compile(r"invalid_request"), InputRejected),
)
"""The first that is found in an answer decides."""

_STATUSES: dict[int, type[RunFailed]] = {
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
"""Where the words say nothing. Other 4xx refuse the inputs; everything else is a provider that is down."""

_MAY_HAVE_RUN = frozenset({303, 408})
"""The 3xx and 4xx answers that do not prove that nothing was started."""

_REDIRECTS, _REFUSALS = 3, 4


def classify_answer(answer: Answer, *, now_ms: int) -> RunFailed:
    """The one error that a refusing, or senseless, answer means. `now_ms` is the server's time.

    ProviderDown is what no rule knows; every other error says that the provider decided against running.
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
    """Whether a create that was answered so has surely started nothing: its words or its status say so."""
    if not isinstance(error, ProviderDown):
        return True
    return answer.status // 100 in {_REDIRECTS, _REFUSALS} and answer.status not in _MAY_HAVE_RUN


def classify_failure(text: str | None) -> RunFailed:
    """The error that a failed run's own text means. ModelFailed carries `transient` 1 where a new run may well work."""
    words = _REFERENCE.sub("", _WRAPPING.sub("", one_line(text or "")))
    detail = words or "the provider gave no reason"
    if _FILTERED.search(words):
        return ContentFiltered(detail=detail)
    if _NO_FUNDS.search(words):
        return ProviderOutOfFunds(detail=detail)
    if _TRANSIENT.search(words) or _THROTTLED.search(words):
        return ModelFailed(detail=detail, transient=1)
    if _BAD_INPUT.search(words) and not _OUT_OF_MEMORY.search(words):
        return InputRejected(detail=detail)
    if not words:
        return ModelFailed(detail=detail, reason="gave-no-reason", transient=0)
    return ModelFailed(detail=detail, transient=0)


def _kind(status: int, complaint: Complaint) -> type[RunFailed]:
    words = f"{complaint.text} {complaint.code}"
    said = next((kind for pattern, kind in _WORDS if pattern.search(words)), None)
    if said is not None:
        return said
    if complaint.page and status in {401, 403}:
        return ProviderDown  # a content network's wall, not the API's view of our key
    return _STATUSES.get(status, InputRejected if status // 100 == _REFUSALS else ProviderDown)
