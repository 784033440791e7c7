"""Builds and parses the `custom_id` of components and modals: `easel:1:<verb>:<source>[:<number>[:<promise>]]`.

The 1 is the version of this format. Everything else about a component is in the database under the source's id, so a
component works for as long as its source exists. Discord allows 100 characters; the longest id has 82.
"""

import re
from dataclasses import dataclass
from typing import Self

from bot.chat.cards.card import Verb

FORMAT = "easel:1"
PREFIX_OF_ALL = "easel:"
"""The start of every `custom_id` that Easel has ever sent, in any version of the format."""

SOURCE = r"(?P<source>[0-9A-Za-z_-]{1,25})"
NUMBERS = r"(?::(?P<number>\d{1,20})(?::(?P<promise>\d{1,15}))?)?"


LARGEST_ID = 2**63 - 1


def stored_id(text: str) -> int | None:
    """Parse an id; None if the text is not an id, or if it is too large to exist in the database."""
    return int(text) if text.isdecimal() and len(text) <= len(str(LARGEST_ID)) and int(text) <= LARGEST_ID else None


def template(*verbs: Verb) -> str:
    """Return the pattern that matches all ids with one of these verbs."""
    return f"{FORMAT}:(?P<verb>{'|'.join(verbs)}):{SOURCE}{NUMBERS}"


@dataclass(frozen=True, slots=True)
class CustomId:
    """The action of a component and its target.

    `source` is the id of a job, of pictures kept from a message, or of an order whose price was shown. `number` is the
    number of a picture, counted from 1, or a message's id. `promise` is the price on the label in milli-credits; 0 if
    the label shows none.
    """

    verb: Verb
    source: str
    number: int = 0
    promise: int = 0

    @classmethod
    def read(cls, text: str) -> Self | None:
        """Parse an id; None if it does not have this version's format."""
        found = re.fullmatch(template(*Verb), text)
        return None if found is None else cls.of(found)

    @classmethod
    def of(cls, found: re.Match[str]) -> Self:
        """Build an id from the result of matching a template."""
        return cls(Verb(found["verb"]), found["source"], int(found["number"] or 0), int(found["promise"] or 0))

    @classmethod
    def of_option(cls, source: str, value: str) -> Self | None:
        """Parse an option of a select, `<verb>:<number>:<promise>`, as the id of the button that would do the same."""
        verb, _, numbers = value.partition(":")
        return cls.read(f"{FORMAT}:{verb}:{source}:{numbers}")

    @property
    def source_number(self) -> int | None:
        """The source as the id of a row or an interaction; None if no such id can exist, as in a forged `custom_id`."""
        return stored_id(self.source)

    def option(self) -> str:
        """Return the value of a select's option that `of_option` reads."""
        return f"{self.verb}:{self.number}:{self.promise}"

    def __str__(self) -> str:
        numbers = (self.number, self.promise) if self.promise else (self.number,) if self.number else ()
        return ":".join((FORMAT, self.verb, self.source, *map(str, numbers)))
