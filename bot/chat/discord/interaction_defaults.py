"""Completes interactions before discord.py reads them, because it requires fields that Discord does not always send.

discord.py 2.7.1 requires `attachment_size_limit` and `version` (interactions.py, Interaction), and it parses a whole
message just to identify it as the target of a menu: a poll without an end is enough to make that fail. Easel reads the
pictures of such a message from the data (bot/chat/results/shown_pictures.py), so only its identity and its files are
left for discord.py.
"""

from collections.abc import Callable
from typing import Any

import discord

from bot.chat.discord.sent_data import Fields, fields, items
from bot.chat.discord_limits import UPLOAD_BYTES
from bot.permissions import INVITATION_BITS

DEFAULTS = {"attachment_size_limit": UPLOAD_BYTES, "version": 1, "app_permissions": str(INVITATION_BITS)}
"""If no permissions are stated, Easel assumes those of its invite link: if one is missing, Discord says so."""

KEPT = ("id", "channel_id", "author", "webhook_id")
ATTACHMENT = {"id", "size", "filename", "url", "proxy_url"}
"""The fields of an attachment that discord.py requires."""

AS_SENT = "as_sent"
"""The key in an interaction's data for the resolved messages as Discord sent them."""


def complete_interactions(client: discord.Client) -> None:
    """Make a client complete each interaction before reading it."""
    connection: Any = getattr(client, "_connection")  # noqa: B009 - the library has no hook before its parsers
    parsers: dict[str, Callable[[Any], None]] = connection.parsers
    parse = parsers["INTERACTION_CREATE"]
    parsers["INTERACTION_CREATE"] = lambda sent: parse(completed(sent, connection.application_id))


def completed(sent: Fields, application: int | None) -> dict[str, Any]:
    """Return an interaction with all fields that discord.py requires, and with messages that it can read."""
    data = fields(sent.get("data"))
    resolved = fields(data.get("resolved"))
    messages = fields(resolved.get("messages"))
    filled = {
        **DEFAULTS,
        "application_id": application,
        **{key: value for key, value in sent.items() if value is not None},
    }
    if not messages:
        return filled
    readable = {key: _readable(key, fields(message), sent) for key, message in messages.items()}
    return filled | {"data": {**data, "resolved": {**resolved, "messages": readable}, AS_SENT: messages}}


def message_as_sent(interaction: discord.Interaction[Any], message: int) -> Fields:
    """Return a resolved message as Discord sent it; empty if there is none."""
    return fields(fields(fields(interaction.data).get(AS_SENT)).get(str(message)))


def _readable(key: str, message: Fields, sent: Fields) -> dict[str, Any]:
    files = [file for file in items(message.get("attachments")) if fields(file).keys() >= ATTACHMENT]
    place: dict[str, Any] = {"id": key, "channel_id": sent.get("channel_id"), "type": 0, "content": "", "embeds": []}
    return {**place, **{name: message[name] for name in KEPT if name in message}, "attachments": files}
