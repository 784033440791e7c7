"""Reads a server's AutoMod rules as Discord's API returns them, and reports which parts cannot be applied to prompts.

https://docs.discord.com/developers/resources/auto-moderation
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Any, cast

from bot.policy.prompts.keywords import Keyword
from bot.policy.prompts.prompt_rules import AUTOMOD, PromptRule
from bot.policy.prompts.rust_patterns import RustPattern, Unreadable, read

NAME_CHARACTERS = 100


class Trigger(IntEnum):
    """The trigger types of rules, as Discord numbers them."""

    KEYWORD = 1
    SPAM = 3
    KEYWORD_PRESET = 4
    MENTION_SPAM = 5
    MEMBER_PROFILE = 6


BLOCK_MESSAGE = 1
"""The action that keeps a message from being posted, and the event of sending one, in Discord's numbers."""


class Gap(StrEnum):
    """The reasons why a part of a rule is not applied, or not exactly. The texts have a sentence for each."""

    PRESET = "preset"
    """Discord does not reveal which words are on its own lists."""
    PATTERN = "pattern"
    """RE2 cannot read a regular expression as Rust does."""
    EDGES = "edges"
    """The pattern is applied, but its word boundaries see only ASCII letters."""
    UNREADABLE = "unreadable"
    """The rule has an unknown format."""


@dataclass(frozen=True, slots=True)
class AutomodGap:
    """A part of a rule that is not applied as Discord would. `detail` is the pattern, or empty."""

    rule: str
    gap: Gap
    detail: str = ""


@dataclass(frozen=True, slots=True)
class AutomodRules:
    """The rules that apply to prompts, and the parts that do not. `others` counts all other rules."""

    rules: tuple[PromptRule, ...] = ()
    gaps: tuple[AutomodGap, ...] = ()
    others: int = 0


def parse(sent: Iterable[object]) -> AutomodRules:
    """Read Discord's list of rules. Never raises: a rule that cannot be read is a gap."""
    rules: list[PromptRule] = []
    gaps: list[AutomodGap] = []
    others = 0
    for one in sent:
        try:
            if not _is_about_texts(one):
                others += 1
                continue
            rule, found = _rule(cast("Mapping[str, Any]", one))
        except (KeyError, TypeError, ValueError, AttributeError):
            gaps.append(AutomodGap(_name(one), Gap.UNREADABLE))
            continue
        gaps += found
        if rule.keywords or rule.patterns:
            rules.append(rule)
    return AutomodRules(tuple(rules), tuple(gaps), others)


def _is_about_texts(one: object) -> bool:
    """Return whether an enabled rule checks the words that members send. Raises if it cannot be read."""
    sent = cast("Mapping[str, Any]", one)
    trigger = int(sent["trigger_type"])
    return bool(sent["enabled"]) and trigger in (Trigger.KEYWORD, Trigger.KEYWORD_PRESET)


def _rule(sent: Mapping[str, Any]) -> tuple[PromptRule, list[AutomodGap]]:
    name, terms = _name(sent), cast("Mapping[str, Any]", sent.get("trigger_metadata") or {})
    gaps = [AutomodGap(name, Gap.PRESET)] if terms.get("presets") else []
    patterns: list[RustPattern] = []
    for written in _strings(terms, "regex_patterns"):
        try:
            pattern = read(written)
        except Unreadable:
            gaps.append(AutomodGap(name, Gap.PATTERN, written))
            continue
        patterns.append(pattern)
        if pattern.ascii_edges:
            gaps.append(AutomodGap(name, Gap.EDGES, written))
    rule = PromptRule(
        AUTOMOD,
        name,
        keywords=_keywords(terms, "keyword_filter"),
        patterns=tuple(patterns),
        allowed=_keywords(terms, "allow_list"),
        exempt_roles=frozenset(map(int, sent.get("exempt_roles") or ())),
        exempt_channels=frozenset(map(int, sent.get("exempt_channels") or ())),
        spares_managers=True,
        # A rule that only alerts, or only puts members in time-out, does not keep a message from being posted.
        flags=all(int(action["type"]) != BLOCK_MESSAGE for action in sent.get("actions") or ()),
    )
    return rule, gaps


def _keywords(terms: Mapping[str, Any], field: str) -> tuple[Keyword, ...]:
    return tuple(keyword for keyword in map(Keyword.read, _strings(terms, field)) if keyword is not None)


def _strings(terms: Mapping[str, Any], field: str) -> list[str]:
    return [str(one) for one in cast("Iterable[object]", terms.get(field) or ())]


def _name(one: object) -> str:
    name = cast("Mapping[str, object]", one).get("name") if isinstance(one, Mapping) else None
    return str(name or "?")[:NAME_CHARACTERS]
