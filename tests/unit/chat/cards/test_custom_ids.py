import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.chat.cards.card import Verb
from bot.chat.cards.custom_ids import CustomId, stored_id

LONGEST = CustomId(max(Verb, key=len), "p-" + "Z" * 23, 2**64 - 1, 10**15 - 1)

ids = st.builds(
    CustomId,
    st.sampled_from(Verb),
    st.from_regex(r"[0-9A-Za-z_-]{1,25}", fullmatch=True),
    st.integers(0, 2**64 - 1),
    st.integers(0, 10**15 - 1),
)


@given(ids)
def test_written_custom_id_can_be_read_again(one):
    assert CustomId.read(str(one)) == one


@given(ids)
def test_every_custom_id_fits_within_discords_limit(one):
    assert len(str(one)) <= 100


def test_longest_custom_id_fits_within_discords_limit():
    assert len(str(LONGEST)) == 82
    assert CustomId.read(str(LONGEST)) == LONGEST


def test_unneeded_numbers_are_left_out_of_custom_ids():
    assert str(CustomId(Verb.CANCEL, "J")) == "easel:1:cancel:J"
    assert str(CustomId(Verb.UPSCALE, "J", 2)) == "easel:1:upscale:J:2"
    assert str(CustomId(Verb.REROLL, "J", 0, 75_000)) == "easel:1:reroll:J:0:75000"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "easel:1",
        "easel:2:cancel:J",
        "easel:1:dance:J",
        "easel:1:cancel:",
        "easel:1:edit:J:x",
        "easel:1:edit:J:1:2:3",
    ],
)
def test_ids_in_other_formats_are_rejected(text):
    assert CustomId.read(text) is None


@given(ids)
def test_written_select_option_can_be_read_again(one):
    assert CustomId.of_option(one.source, one.option()) == one


@pytest.mark.parametrize("value", ["", "edit", "edit:", "dance:1:5", "edit:1:5:9", "edit:x"])
def test_options_in_other_formats_are_rejected(value):
    assert CustomId.of_option("J", value) is None


@pytest.mark.parametrize(
    ("text", "number"),
    [("7", 7), (str(2**63 - 1), 2**63 - 1), (str(2**63), None), ("9" * 5_000, None), ("7x", None), ("", None)],
)
def test_number_too_large_for_the_database_is_not_an_id(text, number):
    """SQLite raises OverflowError for such a number, and the member would see an internal error."""
    assert stored_id(text) == number
    assert CustomId(Verb.GIVE, text).source_number == number
