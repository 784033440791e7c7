"""Options that several commands share, named and worded alike everywhere."""

from discord import app_commands

from bot.jobs.records import Visibility

PROMPT_CHARACTERS = 4_000
"""Discord takes up to 6,000 in an option; more than this no model reads."""

VISIBILITIES = [
    app_commands.Choice(name="Everyone in this channel", value=Visibility.CHANNEL.value),
    app_commands.Choice(name="Only me", value=Visibility.PRIVATE.value),
    app_commands.Choice(name="Only me; by direct message if it takes long", value=Visibility.DM.value),
]
FORMATS = [app_commands.Choice(name=name, value=name) for name in ("png", "jpg", "webp")]


def chosen(visibility: str | None, otherwise: Visibility) -> Visibility:
    """Read the visibility option."""
    return Visibility(visibility) if visibility else otherwise
