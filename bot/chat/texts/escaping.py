"""Escape texts from members and models, so that they cannot ping, format, link, hide or reverse anything.

All of Discord's Markdown is escaped (https://support.discord.com/hc/en-us/articles/210298617), line breaks become
spaces, invisible and direction-changing characters are removed, and links and mentions are broken up.
"""

import re
import unicodedata

PROMPT_CHARACTERS = 300
"""The number of characters of a prompt that a card shows."""

ALT_CHARACTERS = 1_024
"""Discord's limit for an attachment's description."""

READ_FACTOR = 20
"""How many times the characters that are shown are read at most."""

BREAK = "\u200b"
"""A zero-width space: inserted into a mention or link, it disables it without changing how it looks."""

LOOKALIKE = "\u02cb"
"""A letter that looks like a backtick but that Discord does not treat as one."""

_MARKDOWN = re.compile(r"[\\*_~|`\[\]<]|^[>#+-]")
_LINK_OR_MENTION = re.compile(r"@(?=\S)|:(?=/)|<(?=\S)|(?<=\w)\.(?=\w+/)")
_LIST_NUMBER = re.compile(r"^(\d+)([.)])")
_DROPPED = {"Cc", "Cf", "Cs", "Co", "Cn"}
_BLANK = {"Zs", "Zl", "Zp"}
_INVISIBLE_LETTERS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")


def tidy(text: str, limit: int) -> str:
    """Return the text on one line of at most `limit` characters, without invisible characters; nothing is escaped."""
    start = text[: limit * READ_FACTOR]  # a foreign text may be a megabyte long, of blanks or of invisible characters
    line = " ".join("".join(_visible(character) for character in start).split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def plain(text: str, limit: int = PROMPT_CHARACTERS) -> str:
    """Cut the text at `limit` characters and escape it, so that a message shows it literally."""
    line = _LINK_OR_MENTION.sub(lambda found: found[0] + BREAK, tidy(text, limit))
    line = _MARKDOWN.sub(lambda found: "\\" + found[0], line)
    return _LIST_NUMBER.sub(r"\1\\\2", line)


def quoted(text: str, limit: int = PROMPT_CHARACTERS) -> str:
    """Return the escaped text as a block quote, or an empty string for an empty text."""
    line = plain(text, limit)
    return f"> {line}" if line else ""


def fenced(text: str) -> str:
    """Return the text in a code block, ready to copy; three backticks inside it cannot end the block."""
    return f"```\n{text.replace('```', LOOKALIKE * 3)}\n```"


def _visible(character: str) -> str:
    category = unicodedata.category(character)
    if character in "\n\r\t\v\f\x85" or category in _BLANK:
        return " "
    return "" if category in _DROPPED or character in _INVISIBLE_LETTERS else character
