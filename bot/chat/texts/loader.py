"""Reads the texts and says them in a person's language."""

import logging
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from fluent.runtime import FluentBundle, FluentResource
from fluent.syntax.ast import Resource

from bot.errors import Fact

ENGLISH = "en"

FACT_CHARACTERS = 2_500
"""The longest fact that fluent.runtime takes (MAX_PART_LENGTH of its resolver); a prompt may be longer."""

log = logging.getLogger(__name__)


class Speech:
    """Says texts in one language, and in English what that language lacks."""

    def __init__(self, bundles: tuple[FluentBundle, ...]) -> None:
        self._bundles = bundles

    def __call__(self, key: str, **facts: Fact) -> str:
        """Say the text `key`; `message.attribute` names an attribute. Raises LookupError where English lacks it."""
        for bundle in self._bundles:
            said = self._try(bundle, key, facts)
            if said is not None:
                return said
        raise LookupError(f"no text {key} for {sorted(facts)}")

    def has(self, key: str) -> bool:
        """Tell whether there is such a text."""
        message, _, attribute = key.partition(".")
        return any(
            bundle.has_message(message) and (not attribute or attribute in bundle.get_message(message).attributes)
            for bundle in self._bundles
        )

    @staticmethod
    def _try(bundle: FluentBundle, key: str, facts: Mapping[str, Fact]) -> str | None:
        name, _, attribute = key.partition(".")
        if not bundle.has_message(name):
            return None
        message = bundle.get_message(name)
        pattern = message.attributes.get(attribute) if attribute else message.value
        if pattern is None:
            return None
        said, errors = bundle.format_pattern(pattern, {name: _short(fact) for name, fact in facts.items()})
        if errors:
            log.error("the text %s is broken: %s", key, errors)
            return None
        return str(said)


class Texts:
    """The texts of every language that there is."""

    def __init__(self, sources: Mapping[str, str]) -> None:
        """Take the Fluent source of each language by its Discord locale (`en`, `zh-CN`); English must be among them."""
        self._bundles = {locale: _bundle(locale, source) for locale, source in sources.items()}
        self._english = self._bundles[ENGLISH]

    @classmethod
    def load(cls) -> "Texts":
        """Read the files that came with Easel: `<locale>.ftl`, and `commands.<locale>.ftl` for Discord's menus."""
        sources: dict[str, str] = {}
        for entry in sorted(files("bot.chat.texts").iterdir(), key=lambda one: one.name):
            name, dot, _ = entry.name.rpartition(".ftl")
            if dot:
                locale = name.removeprefix("commands.")
                sources[locale] = sources.get(locale, "") + entry.read_text(encoding="utf-8") + "\n"
        return cls(sources)

    def speech(self, locale: str) -> Speech:
        """Speak as this Discord locale, else its language, else English."""
        found = self._bundles.get(locale) or self._bundles.get(locale.partition("-")[0])
        return Speech((self._english,) if found in (None, self._english) else (found, self._english))

    def only(self, locale: str) -> Speech | None:
        """Speak this very locale and nothing in its place; None where there is no such language, and for English."""
        found = self._bundles.get(locale)
        return None if found in (None, self._english) else Speech((found,))


def _short(fact: Fact) -> Fact:
    if isinstance(fact, str) and len(fact) > FACT_CHARACTERS:
        return fact[: FACT_CHARACTERS - 1] + "…"
    return fact


def _bundle(locale: str, source: str) -> FluentBundle:
    # Isolation marks would show up inside code spans; texts of members have their direction marks taken out instead.
    bundle = FluentBundle([locale], use_isolating=False)
    bundle.add_resource(_parsed(source))
    return bundle


@cache
def _parsed(source: str) -> Resource:
    # A third of a start's work; a process that starts the bot again (the tests do) reads the same texts.
    return FluentResource(source)
