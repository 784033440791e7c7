"""Reads amounts of credits from commands."""

from decimal import Decimal
from typing import Any

import discord
from discord import app_commands

from bot.catalogue.refusals import invalid
from bot.chat.discord.interactions import command_of
from bot.money import milli

LEAST, MOST = 0.001, 1_000_000_000.0
"""In credits. A milli-credit is the smallest there is; the most is far below what a double holds exactly."""


class Credits(app_commands.Transformer):
    """An amount in credits, as milli-credits; fractions are fine as long as they are whole in those."""

    @property
    def type(self) -> discord.AppCommandOptionType:
        """Discord's kind of option for a number with decimals."""
        return discord.AppCommandOptionType.number

    @property
    def min_value(self) -> float:
        """The least that can be moved."""
        return LEAST

    @property
    def max_value(self) -> float:
        """The most that can be moved at once."""
        return MOST

    async def transform(self, interaction: discord.Interaction[Any], value: Any, /) -> int:  # noqa: ANN401
        """Turn credits into milli-credits. Raises InvalidOrder where they are not whole ones."""
        try:
            return milli(Decimal(str(value)))
        except ValueError:
            raise invalid(command_of(interaction), "amount", "too-fine", has=value) from None
