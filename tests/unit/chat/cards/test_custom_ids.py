import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.chat.cards.card import Verb
from bot.chat.cards.custom_ids import CustomId

LONGEST = CustomId(max(Verb, key=len), "p-" + "Z" * 23, 2**64 - 1, 10**15 - 1)

ids = st.builds(
    CustomId,
    st.sampled_from(Verb),
    st.from_regex(r"[0-9A-Za-z_-]{1,25}", fullmatch=True),
    st.integers(0, 2**64 - 1),
    st.integers(0, 10**15 - 1),
)


@given(ids)
def test_what_was_written_is_read_again(one):
    assert CustomId.read(str(one)) == one


@given(ids)
def test_every_id_is_short_enough_for_discord(one):
    assert len(str(one)) <= 100


def test_the_longest_id_is_short_enough_for_discord():
    assert len(str(LONGEST)) == 82
    assert CustomId.read(str(LONGEST)) == LONGEST


def test_numbers_that_are_not_needed_are_left_out():
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
def test_ids_of_other_forms_are_not_read(text):
    assert CustomId.read(text) is None


@given(ids)
def test_option_of_a_select_is_read_as_the_id_it_was_written_from(one):
    assert CustomId.of_option(one.source, one.option()) == one


@pytest.mark.parametrize("value", ["", "edit", "edit:", "dance:1:5", "edit:1:5:9", "edit:x"])
def test_options_of_other_forms_are_not_read(value):
    assert CustomId.of_option("J", value) is None
