"""Tests of Rust's regular expressions in RE2."""

import pytest

from bot.policy.prompts.rust_patterns import Unreadable, read


def found(pattern, text):
    return [match.span() for match in read(pattern).compiled.finditer(text)]


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("(b|c)at", "a BAT and a cat", True),
        (r"^(?:[0-9]{1,3}\.){3}[0-9]{1,3}$", "127.0.0.1", True),
        (r"^\w+$", "слово", True),
        (r"\W", "слово", False),
        (r"^\d$", "٣", True),
        (r"[\d-]", "٣", True),
        (r"[^\d]", "٣", False),
        (r"\D", "٣", False),
        (r"[\D]", "x", True),
        (r"a\sb", "a\u2003b", True),
        (r"\u{1F600}", "😀", True),
        (r"\U0001F600", "😀", True),
        (r"\u0430", "\u0410", True),
        (r"[]a]", "]", True),
        (r"[^]a]", "]", False),
        (r"[[:alpha:]]", "x", True),
        (r"\[a&&b\]", "[A&&B]", True),
        (r"\bcat\b", "a cat!", True),
    ],
)
def test_pattern_matches_as_in_rust(pattern, text, expected):
    assert bool(found(pattern, text)) is expected


@pytest.mark.parametrize(
    "pattern",
    [
        r"(?=look)ahead",
        r"(a)\1",
        "[a-z&&[^aeiou]]",
        "[a--b]",
        "[a~~b]",
        "[a[b]]",
        "a{,3}",
        r"\b{start}a",
        r"[\W]",
        r"[\S]",
        "a{2000}",
        "(",
        "(?x) a b",
    ],
)
def test_pattern_that_re2_would_read_differently_is_refused(pattern):
    with pytest.raises(Unreadable, match=r"\S"):
        read(pattern)


def test_pattern_knows_whether_its_word_boundaries_are_ascii_only():
    assert read(r"\bcat\b").ascii_edges
    assert read(r"\Bcat").ascii_edges
    assert not read(r"cat\w").ascii_edges
    assert not read(r"\\bcat").ascii_edges


def test_pattern_that_makes_backtracking_engines_hang_ends_at_once():
    assert found(r"^(a+)+$", "a" * 20_000 + "b") == []
