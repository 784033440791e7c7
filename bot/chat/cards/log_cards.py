"""The cards of log entries that need more than one line."""

from collections.abc import Awaitable, Callable

import discord

from bot.chat.cards.card import GREY, Card
from bot.chat.texts import wording
from bot.chat.texts.escaping import fenced, plain
from bot.chat.texts.forecast_texts import outlook
from bot.chat.texts.texts import Speech
from bot.funding.forecast import Pace, PoolForecasts
from bot.guilds.log_entries import LogEntry

SHOWN_CHARACTERS = 4_000
"""Discord allows 4,096 characters in the description of an embed; the rest is for the code block."""


def refused_prompt(entry: LogEntry, say: Speech) -> Card:
    """Return the card of a refused prompt, with everything that was typed."""
    facts = {name: plain(str(entry.facts[name])) for name in ("member", "channel", "rule", "source")}
    typed = str(entry.facts["prompt"])[:SHOWN_CHARACTERS]
    return Card(say("log-prompt-refused", **facts), discord.Embed(description=fenced(typed), colour=GREY))


def budget_card(entry: LogEntry, say: Speech) -> Card:
    """Return the card of a notice about a budget, which says what that budget applies to."""
    notice = say("log-budget", **entry.facts)
    if "owner" not in entry.facts:  # stored by an earlier version
        return Card(notice)
    return Card(f"{notice}\n{say('limit-line', **wording.translated_parameters(entry.facts, say))}")


def pool_note(forecasts: PoolForecasts) -> Callable[[LogEntry, Speech], Awaitable[str]]:
    """Return a function that says when the pool will run out, for a budget notice; it returns "" if that is unknown."""

    async def note(entry: LogEntry, say: Speech) -> str:
        found = await forecasts.of(entry.guild)
        return "" if found.pace in {Pace.UNKNOWN, Pace.IDLE} else outlook(found, say)

    return note
