"""A refusal says why in words, and carries what another language needs to say the same."""

import pytest

from bot.catalogue.refusals import REASONS, RefusalReason, listed
from bot.errors import InvalidOrder, UnusableFile
from tests.unit.catalogue.orders import a_file, an_order


def test_a_refused_option_carries_its_reason_and_what_stands_in_its_words(catalogue):
    with pytest.raises(InvalidOrder) as refused:
        catalogue.plan(an_order("google/imagen-4", prompt="x", aspect="2:1"))
    assert refused.value.facts == {
        "model": "google/imagen-4",
        "option": "aspect",
        "reason": "takes",
        "takes": "1:1, 9:16, 16:9, 3:4, 4:3",
        "has": "",
        "problem": "takes 1:1, 9:16, 16:9, 3:4, 4:3",
    }


def test_a_refused_file_carries_its_reason_too(catalogue):
    big = a_file(size=6_000_000)
    with pytest.raises(UnusableFile) as refused:
        catalogue.plan(an_order("recraft-ai/recraft-vectorize", "vectorize", files=[big]))
    facts = refused.value.facts
    assert (facts["name"], facts["reason"], facts["takes"], facts["has"]) == (
        "cat.png",
        "file-bytes",
        "5000000",
        "6000000",
    )


@pytest.mark.parametrize(
    ("model", "task", "takes"),
    [
        ("lucataco/remove-bg", "removebg", "png, jpeg, webp, gif"),
        ("recraft-ai/recraft-vectorize", "vectorize", "png, jpg, jpeg, webp"),
    ],
)
@pytest.mark.parametrize("media", ["image/svg+xml", "image/bmp", "image/tiff", "image/heic", "image/avif"])
def test_a_kind_of_picture_that_no_model_reads_is_refused_with_those_that_it_does(catalogue, media, model, task, takes):
    with pytest.raises(UnusableFile) as refused:
        catalogue.plan(an_order(model, task, files=[a_file(content_type=media)]))
    assert str(refused.value.facts["problem"]) == f"is {media}, but the model takes {takes} here"


@pytest.mark.parametrize("media", ["image/png", "image/jpeg", "image/webp", "image/gif", None])
def test_other_pictures_and_those_of_unknown_kind_are_taken(catalogue, media):
    assert catalogue.plan(an_order("lucataco/remove-bg", "removebg", files=[a_file(content_type=media)]))


@pytest.mark.parametrize("reason", REASONS)
def test_every_reason_has_words_that_fill_in(reason):
    said = str(RefusalReason(reason, "THESE", "THAT"))
    assert "{" not in said
    assert ("THESE" in said, "THAT" in said) == ("{takes" in REASONS[reason], "{has" in REASONS[reason])


def test_a_long_list_says_how_many_more_there_are():
    assert listed(tuple(range(30)), most=3) == "0, 1, 2 … (+27)"
    assert listed((5, 10)) == "5, 10"
