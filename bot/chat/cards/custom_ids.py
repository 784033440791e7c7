"""The `custom_id`s of our components and modals: `easel:1:<verb>:<source>[:<number>[:<promise>]]`.

The 1 is the version of this form. Everything else is in the database, under the source's id: so what was shown years
ago still works, and what it is about may be gone without anybody being lost. Discord allows 100 characters; the longest
of ours has 82.
"""

import re
from dataclasses import dataclass
from typing import Self

from bot.chat.cards.card import Verb

FORMAT = "easel:1"
OURS = "easel:"
SOURCE = r"(?P<source>[0-9A-Za-z_-]{1,25})"
NUMBERS = r"(?::(?P<number>\d{1,20})(?::(?P<promise>\d{1,15}))?)?"


def template(*verbs: Verb) -> str:
    """The pattern of the ids with one of these verbs."""
    return f"{FORMAT}:(?P<verb>{'|'.join(verbs)}):{SOURCE}{NUMBERS}"


@dataclass(frozen=True, slots=True)
class CustomId:
    """What a component does, to what.

    `source` is a job's id, or that of pictures which were picked from another message. `number` is that of a picture,
    from 1, or a message's id. `promise` is the price that the button names, in milli-credits; 0 where it names none.
    """

    verb: Verb
    source: str
    number: int = 0
    promise: int = 0

    @classmethod
    def read(cls, text: str) -> Self | None:
        """Read an id; None where it is not one of this version's."""
        found = re.fullmatch(template(*Verb), text)
        return None if found is None else cls.of(found)

    @classmethod
    def of(cls, found: re.Match[str]) -> Self:
        """Take an id from what a template matched."""
        return cls(Verb(found["verb"]), found["source"], int(found["number"] or 0), int(found["promise"] or 0))

    def __str__(self) -> str:
        numbers = (self.number, self.promise) if self.promise else (self.number,) if self.number else ()
        return ":".join((FORMAT, self.verb, self.source, *map(str, numbers)))
