# ruff: noqa: RUF001 - the letters of other scripts are the point here
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.visible_text import MARKS_PER_LETTER, cut, is_blank, unhidden, visible

WRITTEN = {
    "emoji newer than Python 3.11": "🩷 🫨 \U0001fadf \U0001faef",
    "emoji not assigned yet": "\U0001f6fe \U0001fa7f",
    "family": "👨‍👩‍👧‍👦 🧑‍🧑‍🧒‍🧒",
    "kiss with skin tones": "👩🏻‍❤️‍💋‍👩🏽",
    "rainbow flag": "🏳️‍🌈 🏴‍☠️",
    "England": "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
    "keycap": "1️⃣ #️⃣",
    "text or emoji style": "❤️ ❤︎",
    "national flags": "🇩🇪🇫🇷",
    "Persian": "می‌خواهم",
    "Arabic abbreviation": "ه‍",
    "Arabic number sign": "\u0600١٢",
    "Devanagari half form": "क्‍ष",
    "Devanagari explicit virama": "क्‌ष",
    "Bengali": "র‍্যাব",
    "Malayalam chillu": "ന്‍",
    "Sinhala": "ශ්‍රී",
    "Mongolian": "\u182d\u180b \u1828\u180e\u1820",
    "ideographic variant": "葛\U000e0100",
    "pointed Hebrew": "שָׁ֖לוֹם",
    "Vietnamese, decomposed": "Vie\u0323\u0302t",
}
TRICKS = {
    "direction override": ("pay\u202egnp.exe", "paygnp.exe"),
    "direction isolate": ("a\u2066b\u2069", "ab"),
    "direction mark": ("a\u200eb\u200f\u061c", "ab"),
    "zero-width space": ("every\u200bone", "everyone"),
    "word joiner": ("a\u2060\ufeffb", "ab"),
    "soft hyphen": ("dis\u00adcord", "discord"),
    "joiner between Latin letters": ("a\u200db\u200cc", "abc"),
    "run of joiners": ("क्\u200d\u200d\u200dष", "क्\u200dष"),
    "run of joiners between emoji": ("👨\u200d\u200d👩", "👨👩"),
    "hidden tag text": ("hi\U000e0068\U000e0069", "hi"),
    "tag text after a flag": ("🏴\U000e0068\U000e0069\U000e0068\U000e0069\U000e0068\U000e0069\U000e0068", "🏴"),
    "bytes in variation selectors": ("😀\ufe0f\ufe0e\ufe00\U000e0101", "😀\ufe0f"),
    "variation selector on a letter": ("a\ufe0f\U000e0100", "a"),
    "Hangul fillers": ("a\u3164\uffa0\u115f\u1160b", "ab"),
    "Braille blank": ("a\u2800b", "ab"),
    "Khmer invisible vowels": ("a\u17b4\u17b5", "a"),
    "invisible operators": ("2\u2062x\u2064", "2x"),
    "private use": ("a\ue000\U000f0000", "a"),
    "surrogate": ("a\ud800", "a"),
    "unassigned": ("a\u0378\U0001fffe", "a"),
    "all kinds of blanks": ("a\u2003\u3000\xa0\u2028\tb", "a b"),
}


@pytest.mark.parametrize("text", WRITTEN.values(), ids=WRITTEN.keys())
def test_text_is_shown_as_typed(text):
    assert visible(text) == text
    assert not is_blank(text)


@pytest.mark.parametrize(("text", "shown"), TRICKS.values(), ids=TRICKS.keys())
def test_hiding_and_reversing_characters_are_removed(text, shown):
    assert visible(text) == shown


@given(
    st.text(
        st.sampled_from("aeéक्بé👩🏽❤🏴🇩1#0葛᠊ᠠ") | st.characters(categories=["Cf", "Mn", "Me", "Cn", "Zs"]), max_size=60
    )
)
def test_cleaning_twice_changes_nothing(text):
    assert visible(visible(text)) == visible(text)


@given(st.text("\u0301\u0489\u0e47\u0336\ufe0f\u200d", min_size=1, max_size=200))
def test_letter_keeps_few_marks(marks):
    shown = unhidden("a" + marks + "b")
    assert len(shown) <= 2 + MARKS_PER_LETTER


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \n",
        "\u200b",
        "\u3164",
        "\u2800",
        "\u200d\u200d",
        "\u0301",
        "\ufe0f",
        "\u180e",
        "\U000e0041",
        "\x00",
        "\u00ad\u2060\ufeff",
    ],
)
def test_text_without_visible_characters_is_blank(text):
    assert is_blank(text)


@given(st.text(max_size=80), st.integers(0, 40))
def test_cut_text_is_a_beginning_within_the_limit(text, limit):
    line = cut(text, limit)
    assert text.startswith(line)
    assert len(line) <= limit


def test_endless_cluster_is_cut_at_the_limit():
    assert len(cut("👩\u200d" * 500, 300)) == 300
