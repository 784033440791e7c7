"""Translates the names and descriptions in the definitions of commands.

Easel's texts use the English names of commands in every language (`/models`): Discord also finds a command by its
English name, and a typed name works in every client.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any, Self

import discord
from discord import app_commands

from bot.chat.texts.texts import Speech, Texts

Definition = Mapping[str, Any]

SUBCOMMANDS = frozenset({1, 2})
"""The types of options that are subcommands or groups of them."""


class CommandTranslator(app_commands.Translator):
    """A translator for the languages that have a `commands.<locale>.ftl` file.

    It translates whole definitions. discord.py would ask for each of some thousand texts in each of Discord's more than
    30 languages, of which Easel has few; that took longer than all other work on commands at startup.
    """

    def __init__(self, texts: Texts) -> None:
        found = {locale.value: texts.only(locale.value) for locale in discord.Locale}
        self._speeches = {locale: say for locale, say in found.items() if say is not None}
        self._kept = cache(self._found)

    @classmethod
    @cache
    def of(cls, texts: Texts) -> Self:
        """Return the translator of these texts, which remembers the translations that it has found."""
        return cls(texts)

    def translated(self, command: Definition) -> dict[str, Any]:
        """Return an English definition with its translations; Discord shows English in all other languages."""
        if command["type"] != discord.AppCommandType.chat_input.value:
            return dict(command) | self._all("name", f"menu-{_hyphened(command['name'].lower())}")
        return self._command(command, f"command-{command['name']}")

    def texts(self, *keys: str) -> dict[str, str]:
        """Return, for each language, the text of the first of these keys that the language has."""
        return dict(self._kept(keys))

    def _found(self, keys: tuple[str, ...]) -> dict[str, str]:
        found = {locale: _first(say, keys) for locale, say in self._speeches.items()}
        return {locale: text for locale, text in found.items() if text is not None}

    def _command(self, one: Definition, key: str) -> dict[str, Any]:
        """Translate a command, or a group with everything in it; `key` contains the names of the groups around it."""
        parts = [
            self._command(part, f"{key}-{part['name']}") if part["type"] in SUBCOMMANDS else self._option(part, key)
            for part in one["options"]
        ]
        return dict(one) | {"options": parts} | self._all("name", key) | self._all("description", f"{key}.description")

    def _option(self, one: Definition, command: str) -> dict[str, Any]:
        name = one["name"]
        described = self._all("description", f"{command}.{name}", f"any-command.{name}")
        return dict(one) | self._choices(one) | self._all("name", f"option-{name}") | described

    def _choices(self, option: Definition) -> dict[str, Any]:
        if not option.get("choices"):
            return {}
        return {"choices": [dict(one) | self._all("name", f"choices.{one['value']}") for one in option["choices"]]}

    def _all(self, field: str, *keys: str) -> dict[str, Any]:
        found = self.texts(*keys)
        return {f"{field}_localizations": found} if found else {}


def _first(say: Speech, keys: tuple[str, ...]) -> str | None:
    return next(filter(None, map(say.find, keys)), None)


def _hyphened(name: str) -> str:
    return name.replace(" ", "-")
