"""Checks that command translations are complete and follow Discord's rules."""

import re

import pytest

from bot.chat.texts.command_translation import CommandTranslator
from bot.chat.texts.texts import Texts
from cogs.options import LANGUAGES
from sandbox.discord.rules.commands import check_bulk
from tests.present import present
from tests.sandbox.discord.rules.request_bodies import problems
from tests.unit.chat.ftl import LANGUAGES as TRANSLATED
from tests.unit.chat.ftl import source
from tests.unit.chat.tree import whole_tree

TEXTS = Texts.load()


async def translated() -> list[dict]:
    tree, translator = await whole_tree(), CommandTranslator(TEXTS)
    return [translator.translated(one.to_dict(tree)) for one in tree._get_all_commands()]


def parts(definition: dict, path: str = "") -> list[tuple[str, dict]]:
    """Return a command and all its groups, options and choices, each with its path."""
    here = f"{path} {definition['name']}".strip()
    inner = [*(definition.get("options") or ()), *(definition.get("choices") or ())]
    return [(here, definition), *(part for one in inner for part in parts(one, here))]


def has_name(definition: dict, locale: str) -> bool:
    return locale in (definition.get("name_localizations") or {})


def by_command(definitions: list[dict], found: list[tuple[str, str]]) -> list[tuple[str, ...]]:
    """Replace the index at the beginning of each path by the name of that command."""
    split = [(*path.partition("."), code) for path, code in found]
    return [(definitions[int(index)]["name"] if index else "", *rest) for index, _, *rest in split]


@pytest.fixture
async def everything() -> list[tuple[str, dict]]:
    return [part for definition in await translated() for part in parts(definition)]


@pytest.mark.parametrize("locale", TRANSLATED)
async def test_every_command_option_choice_and_menu_has_a_name_in_every_language(everything, locale):
    assert len(everything) > 100
    forgotten = {path for path, one in everything if not has_name(one, locale)}
    assert forgotten == set(), f"add `command-…`, `option-…` or a choice to commands.{locale}.ftl: {forgotten}"


@pytest.mark.parametrize("locale", TRANSLATED)
async def test_every_description_is_translated(everything, locale):
    described = {path: one for path, one in everything if one.get("description")}
    forgotten = {path for path, one in described.items() if locale not in (one.get("description_localizations") or {})}
    assert forgotten == set(), f"add `.description` or the option's attribute to commands.{locale}.ftl: {forgotten}"


async def test_translated_definitions_are_valid_for_discord():
    definitions = await translated()
    everywhere = [one for one in definitions if one["name"] != "easel-ops"]
    at_home = [one for one in definitions if one["name"] == "easel-ops"]
    assert by_command(everywhere, problems(lambda: check_bulk(everywhere, guild=False))) == []
    assert by_command(at_home, problems(lambda: check_bulk(at_home, guild=True))) == []


@pytest.mark.parametrize("locale", TRANSLATED)
async def test_translated_names_are_unique_within_each_list(everything, locale):
    named = [(path, one) for path, one in everything if has_name(one, locale)]
    beside = [(path.rpartition(" ")[0], one.get("type"), one["name_localizations"][locale]) for path, one in named]
    menus_apart = [(kind, name) if above == "" else (above, name) for above, kind, name in beside]
    assert [one for one in menus_apart if menus_apart.count(one) > 1] == []


@pytest.mark.parametrize("locale", TRANSLATED)
async def test_shared_translations_have_one_english_text(everything, locale):
    say = present(TEXTS.only(locale))
    english: dict[str, set[str]] = {}
    for path, one in everything:
        command, _, option = path.rpartition(" ")
        own = f"command-{command.replace(' ', '-')}.{option}"
        if one.get("description") and say.has(f"any-command.{option}") and not say.has(own):
            english.setdefault(option, set()).add(one["description"])
    assert {option: texts for option, texts in english.items() if len(texts) > 1} == {}


@pytest.mark.parametrize("locale", TRANSLATED)
async def test_every_translation_is_used(locale):
    asked = set()

    class RecordingTranslator(CommandTranslator):
        def texts(self, *keys):
            asked.update(keys)
            return super().texts(*keys)

    tree, translator = await whole_tree(), RecordingTranslator(TEXTS)
    for command in tree._get_all_commands():
        translator.translated(command.to_dict(tree))
    written = set(source(f"commands.{locale}"))
    recipes_say_too = {"option-version", "option-seeds", "option-first_frame"}
    left = {key for key in written - asked - recipes_say_too if key not in {"choices", "any-command"}}
    assert left == set(), f"remove these texts from commands.{locale}.ftl, or correct their keys: {left}"


async def test_only_available_languages_are_sent(everything):
    fields = ("name_localizations", "description_localizations")
    assert {locale for _, one in everything for field in fields for locale in one.get(field, {})} == set(TRANSLATED)


async def test_text_without_translation_is_left_in_english():
    tree = await whole_tree()
    (command,) = [one for one in tree._get_all_commands() if one.name == "imagine"]
    english = command.to_dict(tree)
    assert CommandTranslator(Texts({"en": "", "zh-CN": ""})).translated(english) == english


def test_every_available_language_can_be_chosen():
    offered = {choice.value for choice in LANGUAGES}
    assert offered == {"en", "discord", *TRANSLATED}
    assert all(re.fullmatch(r"[a-z]{2}(-([A-Z]{2}|419))?", locale) for locale in TRANSLATED)


def test_same_translator_is_returned_for_the_same_texts_and_its_results_cannot_be_changed():
    translator = CommandTranslator.of(TEXTS)
    assert CommandTranslator.of(TEXTS) is translator
    translator.texts("option-prompt").clear()
    assert set(translator.texts("option-prompt")) == set(TRANSLATED)
