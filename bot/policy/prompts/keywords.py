"""Finds keywords in texts, with Discord's wildcards, in linear time.

`cat*` matches at the start of a word, `*cat` at the end, `*cat*` anywhere, and `cat` only a whole word or phrase.
https://docs.discord.com/developers/resources/auto-moderation (keyword matching strategies)

Discord documents that whole words are surrounded by whitespace. Here a punctuation mark ends a word too: a comma after
a forbidden word must not let it through. Case, invisible characters and the width of spaces make no difference.
"""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

from bot.visible_text import visible

WILDCARD = "*"

Span = tuple[int, int]
"""The start and the end of a match."""


def folded(text: str) -> str:
    """Return the text as keywords are compared: in compatibility form, without case and invisible characters."""
    return visible(unicodedata.normalize("NFKC", visible(text))).casefold()


@dataclass(frozen=True, slots=True)
class Keyword:
    """A keyword: its folded text, and whether a word may extend before or after it. The text is never empty."""

    text: str
    open_start: bool
    open_end: bool

    @classmethod
    def read(cls, typed: str) -> Self | None:
        """Read a keyword as a moderator wrote it; None if it consists of wildcards only."""
        line = typed.strip()
        text = folded(line.strip(WILDCARD))
        if not text:
            return None
        return cls(text, open_start=line.startswith(WILDCARD), open_end=line.endswith(WILDCARD))

    def spans(self, text: str) -> Iterator[Span]:
        """Yield the positions of the keyword in a folded text."""
        start = text.find(self.text)
        while start >= 0:
            end = start + len(self.text)
            if (self.open_start or _is_edge(text, start)) and (self.open_end or _is_edge(text, end)):
                yield start, end
            start = text.find(self.text, start + 1)


def _is_edge(text: str, at: int) -> bool:
    """Return whether a word begins or ends at this place: the characters on both sides are not part of one word."""
    return not (0 < at < len(text) and _is_of_word(text[at - 1]) and _is_of_word(text[at]))


def _is_of_word(character: str) -> bool:
    return character.isalnum() or character == "_" or unicodedata.category(character).startswith("M")
