"""Determines from a job's message how the job ended, if the database does not know: the reverse of `job_card`."""

import re
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation

import discord

from bot.chat.cards.card import GREEN, GREY, RED
from bot.chat.cards.job_card import CANCELLED_ICON, FAILED_ICON, READY_ICON
from bot.chat.texts.texts import Speech
from bot.jobs.ports import CardEnd, ShownFile
from bot.jobs.records import SPOILER_PREFIX
from bot.money import milli

# The icons and colours are the same in every language.
_BY_ICON = {READY_ICON: CardEnd.RESULT, FAILED_ICON: CardEnd.FAILED, CANCELLED_ICON: CardEnd.CANCELLED}
_BY_COLOUR = {GREEN: CardEnd.RESULT, RED: CardEnd.FAILED, GREY: CardEnd.CANCELLED}
_RESULT_NAME = re.compile(r"easel-[A-Z0-9]+-[A-Z0-9]+-(\d+)\.\w+")


def shown_end(content: str, embeds: Sequence[discord.Embed]) -> CardEnd | None:
    """Return how a job's message says that the job ended; None if it shows a job in progress."""
    for icon, end in _BY_ICON.items():
        if content.startswith(icon):
            return end
    colours = (embed.colour.value for embed in embeds if embed.colour is not None)
    return next((_BY_COLOUR[colour] for colour in colours if colour in _BY_COLOUR), None)


def charged_mcr(content: str, say: Speech) -> int | None:
    """Return the price on a finished job's card, in milli-credits; None if there is none. `say` is the card's language.

    The prompt is in the embed, so nothing else in the content looks like a price. A balance may follow the price.
    """
    pattern = re.escape(say("price", amount="AMOUNT")).replace("AMOUNT", r"(\d[\d,]*(?:\.\d+)?)")
    found = re.search(pattern, content)
    if found is None:
        return None
    try:
        return milli(Decimal(found[1].replace(",", "")))
    except (InvalidOperation, ValueError):
        return None


def result_files(attachments: Sequence[discord.Attachment]) -> tuple[ShownFile, ...]:
    """Return the results that are attached to a job's message, by number."""
    named = ((_RESULT_NAME.fullmatch(one.filename.removeprefix(SPOILER_PREFIX)), one) for one in attachments)
    files = (ShownFile(int(match[1]), one.filename, one.url) for match, one in named if match)
    return tuple(sorted(files, key=lambda file: file.number))
