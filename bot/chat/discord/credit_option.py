"""The command option type for an amount of credits."""

import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Any

import discord
from discord import app_commands

from bot.catalogue.refusals import invalid
from bot.chat.discord.interactions import command_of
from bot.chat.discord.sent_data import Fields, fields, items, text
from bot.money import milli

LEAST, MOST = 0.001, 1_000_000_000.0
"""The limits of an amount in credits: one milli-credit, and a value that a double still represents exactly."""


TYPED = re.compile(r"(\d{1,12}|\d{1,3}(,\d{3})+)(\.\d{1,3})?")
"""An amount as people type it: 2000, 2,000 or 2.5."""


def typed_mcr(typed: str) -> int | None:
    """Return an amount of credits that was typed into a form, in milli-credits; None if the text is not an amount."""
    if TYPED.fullmatch(typed.strip()) is None:
        return None
    amount = Decimal(typed.strip().replace(",", ""))
    return milli(amount) if Decimal(str(LEAST)) <= amount <= Decimal(str(MOST)) else None


class Credits(app_commands.Transformer):
    """Converts an option from credits to milli-credits; up to three decimals are allowed."""

    LEAST = LEAST

    @property
    def type(self) -> discord.AppCommandOptionType:
        """Return the option type for numbers with decimals."""
        return discord.AppCommandOptionType.number

    @property
    def min_value(self) -> float:
        """Return the smallest amount that can be transferred, in credits."""
        return self.LEAST

    @property
    def max_value(self) -> float:
        """Return the largest amount that can be transferred at once, in credits."""
        return MOST

    async def transform(self, interaction: discord.Interaction[Any], value: Any, /) -> int:  # noqa: ANN401
        """Return the amount in milli-credits.

        Raises InvalidOrder if it has more than three decimals or is out of range. Discord checks the range too, but
        only against its own definition, which may be from another release.
        """
        try:
            amount = Decimal(str(value))
        except InvalidOperation:
            amount = Decimal("NaN")
        if not (amount.is_finite() and Decimal(str(self.LEAST)) <= amount <= Decimal(str(MOST))):
            raise invalid(
                command_of(interaction),
                _option(interaction, value),
                "takes-range",
                takes=f"{self.LEAST} to {MOST:,.0f}",
            )
        try:
            return milli(amount)
        except ValueError:
            raise invalid(command_of(interaction), _option(interaction, value), "too-fine", has=value) from None


class CreditsOrNone(Credits):
    """Converts an option from credits to milli-credits, which may be 0."""

    LEAST = 0


def _option(interaction: discord.Interaction[Any], value: object) -> str:
    """Return the name of the option with this value, because a transformer is not told which option it reads."""
    given = _leaves(fields(interaction.data).get("options"))
    return next((text(one.get("name")) for one in given if one.get("value") == value), "amount")


def _leaves(options: object) -> Iterator[Fields]:
    """Yield the options of a command as Discord sent them, without the groups and subcommands that they are in."""
    for one in map(fields, items(options)):
        yield from _leaves(one["options"]) if "options" in one else (one,)
