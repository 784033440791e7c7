"""A message before it is one: its text, embed, buttons, selects and files."""

from dataclasses import dataclass, replace
from enum import StrEnum

import discord

from bot.jobs.records import Artefact

BLUE, GREEN, RED, GREY = 0x5865F2, 0x57F287, 0xED4245, 0x99AAB5


class Verb(StrEnum):
    """What a button does."""

    CANCEL = "cancel"
    NOTIFY = "notify"
    SHOW = "show"
    REROLL = "reroll"
    AGAIN = "again"
    EDIT = "edit"
    UPSCALE = "upscale"
    ANIMATE = "animate"
    REMOVEBG = "removebg"
    LIPSYNC = "lipsync"
    USE = "use"
    MORE = "more"
    RECIPE = "recipe"
    COMMAND = "command"
    FAVOURITE = "favourite"
    UNFAVOURITE = "unfavourite"
    TO_DM = "dm"
    ORIGINAL = "original"
    DELETE = "delete"
    START = "start"
    DROP = "drop"


@dataclass(frozen=True, slots=True)
class CardButton:
    """A button: what it does, to which job, and its label.

    `number` is that of a picture, from 1, or a message's id; `promise` the price on the label, in milli-credits.
    """

    verb: Verb
    job: str
    label: str
    number: int = 0
    promise: int = 0


@dataclass(frozen=True, slots=True)
class CardSelectOption:
    """One choice of a select."""

    value: str
    label: str
    description: str


@dataclass(frozen=True, slots=True)
class CardSelect:
    """A select: what to do with which picture of a source."""

    source: str
    placeholder: str
    options: tuple[CardSelectOption, ...]


@dataclass(frozen=True, slots=True)
class CardFile:
    """A result that goes with a card, and what it shows for those who cannot see it."""

    artefact: Artefact
    alt: str


@dataclass(frozen=True, slots=True)
class Card:
    """A message before it is one. `mention` is whom a new message may ping; nobody else is ever pinged."""

    content: str = ""
    embed: discord.Embed | None = None
    buttons: tuple[CardButton, ...] = ()
    files: tuple[CardFile, ...] = ()
    mention: int | None = None
    selects: tuple[CardSelect, ...] = ()

    def with_note(self, note: str) -> "Card":
        """The same card with one more line in its embed."""
        if self.embed is None:
            return replace(self, content=f"{self.content}\n{note}")
        embed = self.embed.copy()
        embed.description = f"{embed.description}\n\n{note}" if embed.description else note
        return replace(self, embed=embed)
