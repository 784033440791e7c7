"""Applies prompt rules to the texts of an order."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from bot.policy.prompts.keywords import Keyword, Span, folded
from bot.policy.prompts.rust_patterns import RustPattern

AUTOMOD, WORDS = "automod", "words"
"""The sources of rules: the server's AutoMod, and Easel's own word rules."""


@dataclass(frozen=True, slots=True)
class PromptRule:
    """A rule about texts. It matches if a keyword or a pattern is found outside all allowed texts.

    Roles and channels (or their categories) can be exempt, and so can those who manage the server. If it only `flags`,
    an order that matches is not refused.
    """

    source: str
    name: str
    keywords: tuple[Keyword, ...] = ()
    patterns: tuple[RustPattern, ...] = ()
    allowed: tuple[Keyword, ...] = ()
    exempt_roles: frozenset[int] = frozenset()
    exempt_channels: frozenset[int] = frozenset()
    spares_managers: bool = False
    flags: bool = False


@dataclass(frozen=True, slots=True)
class Author:
    """The author of a text, and the place. `channels` are the channel and its category."""

    roles: frozenset[int] = frozenset()
    channels: frozenset[int] = frozenset()
    is_manager: bool = False


@dataclass(frozen=True, slots=True)
class PromptMatch:
    """A rule that matches a text, and the part of the text that it matches."""

    rule: PromptRule
    found: str


def matches(rules: Iterable[PromptRule], texts: Sequence[str], author: Author) -> tuple[PromptMatch, ...]:
    """Return the rules that match one of the texts, in their order, each with its first match."""
    applied = [rule for rule in rules if not _is_exempt(rule, author)]
    compared = [folded(text) for text in texts if text]
    found = ((rule, next(_found(rule, compared), None)) for rule in applied)
    return tuple(PromptMatch(rule, text) for rule, text in found if text is not None)


def _is_exempt(rule: PromptRule, author: Author) -> bool:
    if rule.spares_managers and author.is_manager:
        return True
    return bool(rule.exempt_roles & author.roles or rule.exempt_channels & author.channels)


def _found(rule: PromptRule, texts: Iterable[str]) -> Iterator[str]:
    for text in texts:
        allowed: list[Span] | None = None
        for start, end in _spans(rule, text):
            if allowed is None:  # most texts match nothing, so the search for allowed ones waits until now
                allowed = [span for keyword in rule.allowed for span in keyword.spans(text)]
            if not any(first <= start and end <= last for first, last in allowed):
                yield text[start:end]


def _spans(rule: PromptRule, text: str) -> Iterator[Span]:
    for keyword in rule.keywords:
        yield from keyword.spans(text)
    for pattern in rule.patterns:
        for match in pattern.compiled.finditer(text):
            yield match.span()
