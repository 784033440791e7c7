"""Turns a card's embed into text, for places in which the bot may not embed links."""

from collections.abc import Iterator
from dataclasses import replace

import discord

from bot.chat.cards.card import Card
from bot.chat.discord_limits import CONTENT_CHARACTERS

CUT = "…"


def as_text(card: Card) -> Card:
    """Return the same card without an embed. Lines that do not fit into a message are left out."""
    if card.embed is None:
        return card
    return replace(card, content=_fitting("\n".join(_parts(card.content, card.embed))), embed=None)


def _parts(content: str, embed: discord.Embed) -> Iterator[str]:
    """Yield the parts of a card's text in the order in which Discord shows them."""
    title = f"**{embed.title}**" if embed.title else None
    fields = (f"**{field.name}**\n{field.value}" for field in embed.fields)
    footer = f"-# {embed.footer.text}" if embed.footer.text else None
    yield from filter(None, (content, title, embed.description, *fields, footer))


def _fitting(text: str) -> str:
    if len(text) <= CONTENT_CHARACTERS:
        return text
    # A code block that is cut has to be closed again, or the rest of the message would be part of it.
    room = CONTENT_CHARACTERS - len(f"\n```\n{CUT}")
    shown = text[:room].rpartition("\n")[0] or text[:room]
    closing = "\n```" if shown.count("```") % 2 else ""
    return f"{shown}{closing}\n{CUT}"
