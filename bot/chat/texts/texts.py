"""Loads the Fluent files, and formats their texts in a given language. Unknown languages fall back to English."""

import logging
from collections.abc import Callable, Mapping
from functools import cache, lru_cache, partial
from importlib.resources import files
from typing import Any

from babel import Locale
from fluent.runtime import FluentBundle

from bot.catalogue.refusals import REASONS
from bot.chat.texts.lazy_bundle import LazyBundle
from bot.errors import Fact

ENGLISH = "en"

FACT_CHARACTERS = 2_500
"""The longest value that fluent.runtime accepts (MAX_PART_LENGTH in its resolver); a prompt may be longer."""

KEPT, KEPT_CHARACTERS = 4_000, 40
"""How many texts of a language to remember, and the maximum length of their facts."""

log = logging.getLogger(__name__)


class Speech:
    """The texts of one language, with English as the fallback for missing ones."""

    def __init__(self, bundles: tuple[FluentBundle, ...]) -> None:
        self._bundles = bundles
        # Many texts have no facts, or the same price or model as earlier ones. A bundle never changes.
        self._kept = lru_cache(maxsize=KEPT, typed=True)(self._of_values)

    def __call__(self, key: str, **facts: Fact) -> str:
        """Format the text `key` or `message.attribute`. Raises LookupError if English does not have it either."""
        text = self.find(key, **facts)
        if text is None:
            raise LookupError(f"no text {key} for {sorted(facts)}")
        return text

    def find(self, key: str, **facts: Fact) -> str | None:
        """Format the text `key` or `message.attribute`; return None if no language has it."""
        for fact in facts.values():
            if isinstance(fact, str) and len(fact) > KEPT_CHARACTERS:
                return self._formatted(key, facts)
        return self._kept(key, tuple(facts), *facts.values())

    def _of_values(self, key: str, names: tuple[str, ...], *values: Fact) -> str | None:
        return self._formatted(key, dict(zip(names, values, strict=True)))

    def _formatted(self, key: str, facts: Mapping[str, Fact]) -> str | None:
        for bundle in self._bundles:
            text = self._try(bundle, key, facts)
            if text is not None:
                return text
        return None

    def has(self, key: str) -> bool:
        """Return whether a text with this key exists."""
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
        text, errors = bundle.format_pattern(pattern, {name: _short(fact) for name, fact in facts.items()})
        if errors:
            log.error("the text %s is broken: %s", key, errors)
            return None
        return str(text)


class Texts:
    """The texts of all languages."""

    def __init__(self, sources: Mapping[str, str]) -> None:
        """Parse the Fluent source of each Discord locale (`en`, `zh-CN`); English is required."""
        self._bundles = {locale: _bundle(locale, source) for locale, source in sources.items()}
        self._english = self._bundles[ENGLISH]
        self._speeches = {
            locale: Speech((bundle,) if bundle is self._english else (bundle, self._english))
            for locale, bundle in self._bundles.items()
        }
        self._alone = {
            locale: Speech((bundle,)) for locale, bundle in self._bundles.items() if bundle is not self._english
        }

    @classmethod
    @cache
    def load(cls) -> "Texts":
        """Load the files that ship with Easel; later calls return the same object with its remembered texts.

        These are `<locale>.ftl`, `commands.<locale>.ftl` for the commands, and `names.<locale>.ftl` for values.
        """
        sources: dict[str, str] = {}
        for entry in sorted(files("bot.chat.texts").iterdir(), key=lambda one: one.name):
            name, dot, _ = entry.name.rpartition(".ftl")
            if dot:
                locale = name.removeprefix("commands.").removeprefix("names.")
                sources[locale] = sources.get(locale, "") + entry.read_text(encoding="utf-8") + "\n"
        sources[ENGLISH] += english_reasons()
        return cls(sources)

    def speech(self, locale: str) -> Speech:
        """Return the texts for this Discord locale, or for its base language, or otherwise in English."""
        speeches = self._speeches
        return speeches.get(locale) or speeches.get(locale.partition("-")[0]) or speeches[ENGLISH]

    def has(self, locale: str) -> bool:
        """Return whether there are texts for this Discord locale, or for its base language."""
        return locale in self._bundles or locale.partition("-")[0] in self._bundles

    def every(self) -> tuple[Speech, ...]:
        """Return the texts of every language."""
        return tuple(map(self.speech, self._bundles))

    def only(self, locale: str) -> Speech | None:
        """Return the texts of exactly this locale without a fallback; None for English and for an unknown locale."""
        return self._alone.get(locale)


def english_reasons() -> str:
    """Return the catalogue's reasons as Fluent messages, so that their English texts exist only there."""
    return "".join(
        f"reason-{reason} = {text.replace('{', '{ $').replace('}', ' }')}\n" for reason, text in REASONS.items()
    )


def _short(fact: Fact) -> Fact:
    if isinstance(fact, str) and len(fact) > FACT_CHARACTERS:
        return fact[: FACT_CHARACTERS - 1] + "…"
    return fact


@cache
def _bundle(locale: str, source: str) -> FluentBundle:
    # Each text is parsed and compiled when it is first used. The tests start the bot many times in one process.
    # Isolation marks would show up inside code spans; escaping.py removes direction marks from untrusted texts instead.
    functions: dict[str, Callable[[Any], Any]] = {
        "ORDINAL": partial(_ordinal, Locale.parse(locale, sep="-")),
        "CREDITS": lambda shown: _credits(bundle, shown),
    }
    bundle = LazyBundle([locale], functions, use_isolating=False)
    bundle.add_source(source)
    return bundle


def _ordinal(locale: Locale, number: float) -> str:
    """Return the CLDR ordinal category of a number, for selectors in texts: fluent.runtime knows only cardinal ones."""
    return locale.ordinal_form(int(number))


def _credits(bundle: FluentBundle, shown: object) -> str:
    """Return an amount with its unit in the right form, using the bundle's text `credits`: 1 credit, 2.5 credits.

    Amounts arrive as `money.show` writes them, and Fluent selects plural forms only for int and float.
    """
    try:
        count = float(str(shown).replace(",", ""))
    except ValueError:  # a word
        count = 0.0
    unit = bundle.get_message("credits").value
    text, _ = bundle.format_pattern(unit, {"shown": shown, "count": count}) if unit else (shown, [])
    return str(text)
