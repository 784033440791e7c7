"""Tests that refusals give their reason as text, with the facts to translate it."""

import pytest

from bot.catalogue.order import Task
from bot.catalogue.refusals import REASONS, RefusalReason, listed
from bot.errors import InvalidOrder, UnusableFile
from tests.unit.catalogue.orders import a_file, an_order


def test_refused_option_has_its_reason_and_facts(catalogue):
    with pytest.raises(InvalidOrder) as refused:
        catalogue.plan(an_order("google/imagen-4", prompt="x", aspect="2:1"))
    assert refused.value.facts == {
        "model": "google/imagen-4",
        "option": "aspect",
        "reason": "takes",
        "takes": "1:1, 9:16, 16:9, 3:4, 4:3",
        "has": "",
        "problem": "must be one of: 1:1, 9:16, 16:9, 3:4, 4:3",
    }


def test_refused_file_has_its_reason_and_facts(catalogue):
    big = a_file(size=6_000_000)
    with pytest.raises(UnusableFile) as refused:
        catalogue.plan(an_order("recraft-ai/recraft-vectorize", Task.VECTORIZE, files=[big]))
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
        ("lucataco/remove-bg", Task.REMOVEBG, "png, jpeg, webp, gif"),
        ("recraft-ai/recraft-vectorize", Task.VECTORIZE, "png, jpg, jpeg, webp"),
    ],
)
@pytest.mark.parametrize("media", ["image/svg+xml", "image/bmp", "image/tiff", "image/heic", "image/avif"])
def test_unsupported_picture_format_is_refused_with_the_supported_ones(catalogue, media, model, task, takes):
    with pytest.raises(UnusableFile) as refused:
        catalogue.plan(an_order(model, task, files=[a_file(content_type=media)]))
    assert str(refused.value.facts["problem"]) == f"is {media}, but the model accepts {takes} here"


@pytest.mark.parametrize("media", ["image/png", "image/jpeg", "image/webp", "image/gif", None])
def test_supported_and_unknown_picture_formats_are_accepted(catalogue, media):
    assert catalogue.plan(an_order("lucataco/remove-bg", Task.REMOVEBG, files=[a_file(content_type=media)]))


@pytest.mark.parametrize("reason", REASONS)
def test_every_reason_can_be_rendered(reason):
    text = str(RefusalReason(reason, "THESE", "THAT"))
    assert "{" not in text
    assert ("THESE" in text, "THAT" in text) == ("{takes" in REASONS[reason], "{has" in REASONS[reason])


def test_long_list_ends_with_the_number_left_out():
    assert listed(tuple(range(30)), most=3) == "0, 1, 2 … (+27)"
    assert listed((5, 10)) == "5, 10"


@pytest.mark.parametrize("prompt", ["\u200b", "\u3164\u2800", "\u200d\ufe0f", "\u0301"])
def test_prompt_without_a_visible_character_is_refused(catalogue, prompt):
    with pytest.raises(InvalidOrder) as refused:
        catalogue.plan(an_order("google/imagen-4", prompt=prompt))
    assert (refused.value.facts["option"], refused.value.facts["reason"]) == ("prompt", "blank")


def test_prompt_with_only_an_emoji_is_accepted(catalogue):
    assert catalogue.plan(an_order("google/imagen-4", prompt="👨‍👩‍👧"))
