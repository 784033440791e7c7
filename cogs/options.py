"""Options that several commands share, named and worded alike everywhere."""

from collections.abc import Generator
from contextlib import contextmanager

from discord import app_commands

from bot.errors import InvalidOrder
from bot.jobs.records import Visibility

PROMPT_CHARACTERS = 4_000
"""Discord takes up to 6,000 in an option; more than this no model reads."""

VISIBILITIES = [
    app_commands.Choice(name="Everyone in this channel", value=Visibility.CHANNEL.value),
    app_commands.Choice(name="Only me", value=Visibility.PRIVATE.value),
    app_commands.Choice(name="Only me; by direct message if it takes long", value=Visibility.DM.value),
]
FORMATS = [app_commands.Choice(name=name, value=name) for name in ("png", "jpg", "webp")]


@contextmanager
def calling(**names: str) -> Generator[None]:
    """Say what is wrong with an order in a command's own words: `calling(first_frame="image")`."""
    try:
        yield
    except InvalidOrder as error:
        takes = [names.get(name, name) for name in str(error.facts.get("takes", "")).split(", ")]
        option = str(error.facts["option"])
        said = {"option": names.get(option, option), "takes": ", ".join(dict.fromkeys(takes))}
        raise InvalidOrder(**{**error.facts, **said}) from error


def chosen(visibility: str | None, otherwise: Visibility) -> Visibility:
    """Read the visibility option."""
    return Visibility(visibility) if visibility else otherwise
