"""Escapes texts from members and models so that they cannot ping, format, link, hide or reverse anything.

All of Discord's Markdown is escaped (https://support.discord.com/hc/en-us/articles/210298617), line breaks become
spaces, and links, mentions and emoji codes are broken up. `bot.visible_text` removes characters that hide or reverse
text, and keeps the joiners and selectors that emoji and many scripts need.
"""

import re

from bot.visible_text import cut, unhidden, visible

PROMPT_CHARACTERS = 300
"""The number of characters of a prompt that a card shows."""

ALT_CHARACTERS = 1_024
"""Discord's limit for an attachment's description."""

BREAK = "\u200b"
"""A zero-width space: it disables the mention or link into which it is inserted, without changing how that looks."""

LOOKALIKE = "\u02cb"
"""A letter that looks like a backtick but is not treated as one by Discord."""

EXAMINED_CHARACTERS = 16_384
"""The most characters of a text that are used: no message can show more, and provider texts may be megabytes long."""

_MARKDOWN = re.compile(r"[\\*_~|`\[\]<]|^[>#+-]")
# An "@" of any width; "scheme:/"; "<" of mentions, timestamps and links; "discord.gg/…" (also without "/": Discord
# makes previews of bare invitations); and ":smile:", which Discord draws as an emoji in bots' messages.
_LINK_OR_MENTION = re.compile(
    r"[@\uff20\ufe6b](?=\S)|:(?=[/\\])|<(?=\S)|(?<=\w)\.(?=[\w-]+[/\\])|(?<=discord)\.(?=\w)|:(?=[\w+~-]{1,64}:)",
    re.IGNORECASE,
)
_LIST_NUMBER = re.compile(r"^(\d+)([.)])")
_BACKTICKS = re.compile("`{3,}")


def tidy(text: str, limit: int) -> str:
    """Return the text on one line of up to `limit` characters, without invisible characters; nothing is escaped.

    A character as people see it (a grapheme cluster, such as an emoji or a letter with its marks) is never cut.
    """
    line = visible(text[:EXAMINED_CHARACTERS])
    if len(line) <= limit and len(text) <= EXAMINED_CHARACTERS:
        return line
    return visible(cut(line, limit - 1)) + "…"


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
    """Return the text in a code block, ready to copy, with its line breaks; no backticks in it can end the block."""
    lines = "\n".join(unhidden(line) for line in text[:EXAMINED_CHARACTERS].splitlines())
    return f"```\n{_BACKTICKS.sub(lambda found: LOOKALIKE * len(found[0]), lines)}\n```"
