"""Decides which AutoMod rule blocks a member's message.

Source: Discord's documentation, "Auto Moderation", keyword matching strategies. Discord publishes neither the words
of its own lists nor its definition of spam, so such rules block nothing here. Slash commands are never checked.
"""

import re
from collections.abc import Collection, Iterable, Iterator
from functools import lru_cache
from typing import Any

import re2 as untyped_re2  # pyright: ignore[reportMissingTypeStubs]

from sandbox.discord.rules.automod_rules import Action, Trigger

re2: Any = untyped_re2
Json = dict[str, Any]
Span = tuple[int, int]

MENTION = re.compile(r"<@[!&]?\d+>")


def blocking_rule(content: str, rules: Iterable[Json], *, role_ids: Collection[int], channel_id: int) -> Json | None:
    """Return the first enabled rule that blocks a message from someone with these roles; None if it may be sent."""
    for rule in rules:
        exempt = str(channel_id) in rule["exempt_channels"] or any(str(one) in rule["exempt_roles"] for one in role_ids)
        blocks = any(one["type"] == Action.BLOCK_MESSAGE for one in rule["actions"])
        if rule["enabled"] and blocks and not exempt and _matches(content, rule):
            return rule
    return None


def _matches(content: str, rule: Json) -> bool:
    wanted = rule["trigger_metadata"]
    if rule["trigger_type"] == Trigger.MENTION_SPAM:
        return len(set(MENTION.findall(content))) > (wanted["mention_total_limit"] or len(content))
    if rule["trigger_type"] != Trigger.KEYWORD:
        return False
    allowed = [span for word in wanted["allow_list"] for span in _spans(word, content)]
    found = [span for word in wanted["keyword_filter"] for span in _spans(word, content)]
    found += [span for pattern in wanted["regex_patterns"] for span in _pattern_spans(pattern, content)]
    return any(not any(start <= first and last <= end for start, end in allowed) for first, last in found)


def _spans(keyword: str, content: str) -> Iterator[Span]:
    return (found.span() for found in _keyword(keyword).finditer(content))


@lru_cache(maxsize=4_096)
def _keyword(keyword: str) -> re.Pattern[str]:
    """Return a keyword's pattern: it matches whole words only, except at an end that has an asterisk."""
    bare = keyword.strip()
    open_start, open_end = bare.startswith("*"), len(bare) > 1 and bare.endswith("*")
    words = re.escape(bare.removeprefix("*").removesuffix("*") if open_end else bare.removeprefix("*"))
    before, after = "" if open_start else r"(?<!\S)", "" if open_end else r"(?!\S)"
    return re.compile(f"{before}{words}{after}", re.IGNORECASE)


def _pattern_spans(pattern: str, content: str) -> Iterator[Span]:
    options = re2.Options()
    options.log_errors = False
    try:
        compiled = re2.compile(pattern, options)
    except re2.error:  # syntax that Discord's engine has and this one lacks
        return iter(())
    return (found.span() for found in compiled.finditer(content))
