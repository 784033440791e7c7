"""Tests of the validation of AutoMod rules: what Discord keeps, and what it rejects."""

from typing import Any

import pytest

from sandbox.discord.rules.automod_rules import checked_rule
from sandbox.discord.rules.error_codes import DiscordError

ROLE, CHANNEL = 11, 22
KEYWORDS = {"trigger_type": 1, "trigger_metadata": {"keyword_filter": ["cat*"], "regex_patterns": ["b[ae]d+"]}}
BLOCK = {"actions": [{"type": 1, "metadata": {"custom_message": "No."}}]}
RULES = (
    KEYWORDS | BLOCK,
    {"trigger_type": 3, "actions": [{"type": 1}]},
    {"trigger_type": 4, "trigger_metadata": {"presets": [1, 3], "allow_list": ["scunthorpe"]}, **BLOCK},
    {"trigger_type": 5, "trigger_metadata": {"mention_total_limit": 5}, "actions": [{"type": 1}]},
)
WHOLE = {"name": "words", "event_type": 1, **KEYWORDS, **BLOCK}


def kept(payload, others=()):
    return checked_rule(payload, others=others, roles={ROLE}, channels={CHANNEL})


def problems(payload, others=()) -> Any:
    with pytest.raises(DiscordError) as refused:
        kept(payload, others)
    assert refused.value.code == 50035
    return refused.value.errors


def test_rule_is_kept_with_every_field():
    assert kept(WHOLE | {"exempt_roles": [str(ROLE)], "exempt_channels": [CHANNEL]}) == {
        "name": "words",
        "event_type": 1,
        "trigger_type": 1,
        "trigger_metadata": {"keyword_filter": ["cat*"], "regex_patterns": ["b[ae]d+"], "allow_list": []},
        "actions": [{"type": 1, "metadata": {"custom_message": "No."}}],
        "enabled": False,
        "exempt_roles": [str(ROLE)],
        "exempt_channels": [str(CHANNEL)],
    }


@pytest.mark.parametrize("rule", RULES)
def test_each_trigger_is_accepted(rule):
    assert kept({"name": "x", "event_type": 1} | rule)["trigger_type"] == rule["trigger_type"]


@pytest.mark.parametrize("pattern", [r"a{2,3}", r"(?i)cat", r"\p{L}+", r"[(]", r"[^\]]", r"a\(", r"(?:x|y)", r"a+?"])
def test_rust_pattern_is_accepted(pattern):
    assert kept(WHOLE | {"trigger_metadata": {"regex_patterns": [pattern]}})


@pytest.mark.parametrize(
    "pattern", [r"(?=cat)", r"(?<!a)b", r"(a)\1", r"(?>a)", "(a", "a)", "[a", "*a", "\\", r"(?P<n>a)(?P=n)"]
)
def test_pattern_that_rust_cannot_compile_is_rejected(pattern):
    errors = problems(WHOLE | {"trigger_metadata": {"regex_patterns": [pattern]}})
    assert errors["trigger_metadata"]["regex_patterns"]["0"]["_errors"][0]["code"] == "AUTO_MODERATION_INVALID_REGEX"


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"name": ""}, ("name",)),
        ({"name": "x" * 101}, ("name",)),
        ({"event_type": None}, ("event_type",)),
        ({"event_type": 2}, ("event_type",)),
        ({"trigger_type": 2}, ("trigger_type",)),
        ({"enabled": "yes"}, ("enabled",)),
        ({"actions": []}, ("actions",)),
        ({"actions": [{"type": 1}] * 6}, ("actions",)),
        ({"actions": [{"type": 4}]}, ("actions", "0", "type")),
        ({"actions": [{"type": 2, "metadata": {}}]}, ("actions", "0", "metadata", "channel_id")),
        ({"actions": [{"type": 2, "metadata": {"channel_id": "5"}}]}, ("actions", "0", "metadata", "channel_id")),
        ({"actions": [{"type": 3}]}, ("actions", "0", "metadata")),
        (
            {"actions": [{"type": 3, "metadata": {"duration_seconds": 2_419_201}}]},
            ("actions", "0", "metadata", "duration_seconds"),
        ),
        (
            {"actions": [{"type": 1, "metadata": {"custom_message": "x" * 151}}]},
            ("actions", "0", "metadata", "custom_message"),
        ),
        ({"exempt_roles": ["5"]}, ("exempt_roles", "0")),
        ({"exempt_roles": [str(ROLE)] * 2}, ("exempt_roles",)),
        ({"exempt_roles": [str(ROLE)] * 21}, ("exempt_roles",)),
        ({"exempt_channels": ["general"]}, ("exempt_channels", "0")),
        ({"trigger_metadata": {"keyword_filter": ["x"] * 1_001}}, ("trigger_metadata", "keyword_filter")),
        ({"trigger_metadata": {"keyword_filter": ["x" * 61]}}, ("trigger_metadata", "keyword_filter", "0")),
        ({"trigger_metadata": {"keyword_filter": [" "]}}, ("trigger_metadata", "keyword_filter", "0")),
        ({"trigger_metadata": {"allow_list": ["x"] * 101}}, ("trigger_metadata", "allow_list")),
        ({"trigger_metadata": {"regex_patterns": ["x"] * 11}}, ("trigger_metadata", "regex_patterns")),
        ({"trigger_metadata": {"regex_patterns": ["x" * 261]}}, ("trigger_metadata", "regex_patterns", "0")),
        ({"trigger_type": 4, "trigger_metadata": {"presets": [4]}}, ("trigger_metadata", "presets", "0")),
        ({"trigger_type": 4, "trigger_metadata": None}, ("trigger_metadata",)),
        (
            {"trigger_type": 5, "trigger_metadata": {"mention_total_limit": 51}},
            ("trigger_metadata", "mention_total_limit"),
        ),
        (
            {"trigger_type": 3, "actions": [{"type": 3, "metadata": {"duration_seconds": 60}}]},
            ("actions", "0", "type"),
        ),
    ],
)
def test_invalid_rule_is_rejected_with_its_path(change, path):
    errors = problems(WHOLE | change)
    for key in path:
        errors = errors[key]
    assert errors["_errors"]


@pytest.mark.parametrize(("trigger", "most"), [(1, 6), (3, 1), (4, 1), (5, 1)])
def test_number_of_rules_of_one_kind_is_limited(trigger, most):
    rule = next(one for one in RULES if one["trigger_type"] == trigger)
    assert kept({"name": "x", "event_type": 1} | rule, others=[trigger] * (most - 1))
    errors = problems({"name": "x", "event_type": 1} | rule, others=[trigger] * most)
    assert errors["trigger_type"]["_errors"][0]["code"] == "AUTO_MODERATION_MAX_RULES_OF_TYPE_EXCEEDED"
