"""Translates command names and descriptions, which discord.py asks for when it registers commands.

Easel's texts name commands in English in every language (`/models`): Discord finds a command by its English name too,
and a typed name works in every client.
"""

from typing import Any

import discord
from discord import app_commands
from discord.app_commands import TranslationContextLocation as Location

from bot.chat.texts.loader import Texts


class CommandTranslator(app_commands.Translator):
    """A translator for the languages that have a `commands.<locale>.ftl` file."""

    def __init__(self, texts: Texts) -> None:
        # discord.py asks for each text in each of Discord's languages.
        self._speeches = {locale: texts.only(str(locale)) for locale in discord.Locale}

    async def translate(
        self,
        string: app_commands.locale_str,
        locale: discord.Locale,
        context: app_commands.TranslationContext[Any, Any],
    ) -> str | None:
        """Return the text in this language, or None (so that Discord shows English) if there is none."""
        say = self._speeches[locale]
        if say is None:
            return None
        return next((say(key) for key in keys(string.message, context) if say.has(key)), None)


def keys(english: str, context: app_commands.TranslationContext[Any, Any]) -> tuple[str, ...]:
    """Return the keys under which a translation may be found, the most specific first."""
    location, data = context.location, context.data
    if location is Location.command_name and isinstance(data, app_commands.ContextMenu):
        return (f"menu-{_hyphened(english.lower())}",)
    if location in (Location.command_name, Location.group_name):
        return (_of(data),)
    if location in (Location.command_description, Location.group_description):
        return (f"{_of(data)}.description",)
    if location is Location.parameter_description:
        return (f"{_of(data.command)}.{data.name}", f"any-command.{data.name}")
    return (f"option-{data.name}" if location is Location.parameter_name else f"choices.{data.value}",)


def _of(command: Any) -> str:  # noqa: ANN401 - a command or group of any cog
    return f"command-{_hyphened(command.qualified_name)}"


def _hyphened(name: str) -> str:
    return name.replace(" ", "-")
