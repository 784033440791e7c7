"""Finds the record behind a question's button, for the one person who may answer it."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import discord

from bot.chat.cards.card import Card
from bot.chat.cards.custom_ids import CustomId
from bot.chat.discord.responses import replace_message
from bot.errors import NotAllowed

T = TypeVar("T")


async def own_question(
    interaction: discord.Interaction[Any],
    pressed: CustomId,
    find: Callable[[int], Awaitable[T | None]],
    *,
    whose: Callable[[T], int],
    over: str,
) -> T | None:
    """Return the record behind a button; if it is gone, replace the message with the text `over` and return None.

    Raises NotAllowed for anyone but the member that `whose` returns.
    """
    number = pressed.source_number
    found = None if number is None else await find(number)
    if found is None:
        await replace_message(interaction, Card(over))
        return None
    if whose(found) != interaction.user.id:
        raise NotAllowed(rule="orderer-only")
    return found
