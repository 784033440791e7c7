"""Keeps an event that discord.py cannot read from ending the connection, and with it the bot.

discord.py 2.7.1 parses each event in the loop that reads the gateway, so a KeyError in any of its parsers ends
`Client.connect` (gateway.py, DiscordWebSocket.received_message). Here the client gets an `unreadable_event` instead,
which it logs, and answers if it was an interaction. Only without READY is a connection unusable: it is then opened
again, after the same pauses that discord.py makes after losing a connection.
"""

import json
from typing import Any

import aiohttp
import discord
from discord.gateway import DiscordWebSocket, ReconnectWebSocket

from bot.chat.discord.sent_data import fields, text

OF_THE_CONNECTION = (ReconnectWebSocket, discord.DiscordException, OSError, aiohttp.ClientError)
"""Errors that discord.py itself handles."""

NEEDED = frozenset({"READY", ""})
"""Events without which the connection is unusable; messages without a name begin or end it."""


UNUSABLE = 4000
"""A close code after which the session can be resumed."""


class GuardedWebSocket(DiscordWebSocket):
    """A gateway connection that survives events that discord.py cannot read."""

    async def received_message(self, msg: Any, /) -> None:  # noqa: ANN401 - the library's signature
        """Handle a message. Raises ConnectionError if the connection is no longer usable."""
        sent = self._decompressor.decompress(msg) if isinstance(msg, bytes) else msg
        if sent is None:  # a part of a message
            return
        try:
            await super().received_message(sent)
        except OF_THE_CONNECTION:
            raise
        except Exception as error:
            name, data = _event(sent)
            if name in NEEDED:
                await self.close(code=UNUSABLE)  # also ends its heartbeats, which discord.py would keep sending
                raise ConnectionError(f"Discord's {name or 'message'} cannot be read: {error!r}") from error
            self._dispatch("unreadable_event", name, data, error)


def _event(sent: str) -> tuple[str, object]:
    """Return an event's name and data; an empty name if it has none."""
    try:
        message = json.loads(sent)
    except ValueError:
        return "", None
    return text(fields(message).get("t")), fields(message).get("d")
