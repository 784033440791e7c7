"""Makes texts of members and models harmless: they cannot ping, format, link, hide or reverse anything.

Everything that Discord's Markdown reads is escaped (https://support.discord.com/hc/en-us/articles/210298617), line
breaks become spaces, invisible and direction-changing characters are dropped, links and mentions are broken up.
"""

import re
import unicodedata

PROMPT_CHARACTERS = 300
"""How much of a prompt a card shows."""

ALT_CHARACTERS = 1_024
"""Discord's limit for an attachment's description."""

BREAK = "\u200b"
"""A zero-width space: what it stands in is no longer a mention or a link, and looks the same."""

LOOKALIKE = "\u02cb"
"""A letter that looks like a backtick and is none to Discord."""

_MARKDOWN = re.compile(r"[\\*_~|`\[\]<]|^[>#+-]")
_LINK_OR_MENTION = re.compile(r"@(?=\S)|:(?=/)|<(?=\S)|(?<=\w)\.(?=\w+/)")
_LIST_NUMBER = re.compile(r"^(\d+)([.)])")
_DROPPED = {"Cc", "Cf", "Cs", "Co", "Cn"}
_BLANK = {"Zs", "Zl", "Zp"}
_INVISIBLE_LETTERS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")


def tidy(text: str, limit: int) -> str:
    """Put a text on one line of at most `limit` characters, without anything invisible; not escaped."""
    line = " ".join("".join(_visible(character) for character in text).split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def plain(text: str, limit: int = PROMPT_CHARACTERS) -> str:
    """Cut a text at `limit` characters and make it show in a message exactly as it reads."""
    line = _LINK_OR_MENTION.sub(lambda found: found[0] + BREAK, tidy(text, limit))
    line = _MARKDOWN.sub(lambda found: "\\" + found[0], line)
    return _LIST_NUMBER.sub(r"\1\\\2", line)


def quoted(text: str, limit: int = PROMPT_CHARACTERS) -> str:
    """Show a text as a quotation; empty for an empty text."""
    line = plain(text, limit)
    return f"> {line}" if line else ""


def fenced(text: str) -> str:
    """Show a text in a block of code, to be copied as it is; three backticks in it cannot end the block."""
    return f"```\n{text.replace('```', LOOKALIKE * 3)}\n```"


def _visible(character: str) -> str:
    category = unicodedata.category(character)
    if character in "\n\r\t\v\f\x85" or category in _BLANK:
        return " "
    return "" if category in _DROPPED or character in _INVISIBLE_LETTERS else character
