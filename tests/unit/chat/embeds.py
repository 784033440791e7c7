"""Reads the embeds of cards that must have one."""

import discord

from bot.chat.cards.card import Card
from tests.present import present


def embed_of(card: Card) -> discord.Embed:
    return present(card.embed)


def description_of(card: Card) -> str:
    return present(embed_of(card).description)
