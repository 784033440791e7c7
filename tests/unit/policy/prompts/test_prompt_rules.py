"""Tests of rules about the texts of orders, and of AutoMod's rules as Discord sends them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.policy.prompts.automod import AutomodGap, Gap, parse
from bot.policy.prompts.prompt_rules import Author, matches


def sent(**changes):
    """Return a rule as Discord sends it."""
    metadata = {"keyword_filter": ["gore", "blood*"], "regex_patterns": ["kn[i1]fe"], "allow_list": ["blood orange"]}
    return {
        "id": "1",
        "guild_id": "2",
        "name": "Violence",
        "event_type": 1,
        "trigger_type": 1,
        "trigger_metadata": metadata,
        "actions": [{"type": 1, "metadata": {}}],
        "enabled": True,
        "exempt_roles": ["30"],
        "exempt_channels": ["40"],
        **changes,
    }


NOBODY_SPECIAL = Author()


def found(texts, author=NOBODY_SPECIAL, *rules):
    return [(one.rule.name, one.found) for one in matches(parse(rules or [sent()]).rules, texts, author)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a quiet lake", []),
        ("GORE everywhere", [("Violence", "gore")]),
        ("a bloody Kn1fe", [("Violence", "blood")]),
        ("a kn1fe", [("Violence", "kn1fe")]),
        ("a blood orange", []),
        ("a blood orange in blood", [("Violence", "blood")]),
        ("blood-orange", [("Violence", "blood")]),
    ],
)
def test_rule_matches_outside_of_allowed_texts(text, expected):
    assert found([text]) == expected


def test_every_text_of_an_order_is_compared():
    assert found(["a lake", "", "gore"]) == [("Violence", "gore")]


@pytest.mark.parametrize(
    "author",
    [Author(roles=frozenset({30})), Author(channels=frozenset({40, 41})), Author(is_manager=True)],
)
def test_exempt_roles_channels_and_managers_are_spared(author):
    assert found(["gore"], author) == []


@pytest.mark.parametrize("change", [{"enabled": False}, {"trigger_type": 3}, {"trigger_type": 5}, {"trigger_type": 6}])
def test_rule_that_is_off_or_about_something_else_does_not_match(change):
    assert found(["gore"], Author(), sent(**change)) == []
    assert parse([sent(**change)]).others == 1


def test_rule_that_only_alerts_becomes_a_rule_that_flags():
    (rule,) = parse([sent(actions=[{"type": 2, "metadata": {"channel_id": "5"}}, {"type": 3}])]).rules
    assert rule.flags
    assert not parse([sent()]).rules[0].flags


def test_parts_that_cannot_be_applied_are_listed():
    metadata = {"keyword_filter": ["gore"], "presets": [1, 3], "regex_patterns": ["(?=x)", r"\bx\b", "y"]}
    read = parse([sent(trigger_metadata=metadata), sent(name="Odd", actions=[{}]), {"name": "?"}, None])
    assert read.gaps == (
        AutomodGap("Violence", Gap.PRESET),
        AutomodGap("Violence", Gap.PATTERN, "(?=x)"),
        AutomodGap("Violence", Gap.EDGES, r"\bx\b"),
        AutomodGap("Odd", Gap.UNREADABLE),
        AutomodGap("?", Gap.UNREADABLE),
        AutomodGap("?", Gap.UNREADABLE),
    )
    assert [rule.name for rule in read.rules] == ["Violence"]
    assert found(["y"], Author(), sent(trigger_metadata=metadata)) == [("Violence", "y")]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@given(
    st.lists(
        JSON
        | st.builds(
            lambda changes: sent(**changes), st.dictionaries(st.sampled_from(sorted(sent())), JSON, max_size=3)
        ),
        max_size=3,
    ),
    st.text(max_size=10),
)
def test_any_payload_from_discord_is_read_without_an_error(rules, text):
    read = parse(rules)
    matches(read.rules, [text], Author())
    assert len(read.rules) <= len(rules)
