"""Tests of keywords with Discord's wildcards."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.policy.prompts.keywords import Keyword, folded

WORDS = st.text("abc", min_size=1, max_size=4)


def found(keyword, text):
    read = Keyword.read(keyword)
    assert read is not None
    return bool(list(read.spans(folded(text))))


# The first twelve are Discord's own examples of its matching strategies.
@pytest.mark.parametrize(
    ("keyword", "text", "expected"),
    [
        ("cat*", "catch", True),
        ("cat*", "Catapult", True),
        ("cat*", "CAttLE", True),
        ("cat*", "concat", False),
        ("*cat", "wildcat", True),
        ("*cat", "copyCat", True),
        ("*cat", "cats", False),
        ("*cat*", "location", True),
        ("*cat*", "eduCation", True),
        ("cat", "Cat", True),
        ("cat", "concat", False),
        ("the mat", "the matrix", False),
        ("the mat", "on THE\u00a0 mat.", True),
        ("cat", "a cat, asleep", True),
        ("cat", "c\u200bat", True),
        ("cat", "\uff43\uff41\uff54", True),
        ("straße", "STRASSE", True),
        ("кот", "рыжий Кот", True),
        ("кот", "который", False),
        ("cat", "cat_food", False),
        ("cat", "cat's", True),
        ("c.t", "cat", False),
    ],
)
def test_keyword_is_found_as_discord_finds_it(keyword, text, expected):
    assert found(keyword, text) is expected


@pytest.mark.parametrize("typed", ["", "  ", "*", "**", "* *", "\u200b"])
def test_keyword_without_text_is_none(typed):
    assert Keyword.read(typed) is None


@given(WORDS, st.lists(WORDS, max_size=5))
def test_whole_word_is_found_exactly_among_the_words_of_a_text(word, words):
    assert found(word, " ".join(words)) is (word in words)


@given(WORDS, st.lists(WORDS, max_size=5))
def test_wildcards_compare_the_starts_and_ends_of_words(word, words):
    text = " ".join(words)
    assert found(f"{word}*", text) is any(one.startswith(word) for one in words)
    assert found(f"*{word}", text) is any(one.endswith(word) for one in words)
    assert found(f"*{word}*", text) is any(word in one for one in words)


@given(st.text(max_size=40), st.text(min_size=1, max_size=8))
def test_spans_are_places_of_the_keyword(text, typed):
    keyword = Keyword.read(typed)
    if keyword is not None:
        compared = folded(text)
        assert all(compared[start:end] == keyword.text for start, end in keyword.spans(compared))
