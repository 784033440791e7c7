"""Option types and choices that several commands share."""

from collections.abc import Sequence
from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.catalogue.advanced import Pairs, parse
from bot.catalogue.order import FileRole, InputFile
from bot.chat.discord.command_facts import AnyCommand
from bot.chat.discord.interactions import command_of, input_file
from bot.chat.texts.languages import OWN_NAMES
from bot.guilds.guild_settings import Payer
from bot.jobs.records import Visibility
from bot.preferences.preference_records import SAME_AS_DISCORD, Ping

PROMPT_CHARACTERS = 4_000
"""Discord allows 6,000 characters in an option, but no model reads more than this."""

ADVANCED_CHARACTERS = 500

Prompt = app_commands.Range[str, 1, PROMPT_CHARACTERS]
Count = app_commands.Range[int, 1, 4]
Seed = app_commands.Range[int, 0, 4_294_967_295]
Advanced = app_commands.Range[str, 1, ADVANCED_CHARACTERS]

VISIBILITIES = [
    app_commands.Choice(name="Everyone in this channel", value=Visibility.CHANNEL.value),
    app_commands.Choice(name="Only me", value=Visibility.PRIVATE.value),
    app_commands.Choice(name="Only me, by direct message if it takes a while", value=Visibility.DM.value),
]
LANGUAGES = [
    *(app_commands.Choice(name=name, value=locale) for locale, name in OWN_NAMES.items()),
    app_commands.Choice(name="Same as Discord", value=SAME_AS_DISCORD),
]
"""The values are the locales of the texts."""

PAYERS = [
    app_commands.Choice(name="Each member", value=Payer.MEMBER.value),
    app_commands.Choice(name="The server's pool", value=Payer.POOL.value),
]
PINGS = [
    app_commands.Choice(name="Never", value=Ping.NEVER.value),
    app_commands.Choice(name="If it took more than a minute", value=Ping.LONG.value),
    app_commands.Choice(name="Always", value=Ping.ALWAYS.value),
]
FORMATS = [app_commands.Choice(name=name, value=name) for name in ("png", "jpg", "webp")]

Interaction = discord.Interaction[Any]


SubCommand = AnyCommand | app_commands.Group
"""What a group can contain."""


def add_to_group(cog: commands.GroupCog, more: Sequence[SubCommand] | None, *, within: str | None = None) -> None:
    """Add commands from other files to the group of a cog, or to the group `within` it."""
    group = cog.app_command
    if within is not None and isinstance(group, app_commands.Group):
        group = group.get_command(within)
    if isinstance(group, app_commands.Group):
        for command in more or ():
            group.add_command(command)


def numbered_choices(found: Sequence[tuple[str, int]]) -> list[app_commands.Choice[int]]:
    """Return suggestions for an option that is the number of a list entry."""
    return [app_commands.Choice(name=name, value=number) for name, number in found]


def given(*files: tuple[discord.Attachment | None, str, FileRole]) -> tuple[InputFile, ...]:
    """Return the attached files as inputs. Each tuple has an attachment or None, its option, and its role."""
    return tuple(input_file(file, slot, role) for file, slot, role in files if file is not None)


def pairs(interaction: Interaction, advanced: str | None) -> Pairs | None:
    """Read the advanced option. Raises InvalidOrder if it can't be read."""
    return parse(advanced, command_of(interaction))


def chosen(visibility: str | None, otherwise: Visibility) -> Visibility:
    """Return the visibility that a member chose, or `otherwise` if they left the option out."""
    return Visibility(visibility) if visibility else otherwise
