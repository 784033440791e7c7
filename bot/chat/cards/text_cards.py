"""Turns a card's embed into text, for places in which the bot may not embed links."""

from collections.abc import Iterator
from dataclasses import replace

import discord

from bot.chat.cards.card import Card
from bot.chat.discord_limits import CONTENT_CHARACTERS

FENCE = "```"
"""The beginning and the end of a code block."""

_ROOM = CONTENT_CHARACTERS - len(f"{FENCE}\n\n{FENCE}")
"""The number of characters that fit into a message with the fences of a code block that continues in the next one."""


def as_text(card: Card) -> tuple[Card, ...]:
    """Return the same card without an embed, as several cards if its text does not fit into one message.

    The first card has the buttons, because it is the message that they change.
    """
    if card.embed is None:
        return (card,)
    first, *others = _pages("\n".join(_parts(card.content, card.embed)))
    return replace(card, content=first, embed=None), *map(Card, others)


def _parts(content: str, embed: discord.Embed) -> Iterator[str]:
    """Yield the parts of a card's text in the order in which Discord shows them."""
    title = f"**{embed.title}**" if embed.title else None
    fields = (f"**{field.name}**\n{field.value}" for field in embed.fields)
    footer = f"-# {embed.footer.text}" if embed.footer.text else None
    yield from filter(None, (content, title, embed.description, *fields, footer))


def _pages(text: str) -> Iterator[str]:
    """Yield a text in pieces that fit into messages, divided between lines where possible."""
    while len(text) > CONTENT_CHARACTERS:
        shown = text[:_ROOM].rpartition("\n")[0] or text[:_ROOM]
        text = text[len(shown) :].removeprefix("\n")
        if shown.count(FENCE) % 2:
            shown, text = f"{shown}\n{FENCE}", f"{FENCE}\n{text}"
        if shown.strip():  # Discord refuses messages without visible characters
            yield shown
    yield text
