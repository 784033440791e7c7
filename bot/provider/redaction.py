"""Cleans provider text: returns one bounded line without secrets, and a version that members may read.

Every function first cuts its input to a fixed length, so that its time is bounded for any provider text.
"""

import re
import string
from collections.abc import Collection
from itertools import pairwise

from bot.provider.json_values import as_mapping

DETAIL_CHARS = 300
"""How much of a provider's text is kept: enough to understand, short enough for a log line or a message."""

READ_CHARS = 2_000
"""How much of a text is searched for meaning and for secrets; the rest is dropped unread."""

HIDDEN = "(hidden)"
LINK = "(link)"

TECHNICAL = "technical details for the operator"
"""The replacement for text that members should not read. Its translation has the key `reason-technical`."""

_BLANK_FACTOR = 8
"""Repeated whitespace is collapsed, so this many times READ_CHARS characters are read."""

_SHORTEST_SECRET, _LONGEST_PLAIN = 20, 40
_MIXED = 4
"""How many changes between upper case, lower case and digits make a token look random; `flux-1.1-pro` has none."""

# All patterns below only see text of at most READ_CHARS characters without double spaces, so they need not be linear.
_REQUEST_ID = re.compile(r" ?[(（] ?request[ _-]?id ?[:：]? ?([\w.-]{1,100}) ?[)）]", re.IGNORECASE)  # noqa: RUF001 - texts are Chinese too
_KEY = re.compile(
    r"\b(?:sk|hk|r8|pk|rk|ak|key)[-_][\w*.-]{4,}|\b(?:Bearer|Basic) [^\s\"',;]+"
    r"|\bToken (?=[^\s\"',;]{0,80}\d)(?=[^\s\"',;]{0,80}[a-z])[^\s\"',;]{8,}|\b(?<=key=)[^\s\"',;]{6,}",
    re.IGNORECASE,
)
_LABELLED = re.compile(
    r"((?:api[ _-]?key|access[ _-]?key|token|secret|passw(?:or)?d|authorization)(?: provided)?[\"']? ?[:=] ?[\"']?)"
    r"((?=[^\s\"',;]{0,80}[\d*])[^\s\"',;]{6,}|(?<==)[^\s\"',;]{6,})",
    re.IGNORECASE,
)
_QUERY = re.compile(r"(https?://[^\s?#\"'<>]{1,300})[?#][^\s\"'<>]*", re.IGNORECASE)
_CREDENTIALS = re.compile(r"\b([a-z][a-z0-9+.-]{1,20}://)[^\s/@]{1,200}@", re.IGNORECASE)
_TOKEN = re.compile(rf"[A-Za-z0-9_+/=.~*-]{{{_SHORTEST_SECRET},}}")
_TOKEN_CHARACTERS = string.ascii_letters + string.digits + "_+/=.~*-"
_LINK = re.compile(r"\b(?:https?|wss?|ftp|file)://[^\s\"'<>]+", re.IGNORECASE)
_STACK_LIKE = re.compile(
    r"traceback \(most recent|\bfile \"[^\"]{0,200}\", line \d|\bat [\w.$<>]{1,100} ?\([^)]{0,200}:\d+\)"
    r"|\.(?:py|js|ts|go|rs|cpp|cu):\d+"
    r"|\b(?:Key|Type|Attribute|Index|Name|Assertion|Import|ModuleNotFound|ZeroDivision|UnboundLocal|JSONDecode"
    r"|NotImplemented|Syntax|Reference|Recursion|FileNotFound|OS|IO|Permission|Unicode\w*)(?:Error)\b"
    r"|\bNoneType\b|\bnil pointer\b|\bpanic:|\bsegmentation fault\b|\bundefined is not\b|\bCUDA\b|\bcuDNN\b"
    r"|\b0x[0-9a-f]{4,}|(?:^|[\s\"'(=])/(?:[\w.-]+/)+[\w.-]*|\b[a-z]:\\\\?\w|site-packages|node_modules"
    r"|<[a-z!/][^>]{0,200}>",
    re.IGNORECASE,
)
_JSON_LIKE = re.compile(r"\{ ?[\"'{]|\[ ?\{|[\"'] ?: ?[\"'\d{\[]|\\[nrtu\"]")


def cleaned(text: str, keys: Collection[str] = ()) -> str:
    """Return the start of a text in one line, without request ids and secrets. `keys` are known secrets."""
    line = _bounded(text)
    for key in keys:
        line = line.replace(key, HIDDEN)
    line = _KEY.sub(HIDDEN, _REQUEST_ID.sub("", line))
    line = _CREDENTIALS.sub(r"\1", _QUERY.sub(r"\1", line))
    line = _LABELLED.sub(rf"\1{HIDDEN}", line)
    return _TOKEN.sub(lambda found: HIDDEN if _is_random(found[0]) else found[0], line)


def texts_of(inputs: object) -> tuple[str, ...]:
    """Return the free texts among a run's inputs, such as its prompt, as they would appear in one line."""
    lines = (" ".join(text.split()) for text in as_mapping(inputs).values() if isinstance(text, str))
    return tuple(line for line in lines if " " in line or len(line) > _LONGEST_PLAIN)


def one_line(text: str, keys: Collection[str] = ()) -> str:
    """Return a text for storage and logs: cleaned, and at most DETAIL_CHARS long."""
    # Secrets go first: a key that is cut in half by the length limit would no longer be recognized.
    return shortened(cleaned(text, keys))


def shortened(line: str) -> str:
    """Cut a line to DETAIL_CHARS."""
    return line if len(line) <= DETAIL_CHARS else line[: DETAIL_CHARS - 1] + "…"


def request_id(text: str) -> str | None:
    """Return the id that gateways add to their messages; operators quote it when they report a request."""
    found = _REQUEST_ID.search(_bounded(text))
    return found[1] if found else None


def for_members(line: str) -> str | None:
    """Return a cleaned line that members may read, without links; None if it looks like a stack trace or data."""
    # Links are not paths, so they are removed before the search for paths.
    plain = _LINK.sub(LINK, line)
    return None if _STACK_LIKE.search(plain) or _JSON_LIKE.search(plain) else plain


def _bounded(text: str) -> str:
    """Return the start of a text with single spaces. A word that is cut in half is dropped: it may be half a secret."""
    line = " ".join(text[: READ_CHARS * _BLANK_FACTOR].split())
    if len(line) <= READ_CHARS and len(text) <= READ_CHARS * _BLANK_FACTOR:
        return line
    return line[:READ_CHARS].rstrip(_TOKEN_CHARACTERS)


def _is_random(token: str) -> bool:
    """Return whether a token looks like a secret rather than like a word, a number or a model's name."""
    kinds = ["0" if one.isdigit() else "A" if one.isupper() else "a" if one.islower() else "" for one in token]
    changes = sum(bool(left and right) and left != right for left, right in pairwise(kinds))
    if "0" in kinds and ("a" in kinds or "A" in kinds) and changes >= _MIXED:
        return True
    longest = max((len(part) for part in re.split(r"[^A-Za-z0-9]", token)), default=0)
    return longest >= _LONGEST_PLAIN
