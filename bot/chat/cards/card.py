"""The content of a message before it is sent: its text, embed, buttons, selects and files."""

import io
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

import discord

from bot.jobs.records import Artefact

BLUE, GREEN, RED, GREY = 0x5865F2, 0x57F287, 0xED4245, 0x99AAB5


class Verb(StrEnum):
    """The action of a button. The values are part of every `custom_id` ever sent, so they must not change."""

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
    REMOVE = "remove"
    KEEP = "keep"
    START = "start"
    DROP = "drop"
    PAGE = "page"
    STAR = "star"
    UNSTAR = "unstar"
    POST = "post"
    UNPOST = "unpost"
    REFILE = "refile"
    REPORT = "report"
    SPOILER = "spoiler"
    UNSPOILER = "unspoiler"
    APPROVE = "rkeep"
    TAKE_DOWN = "rtake"
    DISMISS = "rdrop"
    GIVE = "give"
    UNGIVE = "ungive"
    GRANT = "grant"
    UNGRANT = "ungrant"
    APPROVE_ORDER = "allow"
    DENY_ORDER = "deny"
    ALWAYS = "always"
    FORGET_ME = "forget"
    KEEP_ME = "unforget"
    FUND = "fund"
    BUY = "buy"
    SETUP = "setup"
    SETUP_BACK = "sback"
    SET = "set"
    ASK = "ask"
    UNSET = "unset"
    DOCTOR = "doctor"
    JOBS_PAGE = "mpage"
    REPORTS_PAGE = "rpage"


ORDERING_VERBS = frozenset({
    Verb.REROLL, Verb.AGAIN, Verb.EDIT, Verb.UPSCALE, Verb.ANIMATE, Verb.REMOVEBG, Verb.LIPSYNC, Verb.USE, Verb.START,
    Verb.REFILE,
})  # fmt: skip
"""The verbs that place an order."""

PRIVATE_VERBS = frozenset({
    Verb.START, Verb.DROP, Verb.PAGE, Verb.STAR, Verb.UNSTAR, Verb.FAVOURITE, Verb.UNFAVOURITE, Verb.DELETE,
    Verb.REMOVE, Verb.KEEP, Verb.SETUP, Verb.SETUP_BACK, Verb.SET, Verb.ASK, Verb.UNSET, Verb.DOCTOR,
    Verb.JOBS_PAGE, Verb.REPORTS_PAGE,
})  # fmt: skip
"""The verbs that replace the message that contains their button. That message is always private."""


@dataclass(frozen=True, slots=True)
class CardButton:
    """A button: its action, the job it acts on, and its label.

    `number` is the number of a picture, counted from 1, or a message's id. `promise` is the price on the label in
    milli-credits; 0 if the label shows none. A button of `Verb.BUY` sells the SKU `number`: Discord labels it, and
    pressing it opens the shop instead of reaching Easel.
    """

    verb: Verb
    job: str
    label: str
    number: int = 0
    promise: int = 0


@dataclass(frozen=True, slots=True)
class CardSelectOption:
    """One option of a select."""

    value: str
    label: str
    description: str


@dataclass(frozen=True, slots=True)
class CardSelect:
    """A select that offers the follow-up actions on each picture of a source."""

    source: str
    placeholder: str
    options: tuple[CardSelectOption, ...]


class MenuKind(StrEnum):
    """The kind of options in a menu."""

    TEXTS = "texts"
    TEXT_CHANNELS = "text channels"
    PLACES = "places"
    """Categories, and channels of every kind that has messages."""


@dataclass(frozen=True, slots=True)
class CardMenu:
    """A menu in which people choose either from `options` or from the guild's channels.

    `chosen` contains the values that are already selected; up to `most` can be selected at once.
    """

    verb: Verb
    source: str
    placeholder: str
    kind: MenuKind = MenuKind.TEXTS
    options: tuple[CardSelectOption, ...] = ()
    chosen: tuple[str, ...] = ()
    most: int = 1


@dataclass(frozen=True, slots=True)
class CardFile:
    """A result to attach to a card, with its alt text."""

    artefact: Artefact
    alt: str


@dataclass(frozen=True, slots=True)
class MadeFile:
    """A file made for one message: its name (unique within the message), its content, and alt text for a picture.

    Large content is sent from a file on disk, which must stay there until the message has been sent. A page of a list
    hides a `spoiler` until someone presses it.
    """

    name: str
    content: bytes | Path
    alt: str = ""
    spoiler: bool = False

    def open(self) -> discord.File:
        """Open the file for one call; see `calls.closing_files` for when it has to be closed."""
        content = self.content if isinstance(self.content, Path) else io.BytesIO(self.content)
        return discord.File(content, filename=self.name, description=self.alt or None)


@dataclass(frozen=True, slots=True)
class Card:
    """The content of a message. `mention` is the only member that a new message may ping.

    `files` are results, which a packer prepares for upload; `made` are sent as they are.
    """

    content: str = ""
    embed: discord.Embed | None = None
    buttons: tuple[CardButton, ...] = ()
    files: tuple[CardFile, ...] = ()
    mention: int | None = None
    selects: tuple[CardSelect, ...] = ()
    menus: tuple[CardMenu, ...] = ()
    made: tuple[MadeFile, ...] = ()

    @property
    def looks(self) -> int:
        """A number that is equal for two messages without files if they look and work the same."""
        return hash((self.content, repr(self.embed and self.embed.to_dict()), self.buttons, self.selects, self.menus))

    def with_note(self, note: str) -> "Card":
        """Return this card with one more line in its embed, or in its text if it has no embed."""
        if self.embed is None:
            return replace(self, content=f"{self.content}\n{note}")
        embed = self.embed.copy()
        embed.description = f"{embed.description}\n\n{note}" if embed.description else note
        return replace(self, embed=embed)
