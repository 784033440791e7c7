import re
import unicodedata
from dataclasses import replace
from typing import Any

import pytest

from bot.catalogue.catalogue import Catalogue
from bot.catalogue.colours import COMMON, colour
from bot.catalogue.order import FileRole, Order, Task
from bot.chat.discord_limits import CHOICE_NAME_CHARACTERS
from bot.chat.texts.texts import Texts
from bot.chat.texts.value_names import COLOUR, NAMED, TypedNames, about, name_of
from tests.unit.chat.ftl import EVERY_LANGUAGE, LANGUAGES, source

CATALOGUE = Catalogue.load()
TEXTS = Texts.load()
SPOKEN = Order(Task.LIPSYNC, "kwaivgi/kling-lip-sync", text="Ahoy!")


def values(option):
    return sorted({str(value) for model in CATALOGUE.models() for value in model.choices(option)})


@pytest.mark.parametrize("locale", EVERY_LANGUAGE)
@pytest.mark.parametrize("option", NAMED)
def test_every_value_has_its_own_name_without_underscores(option, locale):
    say = TEXTS.speech(locale)
    for model in CATALOGUE.models():
        names = [name_of(option, str(value), say) for value in model.choices(option)]
        assert len(set(names)) == len(names), model.id
        assert not [name for name in names if "_" in name or "/" in name or len(name) > CHOICE_NAME_CHARACTERS]


@pytest.mark.parametrize("locale", EVERY_LANGUAGE)
def test_every_model_has_a_short_line_in_every_language(locale):
    lines = {model.id: about(model, TEXTS.speech(locale)) for model in CATALOGUE.models()}
    wrong = {name: line for name, line in lines.items() if not 0 < columns(line) <= 60 or len(line) > 50}
    assert wrong == {}, f"write `about-…` in names.{locale}.ftl, at most 50 characters and 60 columns"


@pytest.mark.parametrize("locale", LANGUAGES)
def test_lines_about_models_are_translated(locale):
    english, theirs = TEXTS.speech("en"), TEXTS.speech(locale)
    missing = [model.id for model in CATALOGUE.models() if about(model, english) == about(model, theirs)]
    assert missing == [], f"translate their `about-…` in bot/chat/texts/names.{locale}.ftl: {missing}"


def columns(line):
    """Return the width of a line; a Chinese, Japanese or Korean character is twice as wide as a Latin one."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in line)


def per_run(model):
    spec = model.filled_by("count")
    return spec is not None and spec.maximum == 4


def requires(model, *roles):
    return any(spec.required and set(roles) & set(spec.roles) for spec in model.inputs)


CLAIMS = {
    "up to 4 pictures per run": per_run,
    "up to 4 per run": per_run,
    "negative prompt": lambda model: model.filled_by("negative"),
    "masked area": lambda model: model.takes(FileRole.MASK),
    "can start from": lambda model: model.takes(FileRole.IMAGE) and not requires(model, FileRole.IMAGE),
    "starts from a picture": lambda model: requires(model, FileRole.FIRST_FRAME),
    "reference picture": lambda model: model.takes(FileRole.REFERENCE),
    "first and last frame": lambda model: model.takes(FileRole.FIRST_FRAME) and model.takes(FileRole.LAST_FRAME),
    "needs a first or last frame": lambda model: any("start_image" in names for names in model.at_least_one),
    "two prompts": lambda model: model.filled_by("prompt_end"),
    "from one prompt to another": lambda model: model.filled_by("prompt_end"),
    "combines two": lambda model: model.room(FileRole.IMAGE) == 2,
    "combines up to 10": lambda model: model.room(FileRole.IMAGE) == 10,
    "styles of photos and illustrations": lambda model: styled(model, "realistic_image", "digital_illustration"),
    "icons": lambda model: styled(model, "icon"),
    "line art, engraving, linocut": lambda model: styled(model, "line_art", "engraving", "linocut"),
    "choice of styles": lambda model: len(model.choices("style")) > 2,
    "in a creative style": lambda model: styled(model, "creative"),
    "in a crisp style": lambda model: styled(model, "crisp"),
    "vector graphic": lambda model: model.media == "image/svg+xml",
    "cut-outs": lambda model: Task.REMOVEBG in model.tasks,
    "16 megapixels": lambda model: model.input("image").accept.max_pixels == 16_000_000,
    "by name": lambda model: model.filled_by("what"),
    "extends": lambda model: model.input("outpaint"),
    "with sound": lambda model: model.sound,
    "5 aspect ratios": lambda model: len(model.aspects) == 5,
    "up to 2K": lambda model: model.resolutions[-1] == "2K",
    "up to 1080p": lambda model: model.resolutions[-1] == "1080p",
    "480p": lambda model: model.resolutions == ("480p",),
    "720p": lambda model: model.resolutions == ("720p",),
    "768p": lambda model: model.resolutions == ("768p",),
    "GIF or MP4": lambda model: set(model.choices("format")) == {"gif", "mp4"},
}
"""Statements in the lines about models, and the facts of the catalogue that support them."""

JUDGEMENTS = re.compile(
    r"\b(best|better|good|fast\w*|quick\w*|slow\w*|cheap\w*|dear\w*|expensive|photoreal\w*|faithful|clean|sharp\w*)\b"
    "|最好|更好|最快|快|慢|便宜|贵|真实|干净"
)
"""Words that no fact of the catalogue supports. A price is shown next to the line."""


def styled(model, *styles):
    return set(styles) <= {str(style) for style in model.choices("style")}


@pytest.mark.parametrize("model", CATALOGUE.models(), ids=lambda model: model.id)
def test_line_says_only_what_the_catalogue_supports(model):
    lines = {locale: about(model, TEXTS.speech(locale)) for locale in EVERY_LANGUAGE}
    judging = {locale: found[0] for locale, line in lines.items() if (found := JUDGEMENTS.search(line))}
    assert judging == {}, "state facts only, no judgements and no prices"
    english = lines["en"]
    for claim, supported in CLAIMS.items():
        if claim in english:
            assert supported(model), claim
    lengths = {int(one) for one in re.findall(r"\b(\d+)(?= s\b| or \d+ s\b| to \d+ s\b)", english)}
    assert lengths <= set(model.seconds_choices)


def test_every_claim_is_used_and_sound_is_always_mentioned():
    lines = {model.id: about(model, TEXTS.speech("en-US")) for model in CATALOGUE.models()}
    assert [claim for claim in CLAIMS if not any(claim in line for line in lines.values())] == []
    assert [model.id for model in CATALOGUE.models() if model.sound and "with sound" not in lines[model.id]] == []


@pytest.mark.parametrize("locale", EVERY_LANGUAGE)
def test_common_colours_have_names_that_are_read_again(locale):
    for css in COMMON:
        name = name_of(COLOUR, str(colour(css)), TEXTS.speech(locale))
        assert colour(name) == colour(css)
        assert locale != "zh-CN" or not name.isascii()


def test_colour_without_a_name_keeps_its_code():
    assert name_of(COLOUR, "#123456", TEXTS.speech("en-US")) == "#123456"
    assert name_of(COLOUR, "#663399", TEXTS.speech("zh-CN")) == "rebeccapurple"


@pytest.mark.parametrize("locale", LANGUAGES)
def test_names_have_the_same_keys_in_every_language(locale):
    english, theirs = source("names.en").keys(), source(f"names.{locale}").keys()
    assert (sorted(english - theirs), sorted(theirs - english)) == ([], [])


def test_names_belong_to_an_option_or_a_model():
    used = {f"{option}-" for option in (*NAMED, COLOUR)} | {"about-"}
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
            for locale in EVERY_LANGUAGE:
                typed: dict[str, Any] = {option: name_of(option, value, TEXTS.speech(locale))}
                order = Order(model.tasks[0], model.id, **typed)
                assert getattr(names.resolved(order, (model,)), option) == value


def test_case_of_a_resolution_does_not_matter():
    imagen = CATALOGUE.get("google/imagen-4")
    order = Order(Task.IMAGINE, imagen.id, prompt="x", resolution="2k")
    assert TypedNames(TEXTS).resolved(order, (imagen,)).resolution == "2K"
