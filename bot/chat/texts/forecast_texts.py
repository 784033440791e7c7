"""Texts about when a pool runs out."""

from bot.chat.texts.texts import Speech
from bot.chat.texts.wording import NONE
from bot.funding.forecast import Forecast


def outlook(found: Forecast, say: Speech) -> str:
    """Return text that says when a pool will run out, with a range, or why that is unknown."""
    dates = (found.first, found.expected, found.last)
    first, expected, last = (day.isoformat() if day else NONE for day in dates)
    return say(f"forecast-{found.pace}", days=found.days, first=first, expected=expected, last=last)
