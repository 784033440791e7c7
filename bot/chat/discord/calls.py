"""Turns cards into the parameters of discord.py calls, and classifies the outcome of a call."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus
from typing import Any, TypeVar

import aiohttp
import discord

from bot.chat.cards import button_rendering
from bot.chat.cards.card import Card
from bot.chat.discord.rest_requests import UNREADABLE

T = TypeVar("T")
OwnPlace = discord.PartialMessageable | discord.DMChannel

CALL_S = 10.0
"""How long a call without files may take. discord.py's own retries of 429 and 5xx would otherwise take minutes."""

UPLOAD_S = 90.0
"""How long a call with files may take."""

NEWEST = 100
"""How many of a channel's newest messages are searched for one of Easel's."""

log = logging.getLogger(__name__)

# Discord's JSON error codes: https://docs.discord.com/developers/topics/opcodes-and-status-codes
UNKNOWN_INTERACTION = 10062
UNKNOWN_WEBHOOK = 10015
UNKNOWN_MESSAGE = 10008
UNKNOWN_CHANNEL = 10003
ALREADY_ACKNOWLEDGED = 40060
INVALID_TOKEN = 50027
MISSING_PERMISSIONS = 50013

NO_MESSAGE = frozenset({UNKNOWN_INTERACTION, UNKNOWN_WEBHOOK, INVALID_TOKEN})
"""Error codes which mean that this interaction has no message and can no longer get one."""

CALL_ERRORS = (TimeoutError, aiohttp.ClientError, OSError, discord.HTTPException)
"""The exceptions that a failed call to Discord can raise."""


def server_failed(error: discord.HTTPException) -> bool:
    """Return whether Discord itself failed, in which case the call may have taken effect anyway."""
    return error.status >= HTTPStatus.INTERNAL_SERVER_ERROR


def code_of(error: Exception) -> int:
    """Return Discord's error code for a failed call; 0 if there is none."""
    return error.code if isinstance(error, discord.HTTPException) else 0


class CallOutcome(StrEnum):
    """The outcome of a call that creates or edits a message. An unclear one may have taken effect."""

    ACCEPTED = "taken"
    REFUSED = "refused"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class Sent:
    """The result of a call: its outcome, the id of the message (0 if unknown), and the error if it was refused."""

    outcome: CallOutcome
    message: int = 0
    error: discord.HTTPException | None = None

    @property
    def code(self) -> int:
        """Discord's error code; 0 if there is none."""
        return self.error.code if self.error else 0


async def with_timeout(call: Awaitable[T], timeout_s: float) -> T:
    """Await a call for at most `timeout_s` seconds. Raises TimeoutError; ConnectionError for an unreadable answer."""
    try:
        async with asyncio.timeout(timeout_s):
            return await call
    except UNREADABLE as error:  # the call may have taken effect all the same
        log.warning("Discord's answer cannot be read", exc_info=True)
        raise ConnectionError(f"Discord's answer cannot be read ({type(error).__name__})") from error


async def attempt(call: Awaitable[int], *, timeout_s: float = CALL_S) -> Sent:
    """Await a call that returns a message id, and return its result instead of raising."""
    try:
        return Sent(CallOutcome.ACCEPTED, await with_timeout(call, timeout_s))
    except discord.HTTPException as error:
        return Sent(CallOutcome.UNCLEAR if server_failed(error) else CallOutcome.REFUSED, error=error)
    except (TimeoutError, aiohttp.ClientError, OSError):
        return Sent(CallOutcome.UNCLEAR)


async def find_own_message(
    client: discord.Client, channel: OwnPlace, matches: Callable[[discord.Message], bool]
) -> int:
    """Return the id of Easel's newest matching message in a channel; 0 if there is none."""
    return next((message.id for message in await own_messages(client, channel) if matches(message)), 0)


async def own_messages(client: discord.Client, channel: OwnPlace) -> list[discord.Message]:
    """Return Easel's own messages among the newest ones of a channel, newest first.

    Only these are parsed: discord.py cannot read everything that other people's messages contain.
    """
    connection: Any = getattr(client, "_connection")  # noqa: B009 - the library parses whole channels only
    return [
        discord.Message(state=connection, channel=channel, data=sent)
        for sent in await client.http.logs_from(channel.id, NEWEST)
        if client.user is not None and str(sent["author"]["id"]) == str(client.user.id)
    ]


def message_fields(card: Card, files: Sequence[discord.File] = ()) -> dict[str, Any]:
    """Return the parameters for sending a card as a new message."""
    view = button_rendering.view(card)
    files = [*files, *(made.open() for made in card.made)]
    return {
        "content": card.content or None,
        "embeds": [card.embed] if card.embed else [],
        "allowed_mentions": mentions(card),
        **({"files": files} if files else {}),
        **({"view": view} if view else {}),
    }


def edit_fields(card: Card, files: Sequence[discord.File] = ()) -> dict[str, Any]:
    """Return the parameters for replacing everything in a message with this card.

    An edit keeps only the attachments it lists, and it does not remember who could be pinged before: without
    `allowed_mentions`, Discord would apply its defaults (resources/message, Edit Message).
    """
    return {
        "content": card.content or None,
        # Empty values are sent on purpose: Discord keeps what an edit leaves out.
        "embeds": [card.embed] if card.embed else [],
        "attachments": [*files, *(made.open() for made in card.made)],
        "allowed_mentions": discord.AllowedMentions.none(),
        "view": button_rendering.view(card),
    }


@contextmanager
def closing_files(fields: Mapping[str, Any]) -> Generator[None]:
    """Close the files of a call at its end. discord.py does so, except for the first answer to an interaction."""
    try:
        yield
    finally:
        for file in (*fields.get("files", ()), *fields.get("attachments", ())):
            file.close()


def mentions(card: Card) -> discord.AllowedMentions:
    """Return whom a message may ping: the member that the card mentions, and nobody else."""
    if card.mention is None:
        return discord.AllowedMentions.none()
    # Explicit False everywhere: omitted values fall back to discord.py's client-wide setting.
    return discord.AllowedMentions(
        everyone=False, roles=False, replied_user=False, users=[discord.Object(card.mention)]
    )
