import pytest

from bot.catalogue.order import Task
from bot.chat.cards.alt_text import alt
from bot.chat.texts.escaping import ALT_CHARACTERS
from bot.chat.texts.loader import Texts
from tests.unit.chat.samples import artefact, attachment, delivered, order, plan

SAY = Texts.load().speech("en-US")


def said(number=1, **changes):
    return alt(delivered(**changes), artefact(number=number), SAY)


def test_it_begins_with_ai_generated_and_names_prompt_and_model():
    assert said() == "AI-generated: a lighthouse in fog (flux-schnell)"


def test_of_several_pictures_each_says_which_it_is():
    assert said(2, plan=plan(4)) == "AI-generated: picture 2 of 4, a lighthouse in fog (flux-schnell)"


@pytest.mark.parametrize("character", ["x", "雨", "🎨"])
@pytest.mark.parametrize("outputs", [1, 4])
def test_a_long_prompt_is_cut_but_the_model_is_still_named(character, outputs):
    text = said(4, order=order(prompt=character * 3_000), plan=plan(outputs))
    assert len(text) == ALT_CHARACTERS
    assert text.endswith("… (flux-schnell)")


def test_nothing_hidden_gets_into_it():
    assert said(order=order(prompt="a\u202eb\nc\u200b")) == "AI-generated: ab c (flux-schnell)"


@pytest.mark.parametrize(
    ("task", "expected"),
    [
        (Task.REMOVEBG, "photo.png without its background"),
        (Task.UPSCALE, "photo.png, enlarged"),
        (Task.VECTORIZE, "photo.png as a vector graphic"),
        (Task.VIDEO, "made from photo.png"),
    ],
)
def test_where_no_words_asked_for_it_the_file_is_named(task, expected):
    given = order(task=task, prompt=None, files=(attachment(),))
    assert said(order=given) == f"AI-generated: {expected} (flux-schnell)"


def test_a_file_of_a_very_long_name_fits_too():
    given = order(task=Task.UPSCALE, prompt=None, files=(attachment("x" * 5_000),))
    assert len(said(order=given)) < 200
