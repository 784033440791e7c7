"""Tests of which users and roles a message pings."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.discord.rules.mentions import Allowed, Mentions, Origin, default_for, find, read_allowed, texts

ALL = default_for(Origin.BOT_MESSAGE)
TEXT = "hello <@1> <@!2> <@&30> @everyone"


def pinged(allowed: Allowed, content: str = TEXT, **more: object) -> Mentions:
    return find(content, allowed, **{"may_mention_everyone": True, **more})  # pyright: ignore[reportArgumentType]


def test_channel_message_pings_all_mentions_by_default() -> None:
    assert pinged(read_allowed({}, Origin.BOT_MESSAGE)) == Mentions((1, 2), (30,), everyone=True)


def test_interaction_response_pings_only_users_by_default() -> None:
    assert pinged(read_allowed({}, Origin.INTERACTION)) == Mentions((1, 2))


def test_empty_allowed_mentions_ping_nobody() -> None:
    allowed = read_allowed({"allowed_mentions": {}}, Origin.BOT_MESSAGE)
    assert pinged(allowed, replied_to=9) == Mentions()


def test_individual_users_and_roles_can_be_allowed() -> None:
    allowed = read_allowed({"allowed_mentions": {"users": ["2"], "roles": [30]}}, Origin.INTERACTION)
    assert pinged(allowed) == Mentions((2,), (30,))


def test_mention_types_can_be_allowed() -> None:
    allowed = read_allowed({"allowed_mentions": {"parse": ["everyone"]}}, Origin.INTERACTION)
    assert pinged(allowed) == Mentions(everyone=True)


def test_user_who_is_not_mentioned_is_not_pinged() -> None:
    assert pinged(Allowed(frozenset(), frozenset({7})), "nobody") == Mentions()


def test_everyone_mention_requires_the_permission() -> None:
    assert pinged(ALL, may_mention_everyone=False) == Mentions((1, 2))
    assert pinged(ALL, may_mention_everyone=False, mentionable_roles={30}) == Mentions((1, 2), (30,))


@pytest.mark.parametrize("content", ["@here", "look, @everyone!", "`@everyone`", "```\n@here\n```"])
def test_everyone_mention_in_a_code_block_pings(content: str) -> None:
    assert pinged(ALL, content).everyone


@pytest.mark.parametrize("content", ["everyone", "@every one", "@everyones", "<@>", "<@x>", "<@#1>", "@\u200beveryone"])
def test_texts_without_a_valid_mention_ping_nobody(content: str) -> None:
    assert pinged(ALL, content) == Mentions()


def test_reply_pings_the_replied_author_if_allowed() -> None:
    assert pinged(ALL, "x", replied_to=9).users == (9,)
    assert pinged(Allowed(frozenset(), replied_user=True), "<@1>", replied_to=9).users == (9,)
    assert pinged(Allowed(frozenset({"users"})), "x", replied_to=9).users == ()


def test_each_user_is_pinged_once() -> None:
    assert pinged(ALL, "<@1> <@!1> <@1>", replied_to=1).users == (1,)


def test_mentions_ping_in_components_but_not_in_embeds() -> None:
    inner = {"type": 17, "components": [{"type": 10, "content": "<@1>"}, {"type": 2, "label": "<@2>"}]}
    payload = {"components": [inner], "embeds": [{"description": "<@3>"}]}
    assert pinged(ALL, texts(payload)).users == (1,)
    assert texts({"content": "words"}) == "words"


@given(st.text(max_size=60))
def test_empty_allowed_list_pings_nobody(content: str) -> None:
    assert pinged(Allowed(frozenset()), content) == Mentions()


@given(st.lists(st.integers(1, 50), max_size=8), st.sets(st.integers(1, 50), max_size=8))
def test_only_allowed_users_are_pinged(named: list[int], allowed: set[int]) -> None:
    content = " ".join(f"<@{one}>" for one in named)
    assert set(pinged(Allowed(frozenset(), frozenset(allowed)), content).users) == set(named) & allowed
