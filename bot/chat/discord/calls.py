"""Turns cards into discord.py calls, and tells what became of a call."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus
from typing import Any, TypeVar

import aiohttp
import discord

from bot.chat.cards import buttons
from bot.chat.cards.card import Card

T = TypeVar("T")

CALL_S = 10.0
"""How long one small call to Discord may take, with the library's own retries: it would wait for minutes else."""

UPLOAD_S = 90.0
"""How long a call with files may take."""

NEWEST = 100
"""How many of a channel's newest messages are looked through for one of ours."""

UNKNOWN_INTERACTION = 10062
UNKNOWN_WEBHOOK = 10015
UNKNOWN_MESSAGE = 10008
ALREADY_ACKNOWLEDGED = 40060
INVALID_TOKEN = 50027

NO_MESSAGE = frozenset({UNKNOWN_INTERACTION, UNKNOWN_WEBHOOK, INVALID_TOKEN})
"""Answers that say: this interaction has no message, and can get none any more."""

CALL_ERRORS = (TimeoutError, aiohttp.ClientError, OSError, discord.HTTPException)
"""What a call to Discord raises when it did not work."""


def server_failed(error: discord.HTTPException) -> bool:
    """Tell whether Discord itself failed, so that the call may have worked all the same."""
    return error.status >= HTTPStatus.INTERNAL_SERVER_ERROR


class CallOutcome(StrEnum):
    """What became of a call that makes a message."""

    ACCEPTED = "taken"
    REFUSED = "refused"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class Sent:
    """The fate of a call, the message that it made, and the error that refused it."""

    outcome: CallOutcome
    message: int = 0
    error: discord.HTTPException | None = None

    @property
    def code(self) -> int:
        """Discord's error code; 0 where there is none."""
        return self.error.code if self.error else 0


async def with_timeout(call: Awaitable[T], timeout_s: float) -> T:
    """Await a call for at most that long. Raises TimeoutError."""
    async with asyncio.timeout(timeout_s):
        return await call


async def attempt(call: Awaitable[int], *, timeout_s: float = CALL_S) -> Sent:
    """Await a call that returns the id of the message it made, and tell what became of it."""
    try:
        return Sent(CallOutcome.ACCEPTED, await with_timeout(call, timeout_s))
    except discord.HTTPException as error:
        return Sent(CallOutcome.UNCLEAR if server_failed(error) else CallOutcome.REFUSED, error=error)
    except (TimeoutError, aiohttp.ClientError, OSError):
        return Sent(CallOutcome.UNCLEAR)


async def find_own_message(
    client: discord.Client, channel: discord.abc.Messageable, matches: Callable[[discord.Message], bool]
) -> int:
    """Look for a message among our own newest in a channel; 0 where there is none."""
    async for message in channel.history(limit=NEWEST):
        if client.user is not None and message.author.id == client.user.id and matches(message):
            return message.id
    return 0


def message_fields(card: Card, files: Sequence[discord.File] = ()) -> dict[str, Any]:
    """The parameters of a new message."""
    view = buttons.view(card.buttons, card.selects)
    return {
        "content": card.content or None,
        "embeds": [card.embed] if card.embed else [],
        "allowed_mentions": mentions(card),
        **({"files": list(files)} if files else {}),
        **({"view": view} if view else {}),
    }


def edit_fields(card: Card, files: Sequence[discord.File] = ()) -> dict[str, Any]:
    """The parameters of an edit that makes a message this card and nothing else. It pings nobody."""
    return {
        "content": card.content or None,
        "embeds": [card.embed] if card.embed else [],
        "attachments": list(files),
        "allowed_mentions": discord.AllowedMentions.none(),
        "view": buttons.view(card.buttons, card.selects),
    }


def mentions(card: Card) -> discord.AllowedMentions:
    """Whom a message may ping: the card's own addressee, nobody else."""
    if card.mention is None:
        return discord.AllowedMentions.none()
    return discord.AllowedMentions(
        everyone=False, roles=False, replied_user=False, users=[discord.Object(card.mention)]
    )
