"""Modals without a state: what they are about stands in their `custom_id`, what was typed in what comes back.

discord.py drops a modal that it did not show itself, as after a restart. So ours are never stored by it: they are
finished before they are shown, and read from the interaction alone.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

import discord

from bot.chat.custom_ids import OURS, CustomId

FIELD = "text"
TEXT_CHARACTERS = 4_000
"""Discord's limit for a text input."""

TITLE_CHARACTERS = 45
LABEL_CHARACTERS = 45


def modal(about: CustomId, *, title: str, label: str, text: str) -> discord.ui.Modal:
    """A modal that asks for one text and offers this one to begin with."""
    made = discord.ui.Modal(title=title[:TITLE_CHARACTERS], custom_id=str(about), timeout=None)
    field = discord.ui.TextInput[Any](
        custom_id=FIELD,
        style=discord.TextStyle.paragraph,
        default=text[:TEXT_CHARACTERS] or None,
        max_length=TEXT_CHARACTERS,
    )
    made.add_item(discord.ui.Label(text=label[:LABEL_CHARACTERS], component=field))
    made.stop()
    return made


def about(interaction: discord.Interaction[Any]) -> str | None:
    """The id of the modal of ours that this interaction sends; None where it sends none."""
    if interaction.type is not discord.InteractionType.modal_submit:
        return None
    name = str(_data(interaction).get("custom_id", ""))
    return name if name.startswith(OURS) else None


def typed(interaction: discord.Interaction[Any]) -> str:
    """All that was typed into a modal, of whatever version it is."""
    return "\n".join(_texts(_data(interaction).get("components"))).strip()


def _data(interaction: discord.Interaction[Any]) -> Mapping[str, object]:
    return cast("Mapping[str, object]", interaction.data or {})


def _texts(value: object) -> Iterator[str]:
    """Every text in a modal's components, in labels and in rows."""
    if isinstance(value, Mapping):
        part = cast("Mapping[str, object]", value)
        if isinstance(part.get("value"), str):
            yield str(part["value"])
        for inner in ("component", "components"):
            yield from _texts(part.get(inner))
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for one in cast("Sequence[object]", value):
            yield from _texts(one)
