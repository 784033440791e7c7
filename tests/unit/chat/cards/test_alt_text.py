import pytest

from bot.catalogue.order import Task
from bot.chat.cards.alt_text import alt
from bot.chat.texts.escaping import ALT_CHARACTERS
from bot.chat.texts.texts import Texts
from tests.unit.chat.samples import artefact, attachment, delivered, order, plan

SAY = Texts.load().speech("en-US")


def text_of(number=1, **changes):
    return alt(delivered(**changes), artefact(number=number), SAY)


def test_alt_text_begins_with_ai_generated_and_includes_prompt_and_model():
    assert text_of() == "AI-generated: a lighthouse in fog (flux-schnell)"


def test_alt_text_numbers_each_of_several_pictures():
    assert text_of(2, plan=plan(4)) == "AI-generated: picture 2 of 4, a lighthouse in fog (flux-schnell)"


@pytest.mark.parametrize("character", ["x", "雨", "🎨"])
@pytest.mark.parametrize("outputs", [1, 4])
def test_long_prompt_is_shortened_but_the_model_is_still_mentioned(character, outputs):
    text = text_of(4, order=order(prompt=character * 3_000), plan=plan(outputs))
    assert len(text) == ALT_CHARACTERS
    assert text.endswith("… (flux-schnell)")


def test_invisible_characters_are_removed_from_alt_text():
    assert text_of(order=order(prompt="a\u202eb\nc\u200b")) == "AI-generated: ab c (flux-schnell)"


@pytest.mark.parametrize(
    ("task", "expected"),
    [
        (Task.REMOVEBG, "photo.png without its background"),
        (Task.UPSCALE, "photo.png, enlarged"),
        (Task.VECTORIZE, "photo.png as a vector graphic"),
        (Task.VIDEO, "made from photo.png"),
    ],
)
def test_alt_text_mentions_the_file_if_there_is_no_prompt(task, expected):
    given = order(task=task, prompt=None, files=(attachment(),))
    assert text_of(order=given) == f"AI-generated: {expected} (flux-schnell)"


def test_very_long_file_name_is_shortened():
    given = order(task=Task.UPSCALE, prompt=None, files=(attachment("x" * 5_000),))
    assert len(text_of(order=given)) < 200
