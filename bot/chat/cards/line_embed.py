"""Puts a list of lines into one embed."""

from collections.abc import Sequence

import discord

from bot.chat.cards.card import BLUE
from bot.chat.discord_limits import EMBED_DESCRIPTION_CHARACTERS
from bot.chat.texts.texts import Speech

LINES_CHARACTERS = EMBED_DESCRIPTION_CHARACTERS - 96
"""The space for lines in an embed's description; the rest is for a last line that counts the omitted ones."""


def line_embed(lines: Sequence[str], say: Speech) -> discord.Embed:
    """Return an embed with as many lines as fit, followed by the number of omitted lines if there are any."""
    shown: list[str] = []
    for line in lines:
        if sum(len(earlier) + 1 for earlier in shown) + len(line) > LINES_CHARACTERS:
            shown.append(say("and-more", count=len(lines) - len(shown)))
            break
        shown.append(line)
    return discord.Embed(description="\n".join(shown), colour=BLUE)
