import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.chat.texts.escaping import ALT_CHARACTERS, BREAK, PROMPT_CHARACTERS, plain, quoted, tidy

NASTY = st.text(st.sampled_from("*_~|`>#[]()<>@:/.\\-+1 a\n\u202e\u200d\u2028é光"), max_size=400)


def shown(escaped: str) -> str:
    """What Discord's clients show of an escaped text, when nothing in it is formatting."""
    return re.sub(r"\\([^0-9A-Za-z\s])", r"\1", escaped).replace(BREAK, "")


def unescaped_specials(escaped: str) -> list[str]:
    """Characters that Discord would read as formatting."""
    return re.findall(r"[*_~|`\[\]<]|^[>#+-]", re.sub(r"\\[^0-9A-Za-z\s]", "x", escaped))


@given(NASTY | st.text(max_size=400))
def test_nothing_in_an_escaped_text_is_formatting(text):
    assert unescaped_specials(plain(text)) == []


@given(NASTY | st.text(max_size=400))
def test_an_escaped_text_reads_as_the_tidied_original(text):
    assert shown(plain(text)) == tidy(text, PROMPT_CHARACTERS)


@given(NASTY | st.text(max_size=400))
def test_a_tidied_text_is_one_line_without_anything_invisible(text):
    line = tidy(text, 50)
    assert len(line) <= 50
    assert line == line.strip()
    assert not {unicodedata.category(one) for one in line} & {"Cc", "Cf", "Zl", "Zp"}


@pytest.mark.parametrize(
    "mention", ["@everyone", "@here", "<@1234567890>", "<@&1234>", "<#1234>", "</imagine:1234>", "<t:1:R>"]
)
def test_mentions_are_broken_up(mention):
    escaped = plain(f"look {mention} now")
    assert mention not in escaped
    assert not re.search(r"(?<!\\)<", escaped)
    assert not re.search(r"@\w", escaped)


@pytest.mark.parametrize("link", ["https://evil.example/x", "http://a.b", "discord.gg/abc", "steam://run/1"])
def test_links_are_not_links_any_more(link):
    escaped = plain(f"see {link}")
    assert "://" not in escaped
    assert not re.search(r"\w\.\w+/", escaped)


def test_a_masked_link_shows_its_brackets():
    assert plain("[free nitro](https://evil.example)").startswith(r"\[free nitro\](https:")


@pytest.mark.parametrize("text", ["# big", "> quote", "- item", "-# small", "1. first", "12) twelfth"])
def test_a_line_cannot_begin_as_a_heading_quote_or_list(text):
    assert re.match(r"(\\|\d+\\)", plain(text))


def test_line_breaks_become_spaces():
    assert plain("a\n\n# b\r\nc\u2028d") == "a # b c d"


def test_direction_overrides_and_zero_width_characters_are_dropped():
    assert plain("pay\u202egnp.exe\u200b\u2066!") == "paygnp.exe!"


def test_a_long_text_is_cut_with_an_ellipsis():
    assert len(tidy("x" * 500, PROMPT_CHARACTERS)) == PROMPT_CHARACTERS
    assert plain("x" * 500).endswith("x…")


def test_a_text_at_the_limit_is_whole():
    assert tidy("x" * ALT_CHARACTERS, ALT_CHARACTERS) == "x" * ALT_CHARACTERS


def test_nothing_is_quoted_as_nothing():
    assert quoted("\u200b \n") == ""
    assert quoted("hello") == "> hello"
