from dataclasses import replace
from typing import Any

import pytest

from bot.catalogue.catalogue import Catalogue
from bot.catalogue.order import Order, Task
from bot.chat.discord_limits import CHOICE_NAME_CHARACTERS
from bot.chat.texts.loader import Texts
from bot.chat.texts.value_names import NAMED, TypedNames, about, name_of
from tests.unit.chat.ftl import source

CATALOGUE = Catalogue.load()
TEXTS = Texts.load()
LOCALES = ("en-US", "zh-CN")
SPOKEN = Order(Task.LIPSYNC, "kwaivgi/kling-lip-sync", text="Ahoy!")


def values(option):
    return sorted({str(value) for model in CATALOGUE.models() for value in model.choices(option)})


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("option", NAMED)
def test_every_value_has_a_name_of_its_own_without_underscores(option, locale):
    say = TEXTS.speech(locale)
    for model in CATALOGUE.models():
        names = [name_of(option, str(value), say) for value in model.choices(option)]
        assert len(set(names)) == len(names), model.id
        assert not [name for name in names if "_" in name or "/" in name or len(name) > CHOICE_NAME_CHARACTERS]


@pytest.mark.parametrize("model", CATALOGUE.models(), ids=lambda model: model.id)
def test_every_model_has_a_short_line_in_every_language(model):
    english, chinese = (about(model, TEXTS.speech(locale)) for locale in LOCALES)
    assert 0 < len(english) <= 50
    assert 0 < len(chinese) <= 30
    assert english != chinese


def test_lines_that_name_seconds_or_sound_agree_with_the_catalogue():
    say = TEXTS.speech("en-US")
    for model in CATALOGUE.models():
        line = about(model, say)
        assert ("with sound" in line) == (model.sound is not None), model.id
        for seconds in (5, 6):
            if f"{seconds} s" in line:
                assert seconds in model.seconds_choices, model.id


def test_names_have_the_same_keys_in_every_language():
    assert source("names.en").keys() == source("names.zh-CN").keys()
    used = {f"{option}-" for option in NAMED} | {"about-"}
    assert {key.partition("-")[0] + "-" for key in source("names.en")} == used


@pytest.mark.parametrize("typed", ["en_uk_boy1", "english: bud", "英语\uff1a英国男孩", " English: Bud "])
def test_typed_name_of_a_voice_is_found_in_any_language(typed):
    order = TypedNames(TEXTS).resolved(replace(SPOKEN, voice=typed), (CATALOGUE.get(SPOKEN.model),))
    assert order.voice == "en_uk_boy1"


def test_typed_name_of_a_style_is_the_value_of_the_chosen_model():
    names, v3 = TypedNames(TEXTS), CATALOGUE.get("recraft-ai/recraft-v3")
    order = Order(Task.IMAGINE, v3.id, prompt="x", style="Illustration: pixel art")
    assert names.resolved(order, (v3,)).style == "digital_illustration/pixel_art"
    assert names.resolved(replace(order, style="no such style"), (v3,)).style == "no such style"


@pytest.mark.parametrize("option", NAMED)
def test_every_name_leads_back_to_its_value(option):
    names = TypedNames(TEXTS)
    for model in CATALOGUE.models():
        for value in map(str, model.choices(option)):
            for locale in LOCALES:
                typed: dict[str, Any] = {option: name_of(option, value, TEXTS.speech(locale))}
                order = Order(model.tasks[0], model.id, **typed)
                assert getattr(names.resolved(order, (model,)), option) == value


def test_case_of_a_resolution_does_not_matter():
    imagen = CATALOGUE.get("google/imagen-4")
    order = Order(Task.IMAGINE, imagen.id, prompt="x", resolution="2k")
    assert TypedNames(TEXTS).resolved(order, (imagen,)).resolution == "2K"
