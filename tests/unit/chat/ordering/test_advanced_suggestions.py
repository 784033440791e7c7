"""Tests of the suggestions for the advanced option."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.catalogue.advanced import parse
from bot.catalogue.catalogue import Catalogue
from bot.catalogue.order import Order, Task
from bot.chat.ordering.advanced_suggestions import suggestions
from bot.chat.texts.texts import Texts
from cogs.options import ADVANCED_CHARACTERS
from tests.present import present

CATALOGUE = Catalogue.load()
TEXTS = Texts.load()
SAY = TEXTS.speech("en-US")
DEV, SCHNELL = (CATALOGUE.get(f"black-forest-labs/flux-{name}") for name in ("dev", "schnell"))
FILL_PRO = CATALOGUE.get("black-forest-labs/flux-fill-pro")


def offered(typed, *models, say=SAY):
    return {choice.value: choice.name for choice in suggestions(models or (DEV,), typed, say)}


def test_names_are_offered_with_their_range_and_default():
    assert offered("") == {
        "num_inference_steps=": "num_inference_steps= (1 to 50, default 28)",
        "guidance=": "guidance= (0 to 10, default 3.5)",
        "output_quality=": "output_quality= (0 to 100, default 80)",
        "go_fast=": "go_fast= (true / false, default true)",
    }
    assert list(offered("fast")) == ["go_fast="]
    assert list(offered("outp", FILL_PRO, DEV)) == ["outpaint=", "output_quality="]
    assert offered("guid", say=TEXTS.speech("zh-CN"))["guidance="].startswith("guidance= (0")


def test_values_are_offered_once_a_name_is_complete():
    assert list(offered("guidance=")) == ["guidance=3.5", "guidance=0", "guidance=10"]
    assert list(offered("go_fast=f")) == ["go_fast=false"]
    assert list(offered("guidance=4")) == ["guidance=4"]
    assert list(offered("guidance=44")) == ["guidance=3.5", "guidance=0", "guidance=10"]
    assert list(offered("outpaint=zoom", FILL_PRO)) == ['outpaint="Zoom out 1.5x"', 'outpaint="Zoom out 2x"']
    assert list(offered("outpaint=Zoom out 2", FILL_PRO)) == ['outpaint="Zoom out 2x"']
    assert list(offered('outpaint="make s', FILL_PRO)) == ['outpaint="Make square"']


def test_suggestions_keep_the_text_typed_before():
    assert list(offered("guidance=4 ")) == [
        "guidance=4", "guidance=4 num_inference_steps=", "guidance=4 output_quality=", "guidance=4 go_fast=",
    ]  # fmt: skip
    assert list(offered("guidance=4 go_")) == ["guidance=4 go_fast="]
    assert list(offered("guidance=4 go_fast=")) == ["guidance=4 go_fast=true", "guidance=4 go_fast=false"]
    assert list(offered('outpaint="Make square" st', FILL_PRO)) == ['outpaint="Make square" steps=']


def test_typing_can_continue_after_a_suggestion_with_a_hint():
    shown = offered("guid")["guidance="]
    assert list(offered(f"{shown}4")) == ["guidance=4"]
    assert parse(f"{shown}4 go_fast=true", "/imagine") == (("guidance", "4"), ("go_fast", "true"))


def test_inputs_of_other_models_follow_those_of_the_first():
    names = list(offered("", SCHNELL, DEV))
    assert names == ["num_inference_steps=", "output_quality=", "go_fast=", "guidance="]
    assert list(offered("guidance=4 num", SCHNELL, DEV)) == ["guidance=4 num_inference_steps="]
    assert offered("num", SCHNELL, DEV)["num_inference_steps="].endswith("(1 to 4, default 4)")
    assert offered("guidance=4 num", SCHNELL, DEV)["guidance=4 num_inference_steps="].endswith("(1 to 50, default 28)")


@pytest.mark.parametrize("typed", ["disable_safety", "disable_safety_checker=", "seed=", "nothing=1", "====", "(", '"'])
def test_nothing_is_offered_for_closed_and_unknown_inputs(typed):
    assert offered(typed) == {}


@settings(deadline=None)
@given(
    st.lists(st.sampled_from(CATALOGUE.models()), min_size=0, max_size=3),
    st.text(max_size=40) | st.text("guidance=4 \"(),'", max_size=ADVANCED_CHARACTERS),
)
def test_any_text_gets_choices_that_discord_accepts(models, typed):
    for choice in suggestions(models, typed, SAY):
        assert 1 <= len(choice.name) <= 100
        assert 1 <= len(choice.value) <= 100


@pytest.mark.parametrize("model", CATALOGUE.models(), ids=lambda model: model.id)
def test_every_offered_name_leads_to_values_that_can_be_ordered(model):
    for name in offered("", model):
        values = list(offered(name, model))
        assert values, name
        for value in values:
            pairs = present(parse(value, "/imagine"))
            assert len(pairs) == 1
            assert Order(Task.IMAGINE, model.id, advanced=pairs).advanced == pairs
