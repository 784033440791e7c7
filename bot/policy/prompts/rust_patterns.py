"""Translates AutoMod's regular expressions from Rust's syntax to RE2's: both engines run in linear time.

Most patterns mean the same in both. This module translates what differs, and refuses what RE2 would silently interpret
differently. Rust: https://docs.rs/regex/latest/regex/#syntax, RE2: https://github.com/google/re2/wiki/Syntax.
Discord ignores case and uses Unicode classes (support.discord.com, article 10069840290711).
"""

import re
from dataclasses import dataclass
from typing import Any, Protocol, cast

# In RE2, \d, \w and \s know only ASCII; in Rust, they know Unicode.
_CLASSES = {
    "d": r"\p{Nd}",
    "w": r"\p{L}\p{M}\p{Nd}\p{Nl}\p{Pc}",
    "s": r"\s\x{0B}\x{85}\p{Z}",
}
_CODE_POINT = re.compile(r"\\(?:u\{([0-9A-Fa-f]+)\}|u([0-9A-Fa-f]{4})|U\{([0-9A-Fa-f]+)\}|U([0-9A-Fa-f]{8}))")
_SET_OPERATIONS = ("&&", "--", "~~")
_POSIX = re.compile(r"\[:\^?[a-z]+:\]")
_OPEN_REPEAT = re.compile(r"\{,\d+\}")


class Unreadable(ValueError):
    """Raised when RE2 cannot apply a pattern as Rust would. The text says why."""


class Compiled(Protocol):
    """A compiled pattern."""

    def finditer(self, text: str) -> Any:  # noqa: ANN401 - the library has no types
        """Yield a match, with its `span()`, for each place that matches."""
        ...


@dataclass(frozen=True, slots=True)
class RustPattern:
    """A pattern that RE2 can apply. With `ascii_edges`, word boundaries see only ASCII letters and digits."""

    written: str
    compiled: Compiled
    ascii_edges: bool


def read(written: str) -> RustPattern:
    """Compile a pattern written for Rust. Raises Unreadable."""
    import re2 as untyped_re2  # noqa: PLC0415 - few servers have patterns  # pyright: ignore[reportMissingTypeStubs]

    re2: Any = untyped_re2
    translated, ascii_edges = _translated(written)
    options = re2.Options()
    options.case_sensitive = False
    options.log_errors = False
    try:
        compiled = cast("Compiled", re2.compile(translated, options))
    except re2.error as error:
        raise Unreadable(_message(error)) from error
    return RustPattern(written, compiled, ascii_edges)


def _message(error: Exception) -> str:
    reason = error.args[0] if error.args else ""
    return reason.decode(errors="replace") if isinstance(reason, bytes) else str(reason)


def _translated(written: str) -> tuple[str, bool]:
    """Return the pattern for RE2, and whether it has word boundaries. Raises Unreadable."""
    parts: list[str] = []
    at, in_class, ascii_edges = 0, False, False
    while at < len(written):
        if written[at] == "\\":
            part, at = _escape(written, at, in_class=in_class)
            ascii_edges = ascii_edges or (not in_class and part in ("\\b", "\\B"))
        elif in_class:
            part, at, in_class = _within_class(written, at)
        else:
            part, at, in_class = _outside(written, at)
        parts.append(part)
    return "".join(parts), ascii_edges


def _escape(written: str, at: int, *, in_class: bool) -> tuple[str, int]:
    """Translate the escape that begins here; return it and where it ends."""
    if found := _CODE_POINT.match(written, at):
        return rf"\x{{{next(filter(None, found.groups()))}}}", found.end()
    name = written[at + 1 : at + 2]
    if name.lower() in _CLASSES:
        return _class(name, in_class=in_class), at + 2
    if name == "b" and written.startswith("{", at + 2):
        raise Unreadable("half word boundaries are not supported")
    return written[at : at + 2], at + 2


def _class(name: str, *, in_class: bool) -> str:
    members = _CLASSES[name.lower()]
    if name.islower():
        return members if in_class else f"[{members}]"
    if in_class:
        if name == "D":
            return r"\P{Nd}"
        raise Unreadable(f"\\{name} within a class is not supported")
    return f"[^{members}]"


def _within_class(written: str, at: int) -> tuple[str, int, bool]:
    if any(written.startswith(operation, at) for operation in _SET_OPERATIONS):
        raise Unreadable("set operations within a class are not supported")
    if found := _POSIX.match(written, at):
        return found[0], found.end(), True
    if written[at] == "[":
        raise Unreadable("a class within a class is not supported")
    return written[at], at + 1, written[at] != "]"


def _outside(written: str, at: int) -> tuple[str, int, bool]:
    if written[at] == "[":
        start = at + 1 + written.startswith("^", at + 1)
        # A closing bracket in first place is a member of the class.
        end = start + written.startswith("]", start)
        return written[at:end], end, True
    if _OPEN_REPEAT.match(written, at):
        raise Unreadable("a repetition without a lower bound is not supported")
    return written[at], at + 1, False
