"""Builds a page of a list, with a thumbnail, text and buttons for each entry, from Discord's Components V2.

Discord allows 40 components in a message. An entry with a picture and three buttons has 7 (section, text, thumbnail,
row, buttons), so five entries in a container with a heading, plus a row of two buttons that turn the page, use all of
them. Therefore a page has no separators, and a list is searched with an option of its command.

A message with Components V2 can never become a classic one again, so job cards stay classic messages: they are edited
until the job ends, and an audio result would lose its player.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import discord

from bot.chat.cards.button_rendering import pressable
from bot.chat.cards.card import BLUE, Card, CardButton, MadeFile
from bot.chat.cards.line_embed import line_embed
from bot.chat.texts.texts import Speech

ENTRIES = 5
"""The number of entries on a page."""

ENTRY_CHARACTERS = 750
"""The maximum length of an entry's text. Five such texts and the heading stay below Discord's 4,000 characters."""


@dataclass(frozen=True, slots=True)
class ListedEntry:
    """One entry: its text, picture and buttons, and a name that its buttons show if they are not right below it."""

    name: str
    text: str
    picture: MadeFile | None = None
    buttons: tuple[CardButton, ...] = ()


@dataclass(frozen=True, slots=True)
class ListPage:
    """A page of a list: its heading, its entries, and the buttons that lead to the previous and next pages."""

    head: str
    entries: tuple[ListedEntry, ...]
    turns: tuple[CardButton, ...] = ()

    def open_files(self) -> list[discord.File]:
        """Open the pictures for one call."""
        return [entry.picture.open() for entry in self.entries if entry.picture]

    def view(self) -> discord.ui.LayoutView:
        """Build the components of one message, in a new view (see bot/chat/cards/button_rendering.py)."""
        box: discord.ui.Container[Any] = discord.ui.Container(discord.ui.TextDisplay(self.head), accent_colour=BLUE)
        for entry in self.entries:
            box.add_item(_words(entry))
            if entry.buttons:
                box.add_item(_row(entry.buttons))
        made = discord.ui.LayoutView(timeout=None)
        made.add_item(box)
        if self.turns:  # below the box, so that these buttons do not look like those of the last entry
            made.add_item(_row(self.turns))
        made.stop()
        return made

    def as_card(self, say: Speech) -> Card:
        """Return the page as a classic message. The buttons are below all entries, so each mentions its entry."""
        buttons = [
            replace(button, label=f"{button.label} {entry.name}".strip())
            for entry in self.entries
            for button in entry.buttons
        ]
        embed = line_embed([entry.text for entry in self.entries], say)
        return Card(self.head, embed, buttons=(*buttons, *self.turns))


def turns(
    about: CardButton, page: int, pages: int, say: Speech, labels: tuple[str, str] = ("newer-button", "older-button")
) -> tuple[CardButton, ...]:
    """Return buttons like `about` that lead to the previous and next pages, if they exist."""
    before, after = labels
    back = (replace(about, label=say(before), number=page - 1),) if page > 1 else ()
    on = (replace(about, label=say(after), number=page + 1),) if page < pages else ()
    return (*back, *on)


def _words(entry: ListedEntry) -> discord.ui.Item[Any]:
    text: discord.ui.TextDisplay[Any] = discord.ui.TextDisplay(entry.text[:ENTRY_CHARACTERS])
    if entry.picture is None:
        return text
    picture: discord.ui.Thumbnail[Any] = discord.ui.Thumbnail(
        f"attachment://{entry.picture.name}", description=entry.picture.alt, spoiler=entry.picture.spoiler
    )
    return discord.ui.Section(text, accessory=picture)


def _row(buttons: Sequence[CardButton]) -> discord.ui.ActionRow[Any]:
    made = [pressable(button) for button in buttons]
    for one in made:
        if one.style is discord.ButtonStyle.primary:  # no button of a list may stand out
            one.style = discord.ButtonStyle.secondary
    return discord.ui.ActionRow(*made)
