# ruff: noqa: RUF001 - lookalikes are the point here
import re
import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.chat.texts.escaping import ALT_CHARACTERS, BREAK, PROMPT_CHARACTERS, fenced, plain, quoted, tidy

ENGLAND = "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"
NASTY = st.text(st.sampled_from("*_~|`>#[]()<>@:/.\\-+1 a\n\u202e\u200d\u2028é光"), max_size=400)


def shown(escaped: str) -> str:
    """Return the text that Discord's clients show for an escaped text without formatting."""
    return re.sub(r"\\([^0-9A-Za-z\s])", r"\1", escaped).replace(BREAK, "")


def unescaped_specials(escaped: str) -> list[str]:
    """Return the characters that Discord would read as formatting."""
    return re.findall(r"[*_~|`\[\]<]|^[>#+-]", re.sub(r"\\[^0-9A-Za-z\s]", "x", escaped))


@given(NASTY | st.text(max_size=400))
def test_escaped_text_contains_no_formatting(text):
    assert unescaped_specials(plain(text)) == []


@given(NASTY | st.text(max_size=400))
def test_escaped_text_reads_like_the_tidied_original(text):
    assert shown(plain(text)) == tidy(text, PROMPT_CHARACTERS)


@given(NASTY | st.text(max_size=400))
def test_tidied_text_is_one_line_without_invisible_characters(text):
    line = tidy(text, 50)
    assert len(line) <= 50
    assert line == line.strip()
    assert not {unicodedata.category(one) for one in line if one != "\u200d"} & {"Cc", "Cf", "Zl", "Zp"}


@given(NASTY | st.text(max_size=400), st.integers(1, 60))
def test_tidying_twice_changes_nothing(text, limit):
    once = tidy(text, limit)
    assert tidy(once, limit) == once


@pytest.mark.parametrize(
    "mention", ["@everyone", "@here", "<@1234567890>", "<@&1234>", "<#1234>", "</imagine:1234>", "<t:1:R>"]
)
def test_mentions_are_broken_up(mention):
    escaped = plain(f"look {mention} now")
    assert mention not in escaped
    assert not re.search(r"(?<!\\)<", escaped)
    assert not re.search(r"@\w", escaped)


@pytest.mark.parametrize("link", ["https://evil.example/x", "http://a.b", "discord.gg/abc", "steam://run/1"])
def test_links_are_broken_up(link):
    escaped = plain(f"see {link}")
    assert "://" not in escaped
    assert not re.search(r"\w\.\w+/", escaped)


def test_masked_link_shows_its_brackets():
    assert plain("[free nitro](https://evil.example)").startswith(r"\[free nitro\](https:")


@pytest.mark.parametrize("text", ["# big", "> quote", "- item", "-# small", "1. first", "12) twelfth"])
def test_line_cannot_become_a_heading_quote_or_list(text):
    assert re.match(r"(\\|\d+\\)", plain(text))


def test_line_breaks_become_spaces():
    assert plain("a\n\n# b\r\nc\u2028d") == "a # b c d"


def test_direction_overrides_and_zero_width_characters_are_dropped():
    assert plain("pay\u202egnp.exe\u200b\u2066!") == "paygnp.exe!"


def test_long_text_is_cut_with_an_ellipsis():
    assert len(tidy("x" * 500, PROMPT_CHARACTERS)) == PROMPT_CHARACTERS
    assert plain("x" * 500).endswith("x…")


@pytest.mark.parametrize("sign", ["👨‍👩‍👧‍👦", ENGLAND, "🇩🇪", "👍🏿", "e\u0301", "क्‍ष"])
def test_cut_never_splits_a_grapheme_cluster(sign):
    text = sign * 40
    for limit in range(2, len(text)):
        line = tidy(text, limit)
        assert len(line) <= limit
        assert line.endswith("…")
        assert line[:-1] == sign * ((len(line) - 1) // len(sign))


def test_long_texts_are_read_only_as_far_as_a_message_can_show():
    nasty = [
        "a\u0301" * 500_000,
        "👨\u200d" * 500_000,
        "🇩🇪" * 500_000,
        "@a:/.<" * 160_000,
        "\u202e" * 1_000_000,
        "`" * 10**6,
    ]
    for text in nasty:
        assert len(tidy(text, PROMPT_CHARACTERS)) <= PROMPT_CHARACTERS
        # The fastest of several tries: measured under 0.05 s on an idle machine.
        assert min(duration_s(text) for _ in range(3)) < 0.25


def duration_s(text):
    began_s = time.thread_time()
    tidy(text, PROMPT_CHARACTERS)
    plain(text)
    return time.thread_time() - began_s


def test_code_block_keeps_lines_and_cannot_be_closed_or_reversed_from_inside():
    block = fenced("a  b\n````\u202e\nc")
    assert block == "```\na  b\nˋˋˋˋ\nc\n```"


@pytest.mark.parametrize("code", [":smile:", ":+1:", ":flag_de:", ":a::b:"])
def test_emoji_codes_are_not_drawn_as_emoji(code):
    assert not re.search(r":[\w+~-]+:", plain(f"x {code} y"))


@pytest.mark.parametrize(
    "invitation", ["discord.gg/abc", "DISCORD.GG/abc", "discord.com/invite/abc", "discord.gg\\abc"]
)
def test_invitations_show_no_preview(invitation):
    assert not re.search(r"discord\.(gg|com)", plain(f"join {invitation}"), re.IGNORECASE)


@given(NASTY, st.sampled_from(["@everyone", "＠here", "<@&12>", "<t:1:R>", "</a b:1>", "<a:x:1>", "<id:home>"]), NASTY)
def test_mentions_are_broken_up_in_any_surrounding_text(before, mention, after):
    escaped = plain(before + mention + after, 2_000)
    assert not re.search(r"[@＠](everyone|here|[!&]?\d)|<[@#/:at]|<id:", escaped)


def test_text_at_the_limit_is_not_cut():
    assert tidy("x" * ALT_CHARACTERS, ALT_CHARACTERS) == "x" * ALT_CHARACTERS


def test_empty_text_stays_empty_when_quoted():
    assert quoted("\u200b \n") == ""
    assert quoted("hello") == "> hello"
