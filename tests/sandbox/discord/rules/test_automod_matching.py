"""Tests of what AutoMod blocks: keywords with and without asterisks, allow lists, patterns, mentions, exemptions."""

from typing import Any

import pytest

from sandbox.discord.rules.automod_matching import blocking_rule
from sandbox.discord.rules.automod_rules import checked_rule

ROLE, CHANNEL = 11, 22
BLOCK = [{"type": 1}]


def rule(trigger: int = 1, **changes: Any):
    whole = {"name": "x", "event_type": 1, "trigger_type": trigger, "actions": BLOCK, "enabled": True} | changes
    return checked_rule(whole, others=(), roles={ROLE}, channels={CHANNEL})


def blocked(content, *rules, roles=(), channel=0):
    return blocking_rule(content, rules, role_ids=roles, channel_id=channel) is not None


@pytest.mark.parametrize(
    ("keyword", "content", "found"),
    [
        ("cat", "a Cat sat", True),
        ("cat", "cats", False),
        ("cat", "a cat, sat", False),
        ("cat*", "CATapult", True),
        ("cat*", "wildcat", False),
        ("*cat", "wildCat", True),
        ("*cat", "catch", False),
        ("*cat*", "location", True),
        ("the mat", "on the mat now", True),
        ("the mat*", "see the matrix", True),
        ("c.t", "cat", False),
        ("*", "any thing", True),
    ],
)
def test_keyword_matches_as_documented(keyword, content, found):
    assert blocked(content, rule(trigger_metadata={"keyword_filter": [keyword]})) is found


def test_allowed_words_are_not_blocked():
    words = rule(trigger_metadata={"keyword_filter": ["*cat*"], "allow_list": ["location", "educat*"]})
    assert not blocked("the location of education", words)
    assert blocked("the location of a cat", words)


def test_pattern_is_applied_unless_it_cannot_be_compiled_here():
    assert blocked("bad", rule(trigger_metadata={"regex_patterns": [r"\bb[ae]d\b"]}))
    assert not blocked("bad", rule(trigger_metadata={"regex_patterns": ["(?x)b a d"]}))


def test_too_many_mentions_are_blocked():
    few = rule(5, trigger_metadata={"mention_total_limit": 2})
    assert blocked("<@1> <@!2> <@&3>", few)
    assert not blocked("<@1> <@1> <@2>", few)


def test_rule_that_is_off_exempt_or_only_alerts_blocks_nothing():
    words: dict[str, Any] = {"trigger_metadata": {"keyword_filter": ["cat"]}}
    alert = [{"type": 2, "metadata": {"channel_id": str(CHANNEL)}}]
    assert not blocked("cat", rule(**words, enabled=False))
    assert not blocked("cat", rule(**words, actions=alert))
    assert not blocked("cat", rule(**words, exempt_roles=[str(ROLE)]), roles=[ROLE])
    assert not blocked("cat", rule(**words, exempt_channels=[str(CHANNEL)]), channel=CHANNEL)
    assert blocked("cat", rule(**words, exempt_roles=[str(ROLE)], exempt_channels=[str(CHANNEL)]), roles=[5])
